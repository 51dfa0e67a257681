package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/trial"
)

const (
	// lookEvery is how often it is looked whether all is settled.
	lookEvery = 200 * time.Millisecond
	// answerPatience is how long a target has to answer before anything is begun.
	answerPatience = 10 * time.Second
)

// run runs the sender once, and reads what the log has of it.
func (t *trialRun) run(ctx context.Context, name string, faults bool) (*trialPart, error) {
	part := &trialPart{dir: filepath.Join(t.dir, name), tally: trial.NewTally(t.flags.settle.after, time.Now())}
	if err := whenNotInterrupted(ctx, t.perform(ctx, part, faults)); err != nil {
		return nil, err
	}
	var err error
	part.log, err = readLogs(ctx, t.world, []string{part.dir})
	return part, err
}

// perform has a proxy of its own for the sender, from its start to its end.
func (t *trialRun) perform(ctx context.Context, part *trialPart, faults bool) (err error) {
	flags := proxyFlags{
		scenario: t.flags.scenario, listen: t.flags.listen, admin: t.flags.admin, log: part.dir, gateways: t.flags.gateways, intercept: t.flags.intercept, quiet: true,
	}
	if faults {
		flags.now = t.flags.now
	}
	settings, err := settle(flags, func(name string) bool { return name == "listen" || name == "admin" || name == "log" || t.given(name) }, t.world, t.rules)
	if err != nil {
		return err
	}
	beside := t.world // standard output is the verdict's
	beside.stdout, beside.isTerminal = t.world.stderr, false
	if stdin, is := beside.stdin.(*os.File); is && isTerminal(stdin) {
		beside.stdin = nil // who reads from a terminal shares our process group, of which a signal would reach one process only
	}
	p, err := startStation(settings, t.rules, beside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close(context.Background(), stopWait)) }()
	p.tally = part.tally
	if !faults {
		p.server.LiftFaults()
	}
	p.letIn()
	p.also = t.hosts
	worker, err := p.beginWorker(t.flags.command)
	if err != nil {
		return err
	}
	part.sender.Hidden, _ = splitNoProxy(noProxy(t.world.environ), slices.Concat(t.rules.Hosts(), t.hosts))
	defer worker.sweep()
	if t.api != nil {
		t.api.await(ctx, worker.ended)
		if err := t.api.both(ctx, t.say); err != nil {
			worker.stop(p)
			return err
		}
	}
	err = t.watch(ctx, p, part, worker, faults)
	part.progress = part.tally.Progress(time.Now())
	return err
}

// whenNotInterrupted is err, or once ctx is done that a signal ended the command: what else went wrong is its consequence.
func whenNotInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return exit{code: exitInterrupted}
	}
	return err
}

// watch waits for the end of a part: the sender's own, all settled, out of time, or told to end.
func (t *trialRun) watch(ctx context.Context, p *station, part *trialPart, k *worker, faults bool) error {
	shown := newProgress(t.world)
	defer shown.end()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var over <-chan time.Time // nil: never
	if t.flags.patience > 0 && faults {
		timer := time.NewTimer(t.flags.patience)
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case <-k.ended:
			part.sender.Ended, part.sender.Code = true, codeOf(k.result())
			return nil
		case <-tick.C:
			progress := part.tally.Progress(time.Now())
			shown.say("%s", t.progressText(progress))
			if progress.Settled(t.flags.expect) {
				k.stop(p)
				return nil
			}
		case <-over:
			shown.end()
			t.say("--timeout: not all is settled after %s", t.flags.patience)
			k.stop(p)
			return nil
		case <-ctx.Done():
			shown.end()
			k.stop(p)
			return nil
		case err := <-p.failed:
			k.stop(p)
			return exit{exitInternal, err}
		}
	}
}

// progressText is the line that says how far a part is.
func (t *trialRun) progressText(p trial.Progress) string {
	of := ""
	if t.flags.expect > 0 {
		of = fmt.Sprintf(" of %d", t.flags.expect)
	}
	text := fmt.Sprintf("%s%s, %d acknowledged, %d silent, %d open", counted(p.Deliveries, "delivery"), of, p.Acknowledged, p.Silent, p.Open)
	if wait := time.Until(p.Next); wait > 0 {
		text += fmt.Sprintf(", the next attempt in about %s", wait.Round(time.Second))
	}
	return text
}

// codeOf is the exit code that an error stands for.
func codeOf(err error) int {
	var coded exit
	if errors.As(err, &coded) {
		return coded.code
	}
	return exitFine
}

// count has the tally, where there is one, take a record.
func (p *station) count(record deliveries.Record) {
	if p.tally != nil {
		p.tally.Observe(record)
	}
}

// answers asks a target for a sign of life: any answer is one.
func answers(ctx context.Context, w world, target string, rules *scenario.Scenario) error {
	roots, err := targetRoots(w, rules)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerPatience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, target, nil)
	if err != nil || r.URL.Host == "" {
		return usage("--target %q: want a URL such as http://127.0.0.1:9001/hook", target)
	}
	direct := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}} // no proxy
	resp, err := direct.RoundTrip(r)
	if err != nil {
		return exit{exitInconclusive, fmt.Errorf("--target %s does not answer: %w", target, err)}
	}
	return resp.Body.Close()
}

// writeHTML makes a page of a template and writes it.
func (t *trialRun) writeHTML(text string, data any) error {
	page, err := template.New("page").Parse(text)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return writeFile(t.flags.html, b.Bytes(), t.world)
}
