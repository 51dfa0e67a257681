package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/analysis"
)

func checkCommand(w world) *cobra.Command {
	var flags checkFlags
	cmd := &cobra.Command{
		Use:   "check LOG…",
		Short: "Judge a log against [expect]: pass, fail or inconclusive",
		Long: `check judges what a log holds (folders or files, several as one) against [expect] of the scenario in the log, or of --scenario. It says what became of
the deliveries, how the sender retries, which of the classic mistakes it makes and what mends them. The same log gives the same verdict.

It exits with 0 for a pass, 1 for a fail, 3 when it cannot be told: then it says what would tell.`,
		Example: "  faultline check faultline-log\n  faultline check faultline-log --scenario outage.toml --settle 60s --junit verdict.xml\n  faultline check host-a/log host-b/log --emitted 200 --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runCheck(cmd.Context(), w, args, &flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.scenario, "scenario", "", "scenario whose [expect] is asked (default: the one in the log)")
	f.Var(&flags.settle, "settle", "how long a delivery must be silent to be lost; 0s: the sender has ended (default: three times the policy's longest gap, at least 200s)")
	f.IntVar(&flags.emitted, "emitted", 0, "how many deliveries there were in all, if that is known")
	f.StringVar(&flags.junit, "junit", "", "file that gets the checks as JUnit XML, - for standard output")
	f.BoolVar(&flags.asJSON, "json", false, "print JSON")
	return cmd
}

type checkFlags struct {
	scenario string
	settle   settleFlag
	emitted  int
	junit    string
	asJSON   bool
}

func runCheck(ctx context.Context, w world, paths []string, flags *checkFlags) error {
	if flags.emitted < 0 {
		return usage("--emitted %d: want a number from 1", flags.emitted)
	}
	l, err := readLogs(ctx, w, paths)
	if err != nil {
		return err
	}
	defer l.close()
	q, err := l.question(flags.scenario, &flags.settle, flags.emitted, w)
	if err != nil {
		return err
	}
	report, err := l.judge(&l.log, q)
	if err != nil {
		return err
	}
	if flags.junit != "" {
		text, err := report.JUnit()
		if err != nil {
			return fmt.Errorf("write JUnit: %w", err)
		}
		if err := writeFile(flags.junit, text, w); err != nil {
			return err
		}
	}
	if err := printVerdict(w, report, l.name(), flags.asJSON); err != nil {
		return err
	}
	return verdictCode(report.Verdict)
}

// printVerdict writes it for people, or as JSON.
func printVerdict(w world, report *analysis.Report, log string, asJSON bool) error {
	text := []byte(report.Text(log))
	if asJSON {
		var err error
		if text, err = report.VerdictJSON(); err != nil {
			return fmt.Errorf("write verdict: %w", err)
		}
	}
	_, err := w.stdout.Write(text)
	return err
}
