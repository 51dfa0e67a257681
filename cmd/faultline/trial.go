package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/trial"
)

func trialCommand(w world) *cobra.Command {
	var flags trialFlags
	cmd := &cobra.Command{
		Use:   "trial SCENARIO [flags] -- COMMAND…",
		Short: "Test a sender: run it without faults, then under the scenario, until every delivery is settled; judge it",
		Long: `trial runs COMMAND (the sender: a worker, a script that fills its queue and waits, a test) twice, with the proxy variables set: first without a fault, where
each delivery must be acknowledged, then under SCENARIO. It waits until every delivery is settled: acknowledged, or silent for --settle. A COMMAND that ends by
itself settles all; one that does not is told to end (SIGTERM) when --expect deliveries are settled or, without --expect, when nothing has come for --settle. Then
the log is judged by the scenario's [expect].

It exits with 0 for a pass, 1 for a fail, 3 when it cannot be told: without any traffic, too, and then it says why.

With --api the application is called once COMMAND, its worker, runs: without a webhook, then with one. Both must be answered alike.

With --survey there is no SCENARIO: COMMAND is run against each kind of fault, one at a time, and the map of what survives is printed. It should end by itself, or
be bounded by --expect and --settle, or by --timeout. With --survival each delivery meets an outage of its own, between --shortest and --longest: it shows how long
an outage how many survive, as seen, and as the inferred policy gives it.`,
		Example: "  faultline trial outage.toml -- python send_all.py\n  faultline trial outage.toml --expect 50 --settle 60s --junit verdict.xml -- celery -A proj worker\n  faultline trial flaky --skip-baseline -- faultline send http://127.0.0.1:9001/hook --count 20 --retry \"constant 1s\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			before, command := splitCommand(cmd, args)
			if flags.command = command; flags.survey {
				if len(before) > 0 || len(command) == 0 {
					return usage("--survey brings its own failures: faultline trial --survey -- COMMAND…")
				}
				return runSurvey(cmd.Context(), w, flags, cmd.Flags().Changed)
			}
			if flags.survival {
				if len(before) > 0 || len(command) == 0 {
					return usage("--survival brings its own outages: faultline trial --survival -- COMMAND…")
				}
				return runSurvival(cmd.Context(), w, flags, cmd.Flags().Changed)
			}
			switch {
			case len(before) != 1:
				return usage("one scenario, got %q; the sender's command comes after --", before)
			case len(command) == 0:
				return usage("no command: faultline trial %s -- COMMAND…", before[0])
			}
			flags.scenario = before[0]
			return runTrial(cmd.Context(), w, flags, cmd.Flags().Changed)
		},
		ValidArgsFunction: completeScenarios,
	}
	f := cmd.Flags()
	f.StringVar(&flags.listen, "listen", "127.0.0.1:0", "address of the proxy; port 0 picks one")
	f.StringVar(&flags.admin, "admin", "127.0.0.1:0", "address of metrics, health and the admin API")
	f.StringArrayVar(&flags.gateways, "gateway", nil, "LISTEN=TARGET: a listener that stands for one target; may be repeated")
	f.StringSliceVar(&flags.intercept, "intercept", nil, "hosts whose CONNECT is opened with our CA, or auto: those that a rule needs to look into")
	f.StringVar(&flags.log, "log", "faultline-log", "folder of the delivery logs; each trial gets a folder in it")
	f.StringVar(&flags.now, "now", "", "wall-clock windows open as if the part under the scenario started at this time")
	f.StringVar(&flags.target, "target", "", "URL that must answer before anything is begun")
	f.StringVar(&flags.api, "api", "", "URL of the application's API, which is called without a webhook and with one, once COMMAND runs")
	f.StringVar(&flags.payload, "payload", "", "file of the JSON object that the API is called with")
	f.StringVar(&flags.webhookURL, "webhook-url", "", "where the webhook of --api is to go (default: --target)")
	f.StringVar(&flags.webhookField, "webhook-field", "webhook_url", "the payload's field that has the webhook's URL")
	f.IntVar(&flags.expect, "expect", 0, "how many deliveries the sender makes; less is a fail, once nothing has come for --settle, or for 1m where that is longer")
	f.StringVar(&flags.emitted, "emitted", "", "file of the keys that the application says it published, one a line: what died before the wire is named")
	f.Var(&flags.settle, "settle", "how long a delivery must be silent to be lost (default: three times the longest gap, at least 200s)")
	f.DurationVar(&flags.patience, "timeout", 0, "ends the part under the scenario after so long, settled or not; 0s: never")
	f.BoolVar(&flags.skipBaseline, "skip-baseline", false, "do not run the sender without faults first")
	f.BoolVar(&flags.survey, "survey", false, "run the sender against each kind of fault, one at a time, and show what survives")
	f.BoolVar(&flags.survival, "survival", false, "have each delivery meet an outage of its own, and show how long an outage how many survive")
	f.DurationVar(&flags.shortest, "shortest", time.Second, "the shortest outage of --survival")
	f.DurationVar(&flags.longest, "longest", 5*time.Minute, "the longest outage of --survival")
	f.StringVar(&flags.junit, "junit", "", "file that gets the checks as JUnit XML")
	f.StringVar(&flags.html, "html", "", "file that gets a page with plots")
	f.BoolVar(&flags.asJSON, "json", false, "print the verdict as JSON")
	return cmd
}

