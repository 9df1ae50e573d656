package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"souk/flows"
	"souk/locales"
	"souk/orders"
)

// lintCommand checks words and flows.
type lintCommand struct {
	Dir string `arg:"" optional:"" default:"." help:"The checkout whose words and sources are read; elsewhere only what is built in is checked." type:"path"`
}

// Run prints one fault a line, as file:line: what is wrong, and ends with exit code 1 where there is any.
func (c lintCommand) Run(o *outside) error {
	root := os.DirFS(c.Dir)
	faults := flows.Lint(flows.Souk(&orders.Shop{}), root)
	if _, err := fs.Stat(root, "locales/fr.toml"); err == nil {
		more, err := locales.Lint(root)
		if err != nil {
			return fmt.Errorf("lint %s: %w", c.Dir, err)
		}
		faults = append(faults, more...)
	} else if errors.Is(err, fs.ErrNotExist) {
		words, err := locales.Load()
		if err != nil {
			return fmt.Errorf("lint: %w", err)
		}
		faults = append(faults, words.Check()...)
	} else {
		return fmt.Errorf("lint %s: %w", c.Dir, err)
	}
	for _, fault := range faults {
		fmt.Fprintln(o.stdout, fault)
	}
	if len(faults) > 0 {
		return exitCode(exitFailed)
	}
	return nil
}
