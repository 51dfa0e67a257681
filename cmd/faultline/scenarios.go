package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/configs"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/schema"
)

func scenariosCommand(w world) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "scenarios [NAME]",
		Short:   "List the built-in scenarios, or print one",
		Example: "  faultline scenarios\n  faultline scenarios outage > outage.toml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return printScenario(w, args[0])
			}
			return listScenarios(w, asJSON)
		},
		ValidArgsFunction: completeScenarios,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// completeScenarios completes the name of a built-in scenario, or of a file.
func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return configs.Names(), cobra.ShellCompDirectiveDefault
}

func printScenario(w world, name string) error {
	text, err := configs.Read(name)
	if err != nil {
		return usage("scenario %q is not built in; there are %s", name, strings.Join(configs.Names(), ", "))
	}
	_, err = io.WriteString(w.stdout, text)
	return err
}

func listScenarios(w world, asJSON bool) error {
	if asJSON {
		list := make([]map[string]string, 0, len(configs.Names()))
		for _, name := range configs.Names() {
			list = append(list, map[string]string{"name": name, "summary": configs.Summary(name)})
		}
		return json.NewEncoder(w.stdout).Encode(list)
	}
	for _, name := range configs.Names() {
		if _, err := fmt.Fprintf(w.stdout, "%-22s %s\n", name, configs.Summary(name)); err != nil {
			return err
		}
	}
	return nil
}

// readScenario reads the scenario that an argument names: `-` is standard input, a name that is no file is a built-in.
func readScenario(arg string, w world) (name, text string, files fs.FS, err error) {
	if arg == "-" {
		data, err := io.ReadAll(io.LimitReader(w.stdin, maxScenario))
		return "-", string(data), os.DirFS("."), err
	}
	data, err := os.ReadFile(arg)
	if err == nil {
		return arg, string(data), os.DirFS(filepath.Dir(arg)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", "", nil, usage("read scenario: %w", err)
	}
	builtin, berr := configs.Read(arg)
	if berr != nil {
		return "", "", nil, usage("scenario %q is neither a file nor built in; built in are %s", arg, strings.Join(configs.Names(), ", "))
	}
	return arg + ".toml", builtin, configs.Files(), nil
}

// maxScenario is more than any scenario may have: what is longer is reported as too large when it is parsed.
const maxScenario = 2 << 20

// loadScenario reads and parses; a file with problems is an error that lists them all.
func loadScenario(arg string, w world) (*scenario.Scenario, error) {
	name, text, files, err := readScenario(arg, w)
	if err != nil {
		return nil, err
	}
	s, problems := scenario.Parse(name, text, files)
	if len(problems) > 0 {
		return nil, exit{exitUsage, errors.New(listProblems(problems))}
	}
	return s, nil
}

func listProblems(problems []schema.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
