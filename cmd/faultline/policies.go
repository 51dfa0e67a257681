package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/schema"
)

func policiesCommand(w world) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "policies [NAME]",
		Short:   "The published retry policies that [expect] policy knows, spelled out, with source and date",
		Example: "  faultline policies\n  faultline policies standard-webhooks",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			presets := analysis.Presets()
			if len(args) == 1 {
				named, err := presetNamed(args[0], presets)
				if err != nil {
					return err
				}
				presets = []analysis.Preset{named}
			}
			if asJSON {
				return printPresetsJSON(w, presets)
			}
			return printPresets(w, presets, len(args) == 1)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return presetNames(analysis.Presets()), cobra.ShellCompDirectiveNoFileComp
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func presetNamed(name string, presets []analysis.Preset) (analysis.Preset, error) {
	for _, p := range presets {
		if p.Name == name {
			return p, nil
		}
	}
	return analysis.Preset{}, usage("policy %q: want one of %s", name, strings.Join(presetNames(presets), ", "))
}

func presetNames(presets []analysis.Preset) []string {
	names := make([]string, len(presets))
	for i, p := range presets {
		names[i] = p.Name
	}
	return names
}

func printPresets(w world, presets []analysis.Preset, whole bool) error {
	for _, p := range presets {
		if _, err := fmt.Fprintf(w.stdout, "%-20s %s\n", p.Name, p.Says); err != nil {
			return err
		}
		if !whole {
			continue
		}
		if _, err := fmt.Fprintf(w.stdout, "\n[expect]     # %s; %s\n%s", p.Source, p.Date, presetTOML(p.Expectations)); err != nil {
			return err
		}
	}
	return nil
}

// presetJSON is what --json prints of each.
type presetJSON struct {
	Name   string `json:"name"`
	Says   string `json:"says"`
	Source string `json:"source"`
	Date   string `json:"date"`
	Expect string `json:"expect"` // the keys of [expect] that it stands for, as TOML
}

func printPresetsJSON(w world, presets []analysis.Preset) error {
	list := make([]presetJSON, len(presets))
	for i, p := range presets {
		list[i] = presetJSON{p.Name, p.Says, p.Source, p.Date, presetTOML(p.Expectations)}
	}
	return json.NewEncoder(w.stdout).Encode(list)
}

// presetTOML are the keys of [expect] that a preset stands for.
func presetTOML(e scenario.Expectations) string {
	var b strings.Builder
	key := func(name, value string) { fmt.Fprintf(&b, "%s = %s\n", name, value) }
	if e.MinAttempts != nil {
		key("min_attempts", fmt.Sprint(*e.MinAttempts))
	}
	if e.MaxAttempts != nil {
		key("max_attempts", fmt.Sprint(*e.MaxAttempts))
	}
	if e.KeepsTrying != nil {
		key("keeps_trying", quotedDuration(*e.KeepsTrying))
	}
	if e.Backoff != nil {
		key("backoff", backoffTOML(*e.Backoff))
	}
	if e.RetryAfter != nil {
		key("retry_after", "true")
	}
	for _, list := range []struct {
		name string
		is   []string
	}{{"never_retry", e.NeverRetry}, {"always_retry", e.AlwaysRetry}, {"stops_endpoint", e.StopsAt}} {
		if list.is != nil {
			key(list.name, listTOML(list.is))
		}
	}
	if e.MaxTime != nil {
		key("max_time", quotedDuration(*e.MaxTime))
	}
	if e.Timeout != nil {
		key("timeout", timeoutTOML(*e.Timeout))
	}
	return b.String()
}

func quotedDuration(d time.Duration) string { return strconv.Quote(schema.FormatDuration(d)) }

func listTOML(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = strconv.Quote(word)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func timeoutTOML(between [2]time.Duration) string {
	if between[0] == between[1] {
		return quotedDuration(between[0])
	}
	return strconv.Quote(schema.FormatDuration(between[0]) + "-" + schema.FormatDuration(between[1]))
}

func backoffTOML(b scenario.Backoff) string {
	var parts []string
	if b.Shape != "" {
		parts = append(parts, "shape = "+strconv.Quote(b.Shape))
	}
	if b.Schedule != nil {
		waits := make([]string, len(b.Schedule))
		for i, wait := range b.Schedule {
			waits[i] = quotedDuration(wait)
		}
		parts = append(parts, "schedule = ["+strings.Join(waits, ", ")+"]")
	}
	if b.Repeats {
		parts = append(parts, "repeats = true")
	}
	if b.First > 0 {
		parts = append(parts, "first = "+quotedDuration(b.First))
	}
	if b.Factor > 0 {
		parts = append(parts, fmt.Sprintf("factor = %g", b.Factor))
	}
	if b.Cap > 0 {
		parts = append(parts, "cap = "+quotedDuration(b.Cap))
	}
	if b.Jitter != "" {
		parts = append(parts, "jitter = "+strconv.Quote(b.Jitter))
	}
	if b.Tolerance > 0 {
		parts = append(parts, fmt.Sprintf("tolerance = %q", schema.FormatShare(b.Tolerance)))
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}