type trialFlags struct {
	scenario, listen, admin, log, now, target, emitted, junit, html string
	api, payload, webhookURL, webhookField                          string
	gateways, intercept, command                                    []string
	expect                                                          int
	settle                                                          settleFlag
	patience, shortest, longest                                     time.Duration
	skipBaseline, survey, survival, asJSON                          bool
}

func runTrial(ctx context.Context, w world, flags trialFlags, given func(string) bool) error {
	rules, err := rulesFor(flags.scenario, w)
	if err != nil {
		return err
	}
	ctx, forget := untilEnded(ctx)
	defer forget()
	t, err := newTrial(w, flags, given, rules)
	if err != nil {
		return err
	}
	if err := t.baseline(ctx); err != nil {
		return t.told(err)
	}
	return t.told(t.underFaults(ctx))
}

// trialRun is one trial.
type trialRun struct {
	world world
	flags trialFlags
	given func(string) bool
	rules *scenario.Scenario
	api   *apiCall // nil: COMMAND sends by itself
	hosts []string // that --target and --webhook-url name, beside those of the scenario
	dir   string
}

// sound is what is wrong with flags by themselves.
func (f trialFlags) sound() error {
	switch {
	case f.expect < 0:
		return usage("--expect %d: want a number from 0", f.expect)
	case f.patience < 0:
		return usage("--timeout %s: want a duration from 0s", f.patience)
	case f.survey && f.survival:
		return usage("--survey, --survival: one at a time")
	case f.api == "" && (f.payload != "" || f.webhookURL != ""):
		return usage("--payload, --webhook-url: they are for the call of --api")
	case (f.survey || f.survival) && (f.junit != "" || f.emitted != ""):
		return usage("--junit, --emitted: a survey, or a survival curve, asks nothing, so it has no checks")
	default:
		return nil
	}
}

// newTrial prepares a trial.
func newTrial(w world, flags trialFlags, given func(string) bool, rules *scenario.Scenario) (_ *trialRun, err error) {
	if err := flags.sound(); err != nil {
		return nil, err
	}
	t := &trialRun{world: w, flags: flags, given: given, dir: filepath.Join(flags.log, subFolder(time.Now()))}
	if t.api, err = flags.readAPICall(); err != nil {
		return nil, err
	}
	if flags.emitted != "" {
		if _, err := trial.OpenEmitted(flags.emitted); err != nil {
			return nil, usage("--emitted: %w", err)
		}
	}
	if err := errors.Join(writable("--html", flags.html), writable("--junit", flags.junit)); err != nil {
		return nil, err
	}
	if t.api != nil && t.flags.expect == 0 {
		t.flags.expect = 1 // the one call with a webhook
	}
	if t.rules, err = t.opening(rules); err != nil {
		return nil, err
	}
	for _, named := range []string{flags.target, flags.webhookURL} {
		if u, err := url.Parse(named); err == nil && u.Hostname() != "" {
			t.hosts = append(t.hosts, u.Hostname())
		}
	}
	return t, nil
}

