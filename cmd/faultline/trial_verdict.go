package main

import (
	"errors"
	"fmt"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/trial"
)

// reconcile says what became of what was emitted. What never came to the wire fails the trial, whatever the log says.
func (t *trialRun) reconcile(keys []string, part *trialPart, verdict analysis.Result) error {
	stories, err := part.log.stories(analysis.Question{Ended: true})
	if err != nil {
		return err
	}
	arrived := make(map[string]bool)
	for _, s := range stories {
		before, known := arrived[s.Key]
		arrived[s.Key] = s.Delivery.Delivered && (before || !known)
	}
	r := trial.Reconcile(keys, arrived)
	out := t.world.stdout
	if t.flags.asJSON {
		out = t.world.stderr // standard output is one JSON value
	}
	if _, err := fmt.Fprint(out, r.Text()); err != nil {
		return err
	}
	if len(r.NeverAttempted) > 0 {
		return exit{code: exitFail}
	}
	return verdictCode(verdict)
}

func (t *trialRun) judge(part *trialPart, emitted int) (*analysis.Report, error) {
	settle := t.flags.settle
	if !settle.given && !part.sender.Ended {
		settle = settleFlag{after: part.progress.Settle, given: true} // what was waited for
	}
	q, err := part.log.question("", &settle, emitted, t.world)
	if err != nil {
		return nil, err
	}
	q.Ended, q.Plots = q.Ended || part.sender.Ended, t.flags.html != ""
	return part.log.judge(&part.log.log, q)
}

// write writes the verdict, and the files that were asked for.
func (t *trialRun) write(report *analysis.Report, part *trialPart) error {
	var errs []error
	if t.flags.junit != "" {
		text, err := report.JUnit()
		errs = append(errs, err, writeFile(t.flags.junit, text, t.world))
	}
	if t.flags.html != "" {
		errs = append(errs, writePage(t.world, report, t.flags.html))
	}
	errs = append(errs, printVerdict(t.world, report, part.dir, t.flags.asJSON))
	return errors.Join(errs...)
}
