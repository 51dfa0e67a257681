package main

import (
	"encoding/json"
	"fmt"

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

// finding is one error or warning, as --json prints it.
type finding struct {
	Severity string `json:"severity"` // "error" or "warning"
	File     string `json:"file"`
	Line     int    `json:"line"`
	Key      string `json:"key"`
	Got      string `json:"got"`
	Want     string `json:"want"`
	Hint     string `json:"hint"`
	Text     string `json:"text"`
}

func validate(w world, args []string, asJSON bool) error {
	findings := []finding{}
	broken := 0
	for _, arg := range args {
		problems, warnings, err := examine(w, arg, asJSON)
		if err != nil {
			return err
		}
		broken += len(problems)
		findings = append(findings, findingsOf("error", problems)...)
		findings = append(findings, findingsOf("warning", warnings)...)
	}
	if err := printFindings(w, findings, asJSON); err != nil {
		return err
	}
	if broken > 0 {
		return exit{code: exitUsage}
	}
	return nil
}

// examine gives what is to be said of one scenario, and says for people when it is valid.
func examine(w world, arg string, quiet bool) (problems, warnings []schema.Problem, err error) {
	src, err := readScenario(arg, w)
	if err != nil {
		return nil, nil, err
	}
	defer src.close()
	s, problems := scenario.Parse(src.name, src.text, src.files)
	if s == nil {
		return problems, nil, nil
	}
	warnings = scenario.Warnings(s)
	if !quiet {
		_, err = fmt.Fprintf(w.stdout, "%s: valid, %s, %s\n", src.name, counted(len(s.Rules), "rule"), counted(len(warnings), "warning"))
	}
	return nil, warnings, err
}

func findingsOf(severity string, problems []schema.Problem) []finding {
	list := make([]finding, len(problems))
	for i, p := range problems {
		list[i] = finding{severity, p.File, p.Line, p.Key, p.Got, p.Want, p.Hint, p.Error()}
	}
	return list
}

func printFindings(w world, findings []finding, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w.stdout).Encode(findings)
	}
	for _, f := range findings {
		text := f.Text
		if f.Severity == "warning" {
			text = "warning: " + text
		}
		fmt.Fprintln(w.stderr, text)
	}
	return nil
}
