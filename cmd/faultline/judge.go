package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/explain"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/schema"
)

// logged are one or several logs that are to be judged as one.
type logged struct {
	paths   []string
	log     analysis.Log
	grouped *deliveries.Grouped
	firings explain.FiringCount
	shown   *progress
}

// name is how the logs are named in a command.
func (l *logged) name() string { return strings.Join(l.paths, " ") }

func (l *logged) records() iter.Seq2[deliveries.Record, error] { return deliveries.Read(l.paths...) }

// readLogs reads logs, each a folder or a file. They are to be closed.
func readLogs(ctx context.Context, w world, paths []string) (*logged, error) {
	l := &logged{paths: paths, shown: newProgress(w)}
	grouped, err := deliveries.Group(ctx, deliveries.Reading{Other: l.other, Progress: l.shown.read}, paths...)
	if err != nil {
		l.shown.end()
		return nil, usage("%w%s", err, hintFolder(paths))
	}
	l.shown.judging(grouped.Attempts)
	l.grouped = grouped
	l.log.Use(grouped)
	for rule, times := range grouped.Fired {
		l.firings.Fired(rule, times)
	}
	return l, nil
}

// other takes a record that is no attempt.
func (l *logged) other(record deliveries.Record) {
	l.log.Add(record)
	l.firings.Add(record)
}

// judge says what a part of the logs, or all of them, say.
func (l *logged) judge(log *analysis.Log, q analysis.Question) (*analysis.Report, error) {
	defer l.shown.end()
	report := analysis.Judge(log, q)
	return report, log.Err()
}

// stories are the deliveries of the logs, one by one.
func (l *logged) stories(q analysis.Question) ([]analysis.Story, error) {
	defer l.shown.end()
	return analysis.Stories(&l.log, q), l.log.Err()
}

// close gives free what is held of the logs, which were only read.
func (l *logged) close() {
	l.shown.end()
	_ = l.grouped.Close()
}

// hintFolder names the newest run in a folder that has none of its own: with a COMMAND each run gets a sub-folder.
func hintFolder(paths []string) string {
	for _, path := range paths {
		entries, err := os.ReadDir(path)
		if err != nil {
			continue
		}
		newest := ""
		for _, entry := range entries {
			if segments, err := filepath.Glob(filepath.Join(path, entry.Name(), "*.jsonl*")); entry.IsDir() && err == nil && len(segments) > 0 {
				newest = filepath.Join(path, entry.Name())
			}
		}
		if own, err := filepath.Glob(filepath.Join(path, "*.jsonl*")); err == nil && len(own) == 0 && newest != "" {
			return fmt.Sprintf("\n  hint: the newest run in it is %s", newest)
		}
	}
	return ""
}

// question is what the logs are judged by: the scenario that is named, or the one that was last in force in them.
func (l *logged) question(named string, settle *settleFlag, emitted int, w world) (analysis.Question, error) {
	q := analysis.Question{Emitted: emitted}
	if settle.given {
		q.Settle, q.Ended = settle.after, settle.after == 0
	}
	rules, label, err := l.scenario(named, w)
	if err != nil {
		return q, err
	}
	if rules != nil {
		q.Expect, q.Label = rules.Expect, label
	}
	firings, err := l.firings.Firings(l.records)
	if err != nil {
		return q, usage("%w", err)
	}
	for _, f := range firings {
		q.Rules = append(q.Rules, analysis.RuleFirings(f))
	}
	q.Until = l.watchedUntil()
	return q, nil
}

// scenario is nil when there is none.
func (l *logged) scenario(named string, w world) (rules *scenario.Scenario, label string, err error) {
	if named != "" {
		if rules, err = loadScenario(named, w); err != nil {
			return nil, "", err
		}
		return rules, rules.Label(), nil
	}
	text, label := explain.Newest(l.log.Runs())
	if text == "" {
		return nil, "", nil
	}
	if rules, err = explain.Parse(label, text); err != nil {
		return nil, "", usage("%w\n  hint: name a scenario with --scenario", err)
	}
	return rules, label, nil
}

// watchedUntil is until when the proxies that wrote the logs were there to see attempts, as far as their folders say that; zero: as far as the lines do.
func (l *logged) watchedUntil() time.Time {
	until := time.Time{}
	for _, path := range l.paths {
		at, err := deliveries.WatchedUntil(path, time.Now())
		if err == nil && at.After(until) {
			until = at
		}
	}
	return until
}

// settleFlag is --settle, in the durations of a scenario file.
type settleFlag struct {
	after time.Duration
	given bool
}

func (s *settleFlag) String() string {
	if !s.given {
		return ""
	}
	return schema.FormatDuration(s.after)
}

func (s *settleFlag) Type() string { return "duration" }

func (s *settleFlag) Set(text string) error {
	d, err := schema.ParseDuration(text)
	s.after, s.given = d, err == nil
	return err
}

// verdictCode is the exit code of a verdict.
func verdictCode(verdict analysis.Result) error {
	switch verdict {
	case analysis.Pass:
		return nil
	case analysis.Fail:
		return exit{code: exitFail}
	case analysis.Inconclusive:
		return exit{code: exitInconclusive}
	default:
		panic("faultline: verdict " + string(verdict))
	}
}

// writeFile writes a file of a result, or to standard output for "-".
func writeFile(name string, data []byte, w world) error {
	if name == "-" {
		_, err := w.stdout.Write(data)
		return err
	}
	if err := os.WriteFile(name, data, fs.FileMode(0o644)); err != nil {
		return usage("write result: %w", err)
	}
	return nil
}

// writable is the error that writing a file would end in, as far as can be told before there is something to write.
func writable(flag, name string) error {
	if name == "" || name == "-" {
		return nil
	}
	_, before := os.Stat(name)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return usage("%s: %w", flag, err)
	}
	err = f.Close()
	if errors.Is(before, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// isLogState reports whether a word is a state of deliveries.
func isLogState(text string) bool {
	return slices.Contains([]deliveries.State{deliveries.StateAcknowledged, deliveries.StateOpen, deliveries.StateLost}, deliveries.State(text))
}
