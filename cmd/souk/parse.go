package main

import (
	"fmt"

	"souk/flows/intent"
	"souk/flows/listing"
)

// parseCommand shows how Souk reads people.
type parseCommand struct {
	Listing parseListingCommand `cmd:"" help:"Read one caption a line from stdin (plain, or a JSON string), print what it sells as one JSON object a line; null for no listing."`
	Intent  parseIntentCommand  `cmd:"" help:"Read one message a line from stdin (plain, or a JSON string), print what it asks for as one JSON object a line."`
}

type parseIntentCommand struct{}

// Run needs neither a database nor a setting.
func (parseIntentCommand) Run(o *outside) error {
	if err := intent.Stream(o.stdin, o.stdout); err != nil {
		return fmt.Errorf("parse intents: %w", err)
	}
	return nil
}

type parseListingCommand struct{}

// Run needs neither a database nor a setting.
func (parseListingCommand) Run(o *outside) error {
	if err := listing.Stream(o.stdin, o.stdout); err != nil {
		return fmt.Errorf("parse listings: %w", err)
	}
	return nil
}