// opening are rules with the hosts of --intercept.
func (t *trialRun) opening(rules *scenario.Scenario) (*scenario.Scenario, error) {
	if !t.given("intercept") {
		return rules, nil
	}
	rules, err := rules.WithIntercept(t.flags.intercept)
	if err != nil {
		return nil, usage("--intercept: %w", err)
	}
	return rules, nil
}

// say tells how the trial goes, beside its verdict.
func (t *trialRun) say(format string, args ...any) {
	// Nobody can be told that the terminal is gone.
	_, _ = fmt.Fprintf(t.world.stderr, format+"\n", args...)
}

// baseline runs the sender without faults, unless that is not wanted, if its target answers. What fails then is none of faultline's doing, and a verdict would be about it.
func (t *trialRun) baseline(ctx context.Context) error {
	if t.flags.target != "" {
		if err := answers(ctx, t.world, t.flags.target, t.rules); err != nil {
			return whenNotInterrupted(ctx, err)
		}
	}
	if t.flags.skipBaseline {
		return nil
	}
	t.say("baseline: without faults")
	part, err := t.run(ctx, "baseline", false)
	if err != nil {
		return err
	}
	defer part.log.close()
	p := part.progress
	switch {
	case p.Deliveries == 0:
		return t.nothing(part)
	case p.Acknowledged < p.Deliveries:
		return t.inconclusive(fmt.Sprintf("without a fault, %d of %s failed, so the target or the sender fails by itself: faultline deliveries %s", p.Deliveries-p.Acknowledged,
			counted(p.Deliveries, "delivery"), part.dir), part.tally.Failures())
	case p.Deliveries < t.flags.expect:
		return t.inconclusive(fmt.Sprintf("without a fault, %s came of %d", counted(p.Deliveries, "delivery"), t.flags.expect), nil)
	}
	t.say("baseline: %s acknowledged in %s", counted(p.Deliveries, "delivery"), counted(p.Attempts, "attempt"))
	return nil
}

// nothing says why there is no delivery.
func (t *trialRun) nothing(part *trialPart) error {
	return t.inconclusive("no delivery was seen", part.tally.WhyNothing(part.sender))
}

// underFaults runs the sender under the scenario, and judges it.
func (t *trialRun) underFaults(ctx context.Context) (err error) {
	t.say("trial: %s, seed %d", t.rules.Label(), t.rules.Seed)
	var emitted *trial.Emitted
	if t.flags.emitted != "" {
		if emitted, err = trial.OpenEmitted(t.flags.emitted); err != nil {
			return usage("--emitted: %w", err)
		}
	}
	part, err := t.run(ctx, "trial", true)
	if err != nil {
		return err
	}
	defer part.log.close()
	var keys []string
	if emitted != nil {
		if keys, err = emitted.Keys(); err != nil && !errors.Is(err, fs.ErrNotExist) { // not written: no key
			return usage("--emitted: %w", err)
		}
	}
	if part.progress.Deliveries == 0 && len(keys) == 0 {
		return t.nothing(part)
	}
	report, err := t.judge(part, max(t.flags.expect, len(keys)))
	if err != nil {
		return err
	}
	if came := part.progress.Deliveries; t.flags.expect > 0 && came > t.flags.expect {
		t.say("  %s came, of %d that were expected: is the key the same in every attempt?", counted(came, "delivery"), t.flags.expect)
	}
	said := ""
	if emitted != nil {
		if said, err = t.reconcile(report, keys, part); err != nil {
			return err
		}
	}
	if err := t.write(report, said, part); err != nil {
		return err
	}
	return verdictCode(report.Verdict)
}

// trialPart is one run of the sender, and what came of it.
type trialPart struct {
	dir      string
	tally    *trial.Tally
	progress trial.Progress
	sender   trial.Sender
	log      *logged
}
