package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/schema"
)

func reportCommand(w world) *cobra.Command {
	var flags reportFlags
	cmd := &cobra.Command{
		Use:   "report LOG…",
		Short: "Success rates by host, and by fault; the sender's retry policy",
		Long: `report says what became of what was sent to each host, the worst first, and of what met each kind of fault; and how the sender retries, as its own
attempts show it, with the classic mistakes that it makes.

--html makes one page of it, with plots: the attempts over time, the gaps against the policy, deliveries attempt by attempt, how long attempts took, and how
the retries came when an outage was over. It holds all it needs, and says what it has left out of a large log.`,
		Example: "  faultline report faultline-log\n  faultline report faultline-log --host hooks.example.com --since 1h\n  faultline report faultline-log --html report.html\n  faultline report faultline-log --csv > hosts.csv",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runReport(cmd.Context(), w, args, &flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.host, "host", "", "deliveries to this host alone")
	f.StringVar(&flags.since, "since", "", "deliveries that began since: a date-time, or so long before the end of the log, e.g. 1h")
	f.Var(&flags.settle, "settle", "how long a delivery must be silent to be lost; 0s: the sender has ended")
	f.BoolVar(&flags.asJSON, "json", false, "print JSON")
	f.BoolVar(&flags.asCSV, "csv", false, "print the table of hosts as CSV")
	f.StringVar(&flags.html, "html", "", "file that gets a page with plots, - for standard output")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	return cmd
}

type reportFlags struct {
	host, since   string
	settle        settleFlag
	asJSON, asCSV bool
	html          string
}

// part reports whether the report is of a part of the log alone, of which no expectation can be judged.
func (f *reportFlags) part() bool { return f.host != "" || f.since != "" }

func runReport(ctx context.Context, w world, paths []string, flags *reportFlags) error {
	if flags.html == "-" && (flags.asJSON || flags.asCSV) {
		return usage("--html -: the page goes to standard output, and so does what --json or --csv prints; name a file")
	}
	l, err := readLogs(ctx, w, paths)
	if err != nil {
		return err
	}
	defer l.close()
	q, err := l.question("", &flags.settle, 0, w)
	if err != nil {
		return err
	}
	log := &l.log
	if flags.host != "" {
		log = log.Of(func(d *deliveries.Delivery) bool { return d.Host == flags.host })
	}
	if flags.since != "" {
		since, err := sinceTime(flags.since, log.Last())
		if err != nil {
			return err
		}
		log = log.Of(func(d *deliveries.Delivery) bool { return !began(d).Before(since) })
	}
	if q.Plots = flags.html != ""; !q.Plots || flags.part() {
		q.Expect = nil
	}
	report, err := l.judge(log, q)
	if err != nil {
		return err
	}
	if q.Plots {
		if err := writePage(w, report, flags.html); err != nil {
			return err
		}
	}
	if err := printReport(w, report, flags); err != nil {
		return err
	}
	if report.Attempts == 0 {
		return exit{code: exitInconclusive}
	}
	return nil
}

// sinceTime is a date-time, or so long before the end.
func sinceTime(text string, end time.Time) (time.Time, error) {
	if before, err := schema.ParseDuration(text); err == nil {
		return end.Add(-before), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, usage("--since %q: want a duration such as 1h, or a date-time such as 2026-11-24T09:00:00Z", text)
	}
	return at, nil
}

// began is when a delivery's first attempt began.
func began(d *deliveries.Delivery) time.Time {
	first := time.Time{}
	for _, a := range d.Attempts {
		if first.IsZero() || a.Start.Before(first) {
			first = a.Start
		}
	}
	for _, o := range d.Unfinished {
		if first.IsZero() || o.Start.Before(first) {
			first = o.Start
		}
	}
	return first
}

// writePage writes the report as a page.
func writePage(w world, report *analysis.Report, name string) error {
	page, err := report.HTML()
	if err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	return writeFile(name, page, w)
}

func printReport(w world, report *analysis.Report, flags *reportFlags) error {
	switch {
	case flags.html == "-":
		return nil
	case flags.asCSV:
		return printCSV(w, report)
	case flags.asJSON:
		text, err := report.JSON()
		if err != nil {
			return fmt.Errorf("write report: %w", err)
		}
		_, err = w.stdout.Write(text)
		return err
	}
	_, err := fmt.Fprint(w.stdout, report.Table()+"\n"+report.Habits())
	return err
}

// printCSV prints the hosts, with the names of the JSON.
func printCSV(w world, report *analysis.Report) error {
	outcomes := []deliveries.Outcome{deliveries.Acknowledged, deliveries.Rejected, deliveries.Broken, deliveries.Unanswered, deliveries.Aborted}
	head := []string{"host", "attempts", "deliveries", "success_rate", "p50_ms", "p99_ms", "duplicates"}
	for _, o := range outcomes {
		head = append(head, string(o))
	}
	rows := [][]string{head}
	for _, e := range report.Endpoints {
		row := []string{
			e.Host, strconv.Itoa(e.Attempts), strconv.Itoa(e.Deliveries), number(e.SuccessRate), number(float64(e.P50) / 1e6), number(float64(e.P99) / 1e6), strconv.Itoa(e.Duplicates),
		}
		for _, o := range outcomes {
			row = append(row, strconv.Itoa(e.ByOutcome[o]))
		}
		rows = append(rows, row)
	}
	return csv.NewWriter(w.stdout).WriteAll(rows)
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
