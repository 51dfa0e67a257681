package main

import (
	"errors"
	"fmt"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/trial"
)

// reconcile adds to a report what became of the keys that were emitted, and says it in words.
func (t *trialRun) reconcile(report *analysis.Report, keys []string, part *trialPart) (string, error) {
	stories, err := part.log.stories(analysis.Question{Ended: true})
	if err != nil {
		return "", err
	}
	arrived := make(map[string]bool)
	for _, s := range stories {
		before, known := arrived[s.Key]
		arrived[s.Key] = s.Delivery.Delivered && (before || !known)
	}
	r := trial.Reconcile(keys, arrived)
	report.AddEmitted(r.Emitted, r.NeverAttempted, len(r.Undelivered))
	return r.Text(), nil
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

// write writes the verdict, what else is said, and the files that were asked for.
func (t *trialRun) write(report *analysis.Report, said string, part *trialPart) error {
	var errs []error
	if t.flags.junit != "" {
		text, err := report.JUnit()
		errs = append(errs, err, writeFile(t.flags.junit, text, t.world))
	}
	if t.flags.html != "" {
		errs = append(errs, writePage(t.world, report, t.flags.html))
	}
	errs = append(errs, printVerdict(t.world, report, part.dir, t.flags.asJSON))
	out := t.world.stdout
	if t.flags.asJSON {
		out = t.world.stderr // standard output is one JSON value
	}
	_, err := fmt.Fprint(out, said)
	errs = append(errs, err)
	return errors.Join(errs...)
}
