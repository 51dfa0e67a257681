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

// source is the text of a scenario, and the folder that its files are in. The caller closes it.
type source struct {
	name, text string
	files      fs.FS
	folder     *os.Root // nil for a built-in
}

func (s source) close() {
	if s.folder != nil {
		_ = s.folder.Close() // was only read
	}
}

// readScenario reads the scenario that an argument names: `-` is standard input, a name that is no file is a built-in.
func readScenario(arg string, w world) (source, error) {
	if arg == "-" {
		data, err := io.ReadAll(io.LimitReader(w.stdin, maxScenario))
		if err != nil {
			return source{}, usage("read scenario: %w", err)
		}
		return inFolder(source{name: arg, text: string(data)}, ".")
	}
	if _, err := os.Lstat(arg); errors.Is(err, fs.ErrNotExist) {
		return builtIn(arg)
	}
	return readFile(arg)
}

// readFile reads the scenario in a file.
func readFile(arg string) (source, error) {
	f, err := os.Open(arg)
	if err != nil {
		return source{}, usage("read scenario: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxScenario))
	if err = errors.Join(err, f.Close()); err != nil {
		return source{}, usage("read scenario: %w", err)
	}
	return inFolder(source{name: arg, text: string(data)}, filepath.Dir(arg))
}

// sourceBeside is a text with the files that the scenario named by an argument has.
func sourceBeside(arg, text string) (source, error) {
	switch {
	case arg == "" || arg == "-":
		return inFolder(source{name: "scenario.toml", text: text}, ".")
	case isFile(arg):
		return inFolder(source{name: arg, text: text}, filepath.Dir(arg))
	default:
		return source{name: arg, text: text, files: configs.Files()}, nil
	}
}

// isFile reports whether the argument names a file, not a built-in scenario or standard input.
func isFile(arg string) bool {
	_, err := os.Stat(arg)
	return arg != "-" && err == nil
}

// maxScenario is more than any scenario may have: what is longer is reported as too large when it is parsed.
const maxScenario = 2 << 20

// inFolder gives a source the files of a folder, and of no other: a link that leads out of it is not followed.
func inFolder(s source, dir string) (source, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return source{}, usage("open the scenario's folder: %w", err)
	}
	s.folder, s.files = root, root.FS()
	return s, nil
}

func builtIn(arg string) (source, error) {
	name := strings.TrimSuffix(arg, ".toml")
	text, err := configs.Read(name)
	if err != nil {
		return source{}, usage("scenario %q is neither a file nor built in; built in are %s", arg, strings.Join(configs.Names(), ", "))
	}
	return source{name: name + ".toml", text: text, files: configs.Files()}, nil
}

// loadScenario reads and parses; a file with problems is an error that lists them all.
func loadScenario(arg string, w world) (*scenario.Scenario, error) {
	src, err := readScenario(arg, w)
	if err != nil {
		return nil, err
	}
	defer src.close()
	s, problems := scenario.Parse(src.name, src.text, src.files)
	if len(problems) > 0 {
		return nil, exit{exitUsage, invalid(problems)}
	}
	return s, nil
}

// invalid are the problems of a file, each on lines of its own that an editor can read.
type invalid []schema.Problem

func (i invalid) Error() string { return listProblems(i) }

func listProblems(problems []schema.Problem) string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}
