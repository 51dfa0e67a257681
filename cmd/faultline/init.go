package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

//go:embed init.toml
var initText string

func initCommand(w world) *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:     "init [FILE]",
		Short:   "Write a commented scenario to start from",
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
	cmd.Flags().BoolVar(&force, "force", false, "overwrite a file that is there already")
	return cmd
}

func writeInit(w world, name string, force bool) error {
	if name == "-" {
		_, err := fmt.Fprint(w.stdout, initText)
		return err
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage("%q is there already; --force overwrites it", name)
	}
	if err != nil {
		return usage("write scenario: %w", err)
	}
	if _, err := f.WriteString(initText); err != nil {
		return errors.Join(usage("write scenario %q: %w", name, err), f.Close())
	}
	if err := f.Close(); err != nil {
		return usage("write scenario %q: %w", name, err)
	}
	_, err = fmt.Fprintf(w.stdout, "wrote %s\nnext:  faultline validate %s\n       faultline proxy %s -- celery -A proj worker\n", name, name, name)
	return err
}
