package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/faultline/faultline/schema"

	"golang.org/x/sys/unix"
)

// version is what --version and build_info say; set by the linker for a release.
var version = "0.1.0-dev"

// world is everything outside that a command touches.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	environ        []string
	isTerminal     bool // stdout is one
	errorsAreSeen  bool // stderr is one
}

// lookup is the value of an environment variable.
func (w world) lookup(name string) (string, bool) {
	for i := len(w.environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(w.environ[i], name+"="); ok {
			return value, true
		}
	}
	return "", false
}

// commands is THE table of commands, in the order of the help text.
var commands = []func(world) *cobra.Command{
	proxyCommand,
	trialCommand,
	demoCommand,
	receiveCommand,
	sendCommand,
	checkCommand,
	reportCommand,
	deliveriesCommand,
	replayCommand,
	initCommand,
	validateCommand,
	explainCommand,
	scenariosCommand,
	policiesCommand,
	caCommand,
	envCommand,
}

// The exit codes.
const (
	exitFine         = 0
	exitFail         = 1   // the verdict is fail
	exitUsage        = 2   // wrong use or scenario, or anything that another flag or file mends
	exitInconclusive = 3   // no traffic, too
	exitInternal     = 4   // an internal error, or log records were lost
	exitInterrupted  = 130 // ended by an interrupt
)

// exit is an error with the exit code that it stands for. An empty text prints nothing.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// usage is an error of the operator's that another flag or file mends.
func usage(format string, args ...any) error { return exit{exitUsage, fmt.Errorf(format, args...)} }

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, w world) int {
	root := rootCommand(w)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var coded exit
	var problems invalid
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &problems):
		fmt.Fprintln(w.stderr, problems)
		return exitUsage
	case errors.As(err, &coded):
		if text := err.Error(); text != "" {
			fmt.Fprintf(w.stderr, "faultline: %s\n", text)
		}
		return coded.code
	default: // cobra's own: unknown commands and flags
		fmt.Fprintf(w.stderr, "faultline: %s\n", err)
		return exitUsage
	}
}

func rootCommand(w world) *cobra.Command {
	root := &cobra.Command{
		Use:           "faultline",
		Short:         "A chaos proxy between Celery workers and the webhook endpoints that they call",
		Long:          rootLong,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(w.stdin)
	root.SetOut(w.stdout)
	root.SetErr(w.stderr)
	root.SetVersionTemplate("faultline {{.Version}}\n")
	for _, command := range commands {
		root.AddCommand(command(w))
	}
	root.SetFlagErrorFunc(hintFlag)
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd.Flags(), w) }
	return root
}

// hintFlag adds what was probably meant to the error of an unknown flag.
func hintFlag(cmd *cobra.Command, err error) error {
	typo, unknown := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !unknown {
		return exit{exitUsage, err}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if name := schema.Closest(typo, names); name != "" {
		return usage("%w\n  hint: did you mean --%s?", err, name)
	}
	return exit{exitUsage, err}
}

const rootLong = `faultline sits between workers and the webhook endpoints that they call. It forwards every delivery attempt to its real
target, bends or breaks the ones that a TOML scenario names, and logs what happened.

Start with:  faultline demo
Then:        faultline proxy outage -- celery -A proj worker`

// fromEnvironment sets each flag that was not given from FAULTLINE_<FLAG>; other variables of that prefix are ignored.
func fromEnvironment(flags *pflag.FlagSet, w world) error {
	var failed error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "FAULTLINE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := w.lookup(name)
		if !ok || f.Changed || failed != nil || f.Name == "help" || f.Name == "version" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			failed = usage("%s: %w", name, err)
		}
	})
	return failed
}

func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS) // /dev/null is a character device as well
	return err == nil
}
