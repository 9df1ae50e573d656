package main

import (
	"fmt"

	"souk/flows/intent"
)

// parseCommand shows how Souk reads people.
type parseCommand struct {
	Intent parseIntentCommand `cmd:"" help:"Read one message a line from stdin (plain, or a JSON string), print what it asks for as one JSON object a line."`
}

type parseIntentCommand struct{}

// Run needs neither a database nor a setting.
func (parseIntentCommand) Run(o *outside) error {
	if err := intent.Stream(o.stdin, o.stdout); err != nil {
		return fmt.Errorf("parse intents: %w", err)
	}
	return nil
}
