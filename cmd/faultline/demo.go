package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/receiver"
	"github.com/faultline/faultline/scenario"
	"github.com/faultline/faultline/sender"
)

//go:embed demo.toml
var demoText string

func demoCommand(w world) *cobra.Command {
	var flags demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "A tour of 20 seconds: two senders on a bad day, and the verdict on each",
		Long: `demo runs a receiver, the proxy and two senders on this machine: one retries as it should, one has the bug that faultline was made to find
(it takes any answer for success, as code does that never looks at the status). It ends with the verdict on each, told by the log that the proxy
wrote, and a page of plots of each. Another seed is another day.`,
		Example: "  faultline demo\n  faultline demo --seed 7",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags.seeded = cmd.Flags().Changed("seed")
			return runDemo(cmd.Context(), w, flags)
		},
	}
	cmd.Flags().Uint64Var(&flags.seed, "seed", 0, "seed of the day; drawn when left out")
	cmd.Flags().StringVar(&flags.log, "log", "faultline-demo", "folder that gets the log, in a sub-folder of this run")
	cmd.Flags().BoolVar(&flags.quiet, "quiet", false, "print no line per attempt")
	return cmd
}

type demoFlags struct {
	seed   uint64
	seeded bool
	log    string
	quiet  bool
}

// demoSender is one of the two senders.
type demoSender struct {
	name, what string
	policy     sender.Policy
}

// demoDeliveries is how many events each of them sends.
const demoDeliveries = 20

func demoSenders() []demoSender {
	backoff := sender.Backoff{Shape: sender.Exponential, First: 200 * time.Millisecond, Factor: 2, Cap: 2 * time.Second}
	return []demoSender{
		{"careful", "retries whatever is not a 2xx, 200 ms x2, jitter, 8 attempts", sender.Policy{
			Attempts: 8, Backoff: backoff, Jitter: sender.EqualJitter, Timeout: 2 * time.Second,
			Retry: sender.Retry{Statuses: sender.AnyStatus, Connection: true, Timeout: true},
		}},
		{"hasty", "retries broken connections, never looks at the status", sender.Policy{
			Attempts: 8, Backoff: backoff, Jitter: sender.EqualJitter, Timeout: 2 * time.Second,
			Retry: sender.Retry{Connection: true, Timeout: true}, BelievesAnyAnswer: true,
		}},
	}
}

func runDemo(ctx context.Context, w world, flags demoFlags) error {
	rules, err := demoRules(flags)
	if err != nil {
		return err
	}
	dir := filepath.Join(flags.log, subFolder(time.Now()))
	set := settings{listen: "127.0.0.1:0", admin: "127.0.0.1:0", logDir: dir, quiet: flags.quiet}
	if err := set.fromFile(rules); err != nil {
		return err
	}
	p, err := startStation(set, rules, w)
	if err != nil {
		return err
	}
	p.letIn()
	err = p.demonstrate(ctx)
	if err = errors.Join(err, p.close(context.Background(), time.Second)); err != nil {
		return err
	}
	return tellDemo(w, dir, rules)
}

func demoRules(flags demoFlags) (*scenario.Scenario, error) {
	rules, problems := scenario.Parse("demo.toml", demoText, nil)
	if len(problems) > 0 {
		return nil, errors.New(listProblems(problems))
	}
	if flags.seeded {
		return rules.WithSeed(flags.seed), nil
	}
	seed, err := drawSeed()
	if err != nil {
		return nil, err
	}
	return rules.WithSeed(seed), nil
}

// demonstrate runs both senders through the proxy against a receiver that is always well.
func (p *station) demonstrate(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the receiver: %w", err)
	}
	well, err := receiver.New(receiver.Config{Code: http.StatusOK})
	if err != nil {
		return errors.Join(fmt.Errorf("make the receiver: %w", err), l.Close())
	}
	target := &http.Server{Handler: well, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- target.Serve(l) }()
	p.term.say("faultline %s  demo: %s, seed %d   receiver http://%s   proxy http://%s", version, counted(len(p.rules.Rules), "rule"), p.rules.Seed, l.Addr(), p.reach)

	results := make(chan []sender.Result)
	for _, d := range demoSenders() {
		p.term.say("  %-8s %s", d.name, d.what)
		go func() { results <- p.send(ctx, d, l.Addr().String()) }()
	}
	for range demoSenders() {
		<-results
	}
	if err := target.Close(); err != nil {
		return fmt.Errorf("close the receiver: %w", err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the receiver: %w", err)
	}
	return nil
}

func (p *station) send(ctx context.Context, d demoSender, target string) []sender.Result {
	hooks := make([]sender.Webhook, demoDeliveries)
	for i := range hooks {
		id := fmt.Sprintf("%s-%02d", d.name, i+1)
		hooks[i] = sender.Webhook{
			ID: id, URL: "http://" + target + "/hooks/" + d.name, Body: fmt.Appendf(nil, `{"type":"claim.paid","event_id":%q,"claim":%d}`, id, 1000+i),
		}
	}
	s := sender.New(sender.Config{Policy: d.policy, Seed: p.rules.Seed, Proxy: &url.URL{Scheme: "http", Host: p.reach}})
	return s.Run(ctx, hooks, 4)
}

// tellDemo gives the verdict on each of them: all of it from the log, nothing from what was meant.
func tellDemo(w world, dir string, rules *scenario.Scenario) error {
	l, err := readLogs(context.Background(), w, []string{dir})
	if err != nil {
		return err
	}
	defer l.close()
	q, err := l.question("", &settleFlag{given: true}, demoDeliveries, w)
	if err != nil {
		return err
	}
	q.Plots = true
	for _, d := range demoSenders() {
		log := l.log.Of(func(one *deliveries.Delivery) bool { return strings.HasSuffix(one.Endpoint, "/hooks/"+d.name) })
		report, err := l.judge(log, q)
		if err != nil {
			return err
		}
		page := filepath.Join(dir, d.name+".html")
		if err := writePage(w, report, page); err != nil {
			return err
		}
		fmt.Fprintf(w.stdout, "\n%s: %s\n%s  page    %s\n", d.name, d.what, report.Text(dir), page)
	}
	fmt.Fprintf(w.stdout, "\nlog: %s   the same day again: faultline demo --seed %d\n", dir, rules.Seed)
	return nil
}
