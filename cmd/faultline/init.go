package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/scenario"
)

//go:embed init.toml
var initText []byte

// schemaName is what the first line of a scenario that init writes names.
const schemaName = "faultline.schema.json"

func initCommand(w world) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:     "init [FILE]",
		Short:   "Write a commented scenario to start from, and the JSON Schema for editors beside it",
		Example: "  faultline init\n  faultline init outage.toml && faultline validate outage.toml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			name := "faultline.toml"
			if len(args) == 1 {
				name = args[0]
			}
			return writeInit(w, name, force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "overwrite files that are there already")
	return cmd
}

func writeInit(w world, name string, force bool) error {
	if name == "-" {
		_, err := w.stdout.Write(initText)
		return err
	}
	beside := filepath.Join(filepath.Dir(name), schemaName)
	if err := writeNew(name, initText, force); err != nil {
		return err
	}
	if err := writeNew(beside, scenario.JSONSchema(), force || isSchema(beside)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w.stdout, "wrote %s, and %s for editors\nnext:  faultline validate %s\n       faultline proxy %s -- celery -A proj worker\n", name, beside, name, name)
	return err
}

// isSchema reports whether a file is a schema that some version of faultline has written: it may be written anew.
func isSchema(name string) bool {
	data, err := os.ReadFile(name)
	return err == nil && bytes.Contains(data, []byte(scenario.SchemaTitle))
}

// writeNew writes a file that is not there yet, or with force any.
func writeNew(name string, data []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("%q is there already; --force overwrites it", name)
	}
	if err != nil {
		return usage("write: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return usage("write %q: %w", name, err)
	}
	return nil
}
