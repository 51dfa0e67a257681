package main

import (
	"context"
	"fmt"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/schema"
	"github.com/faultline/faultline/sender"
)

func sendCommand(w world) *cobra.Command {
	var flags sendFlags
	cmd := &cobra.Command{
		Use:   "send URL",
		Short: "Send webhooks by a retry policy, to try receivers, proxies and scenarios without Celery",
		Long: `send delivers webhooks to URL: JSON of any size and depth, each with an id of its own, retried by --retry:

  none                                        one attempt
  constant 1s                                 5 attempts, 1 s apart
  exponential 1s x2 cap 5m full-jitter 5      1 s, 2 s, 4 s, … at most 5 m, each times a draw from [0,1), 5 attempts in all
  schedule 5s 5m 30m equal-jitter             as many attempts as pauses, and one
  ignores-status                              the bug of a missing raise_for_status(): only failed connections are retried
  standard-webhooks, svix, celery-default …   a published policy ("faultline policies") that states its pauses

It goes through --proxy, or through the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name, for targets on this machine too. The exit code is 0 when every
delivery was acknowledged, 1 otherwise.`,
		Example: "  faultline send http://127.0.0.1:9001/hook --count 100 --rate 10 --retry \"exponential 1s x2 full-jitter 5\"\n  faultline proxy flaky -- faultline send http://127.0.0.1:9001/hook --retry celery-default --time-scale 60",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runSend(cmd.Context(), w, args[0], flags)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.IntVar(&flags.count, "count", 1, "how many deliveries")
	f.Float64Var(&flags.rate, "rate", 0, "how many are begun a second; 0: as many as possible")
	f.IntVar(&flags.concurrency, "concurrency", 1, "how many are under way at once")
	f.StringVar(&flags.size, "size", "1KiB", "size of a payload; 0: as small as can be")
	f.IntVar(&flags.depth, "depth", 2, "how deeply its JSON is nested")
	f.StringVar(&flags.retry, "retry", "none", "retry policy")
	f.Float64Var(&flags.scale, "time-scale", 1, "divides the pauses of --retry: 60 makes minutes of hours")
	f.BoolVar(&flags.honours, "honour-retry-after", false, "wait at least as long as Retry-After says")
	f.StringVar(&flags.key, "key", "header", "header: an id in Webhook-Id; none: only the bodies tell deliveries apart")
	f.StringArrayVar(&flags.header, "header", nil, "NAME: VALUE, sent with each attempt; may be repeated")
	f.DurationVar(&flags.timeout, "timeout", 10*time.Second, "bounds one attempt; 0s: none, as in a sender that forgot it")
	f.StringVar(&flags.proxy, "proxy", "", "proxy to go through, as http://127.0.0.1:3128; none: go directly, whatever the environment says")
	f.Uint64Var(&flags.seed, "seed", 0, "what jitter is drawn from: the same seed, the same pauses; 0 draws one")
	f.BoolVar(&flags.asJSON, "json", false, "print JSON, a line per delivery")
	f.BoolVar(&flags.quiet, "quiet", false, "print only the sum")
	return cmd
}

type sendFlags struct {
	count, concurrency, depth int
	rate, scale               float64
	size, retry, key, proxy   string
	header                    []string
	timeout                   time.Duration
	seed                      uint64
	honours, asJSON, quiet    bool
}

func runSend(ctx context.Context, w world, target string, flags sendFlags) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	cfg, err := flags.config(w, target)
	if err != nil {
		return err
	}
	hooks, err := flags.hooks(target)
	if err != nil {
		return err
	}
	show := &sendShown{w: w, flags: flags, seed: cfg.Seed}
	cfg.Done = show.delivery
	begun := time.Now()
	results := sender.New(cfg).Run(ctx, hooks, flags.concurrency)
	if err := show.sum(results, time.Since(begun)); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return exit{code: exitInterrupted}
	case acknowledged(results) < len(results):
		return exit{code: exitFail}
	default:
		return nil
	}
}

// config is the sender that the flags describe.
func (f sendFlags) config(w world, target string) (cfg sender.Config, err error) {
	switch {
	case f.count < 1:
		return cfg, usage("--count %d: want 1 or more", f.count)
	case f.concurrency < 1:
		return cfg, usage("--concurrency %d: want 1 or more", f.concurrency)
	case f.depth < 0:
		return cfg, usage("--depth %d: want 0 or more", f.depth)
	case f.rate < 0:
		return cfg, usage("--rate %g: want 0 (as many as possible) or more", f.rate)
	case f.scale <= 0:
		return cfg, usage("--time-scale %g: want more than 0", f.scale)
	case f.key != "header" && f.key != "none":
		return cfg, usage("--key %q: want one of header, none", f.key)
	case f.timeout < 0:
		return cfg, usage("--timeout %s: want a duration from 0s", f.timeout)
	}
	cfg = sender.Config{Unkeyed: f.key == "none", Rate: f.rate, Seed: f.seed}
	if cfg.Policy, err = retryPolicy(f.retry); err != nil {
		return cfg, usage("--retry: %w", err)
	}
	cfg.Policy = cfg.Policy.Scaled(f.scale)
	cfg.Policy.HonourRetryAfter, cfg.Policy.Timeout = f.honours, f.timeout
	if cfg.Header, err = parseHeader(f.header); err != nil {
		return cfg, err
	}
	if cfg.Proxy, err = proxyFor(w, target, f.proxy); err != nil {
		return cfg, err
	}
	if cfg.Seed == 0 {
		cfg.Seed, err = drawSeed()
	}
	return cfg, err
}

// hooks are what is sent. Their ids are the same in no two runs: a receiver, or a log, must not take one for the other.
func (f sendFlags) hooks(target string) ([]sender.Webhook, error) {
	size, err := schema.ParseSize(f.size)
	if err != nil || size > 1<<30 {
		return nil, usage("--size %q: want a size up to 1GiB", f.size)
	}
	run := time.Now().UTC().Format("150405.000000")
	id := func(i int) string { return fmt.Sprintf("wh_%s_%06d", run, i+1) }
	for _, i := range []int{0, f.count - 1} { // the shortest id, and the longest
		if _, err := sender.Payload(id(i), int(size), f.depth); err != nil {
			return nil, usage("--size, --depth: %w", err)
		}
	}
	hooks := make([]sender.Webhook, f.count)
	for i := range hooks {
		hooks[i] = sender.Webhook{URL: target, ID: id(i), Make: func() []byte {
			body, _ := sender.Payload(id(i), int(size), f.depth) // checked above
			return body
		}}
	}
	return hooks, nil
}

func acknowledged(results []sender.Result) (n int) {
	for _, r := range results {
		if r.Acknowledged {
			n++
		}
	}
	return n
}
