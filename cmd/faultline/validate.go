package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/schema"
)

func validateCommand(w world) *cobra.Command {
	var asJSON, printSchema bool
	cmd := &cobra.Command{
		Use:     "validate FILE…",
		Short:   "Show all errors and warnings of scenarios",
		Example: "  faultline validate outage.toml\n  faultline validate --json configs/*.toml\n  faultline validate --schema > faultline.schema.json",
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case printSchema && len(args) == 0:
				_, err := w.stdout.Write(scenario.JSONSchema())
				return err
			case printSchema:
				return usage("--schema prints the JSON Schema of all scenarios, and looks at none: leave %q out", args[0])
			case len(args) == 0:
				return usage("want the file of a scenario, - for standard input, or the name of a built-in one")
			}
			return validate(w, args, asJSON)
		},
		ValidArgsFunction: completeScenarios,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&printSchema, "schema", false, "print the JSON Schema of scenarios, for editors (taplo, Even Better TOML)")
	return cmd
}

// finding is what is to be said of a place in a scenario, as --json prints it.
type finding struct {
	Severity string `json:"severity"` // "error", "warning" or "note"
	File     string `json:"file"`
	Line     int    `json:"line"`   // 0: the file as a whole
	Column   int    `json:"column"` // in characters, from 1; 0: the line as a whole
	Key      string `json:"key"`
	Got      string `json:"got"`
	Want     string `json:"want"`
	Hint     string `json:"hint"`
	Text     string `json:"text"`

	shown string // for people, with the place
}

func validate(w world, args []string, asJSON bool) error {
	findings := []finding{}
	for _, arg := range args {
		found, err := examine(w, arg, asJSON)
		if err != nil && len(args) == 1 && !asJSON {
			return err
		}
		if err != nil { // what is wrong with the others is to be seen, too
			found = []finding{{Severity: "error", File: arg, Text: err.Error(), shown: err.Error()}}
		}
		findings = append(findings, found...)
	}
	if err := printFindings(w, findings, asJSON); err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f finding) bool { return f.Severity == "error" }) {
		return exit{code: exitUsage}
	}
	return nil
}

// examine gives what is to be said of one scenario, and says for people when it is valid.
func examine(w world, arg string, quiet bool) ([]finding, error) {
	src, err := readScenario(arg, w)
	if err != nil {
		return nil, err
	}
	defer src.close()
	s, problems := scenario.Parse(src.name, src.text, src.files)
	if s == nil {
		return findingsOf("error", problems, src.text), nil
	}
	warnings, notes := scenario.Warnings(s), scenario.Notes(s)
	if !quiet {
		lines := fmt.Sprintf("%s: valid, %s, %s\n", src.name, counted(len(s.Rules), "rule"), counted(len(warnings), "warning"))
		for _, n := range notes {
			lines += "  " + printable(n.What) + "\n"
		}
		if _, err := io.WriteString(w.stdout, lines); err != nil {
			return nil, err
		}
	}
	return append(findingsOf("warning", warnings, src.text), findingsOf("note", notes, src.text)...), nil
}

func findingsOf(severity string, problems []schema.Problem, text string) []finding {
	list := make([]finding, len(problems))
	for i, p := range problems {
		list[i] = finding{severity, p.File, p.Line, p.Column(text), p.Key, p.Got, p.Want, p.Hint, p.Error(), p.Show(text)}
	}
	return list
}

// printFindings prints all of them as JSON, or errors and warnings for people.
func printFindings(w world, findings []finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w.stdout).Encode(findings)
	}
	for _, f := range findings {
		switch f.Severity {
		case "error":
			fmt.Fprintln(w.stderr, f.shown)
		case "warning":
			fmt.Fprintln(w.stderr, "warning: "+f.shown)
		}
	}
	return nil
}
