package main

import (
	"errors"
	"fmt"
	"strings"

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
	errs := []error{t.files(report)}
	errs = append(errs, printVerdict(t.world, report, part.dir, t.flags.asJSON))
	out := t.world.stdout
	if t.flags.asJSON {
		out = t.world.stderr // standard output is one JSON value
	}
	_, err := fmt.Fprint(out, said)
	errs = append(errs, err)
	return errors.Join(errs...)
}

// inconclusive ends a trial that has not come to a verdict, with the reason, and what led to it, in each form that was asked for.
func (t *trialRun) inconclusive(reason string, why []string) error {
	t.say("inconclusive: %s", reason)
	for _, line := range why {
		t.say("  %s", line)
	}
	return errors.Join(t.account(analysis.Inconclusive, strings.Join(append([]string{reason}, why...), "; ")), exit{code: exitInconclusive})
}

// told gives an error that ends a trial as a fail, or as inconclusive, to those who read files and JSON, too.
func (t *trialRun) told(err error) error {
	var coded exit
	if !errors.As(err, &coded) || coded.err == nil {
		return err
	}
	switch coded.code {
	case exitFail:
		return errors.Join(t.account(analysis.Fail, coded.Error()), err)
	case exitInconclusive:
		return errors.Join(t.account(analysis.Inconclusive, coded.Error()), err)
	default:
		return err
	}
}

// account writes, in each form that was asked for, why there is no verdict on the sender's attempts.
func (t *trialRun) account(result analysis.Result, why string) error {
	if t.flags.survey || t.flags.survival {
		return nil // their JSON, and their page, are a table
	}
	report := &analysis.Report{Scenario: t.rules.Label(), Seed: &t.rules.Seed, Verdict: result, Asked: 1, Checks: []analysis.Check{{Name: "trial", Result: result, Text: why}}}
	err := t.files(report)
	if t.flags.asJSON {
		err = errors.Join(err, printVerdict(t.world, report, t.dir, true))
	}
	return err
}

// files writes the files that were asked for.
func (t *trialRun) files(report *analysis.Report) error {
	var errs []error
	if t.flags.junit != "" {
		text, err := report.JUnit()
		errs = append(errs, err, writeFile(t.flags.junit, text, t.world))
	}
	if t.flags.html != "" {
		errs = append(errs, writePage(t.world, report, t.flags.html))
	}
	return errors.Join(errs...)
}
