package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

func proxyCommand(w world) *cobra.Command {
	var flags proxyFlags
	cmd := &cobra.Command{
		Use:   "proxy [SCENARIO] [-- COMMAND…]",
		Short: "Forward webhooks, break them as the scenario says, log every attempt",
		Long: `proxy forwards every delivery attempt to its real target, and bends or breaks the ones that SCENARIO names: a TOML file, the name
of a built-in scenario, or - for standard input. Without one it injects nothing: it forwards, logs and measures.

With a COMMAND (the worker) it sets the proxy variables for it and ends with it, with its exit code. At the first signal all faults are
lifted, what is held is freed, and the signal is passed on.`,
		Example: "  faultline proxy outage.toml -- celery -A proj worker\n  faultline proxy flaky --listen 127.0.0.1:3128\n  faultline proxy",
		RunE: func(cmd *cobra.Command, args []string) error {
			before, command := splitCommand(cmd, args)
			if len(before) > 1 {
				return usage("one scenario, got %q; a worker's command comes after --", before)
			}
			if len(before) == 1 {
				flags.scenario = before[0]
			}
			flags.command = command
			return runProxy(cmd.Context(), w, flags, cmd.Flags().Changed)
		},
		ValidArgsFunction: completeScenarios,
	}
	f := cmd.Flags()
	f.StringVar(&flags.listen, "listen", "127.0.0.1:3128", "address that workers point at; port 0 picks one")
	f.StringVar(&flags.admin, "admin", "127.0.0.1:9128", "address of metrics, health and the admin API")
	f.StringVar(&flags.adminTokenFile, "admin-token-file", "", "file of the bearer token that changes by the admin API must bring; needed off loopback")
	f.StringArrayVar(&flags.gateways, "gateway", nil, "LISTEN=TARGET: a listener that stands for one target; may be repeated")
	f.StringSliceVar(&flags.intercept, "intercept", nil, "hosts whose CONNECT is opened with our CA, or auto: those that a rule needs to look into")
	f.StringVar(&flags.log, "log", "faultline-log", "folder of the delivery log")
	f.DurationVar(&flags.drain, "drain", 10*time.Second, "how long open attempts get at SIGTERM; a second signal ends it")
	f.StringVar(&flags.readyFile, "ready-file", "", "file that gets the addresses, as JSON, once ready")
	f.StringVar(&flags.now, "now", "", "wall-clock windows open as if started at this time, e.g. 2026-11-24T01:59:30 (in the scenario's time zone) or 2026-11-24T01:59:30Z")
	f.BoolVar(&flags.fresh, "fresh", false, "start anew in a used log folder: attempt numbers begin at 1")
	f.BoolVar(&flags.quiet, "quiet", false, "print no line per attempt")
	return cmd
}

type proxyFlags struct {
	scenario, listen, admin, adminTokenFile, log, readyFile, now string
	drain                                                        time.Duration
	gateways, intercept                                          []string
	fresh, quiet                                                 bool
	command                                                      []string
}

// splitCommand tells the arguments from the COMMAND after `--`.
func splitCommand(cmd *cobra.Command, args []string) (before, command []string) {
	dash := cmd.ArgsLenAtDash()
	if dash < 0 {
		return args, nil
	}
	return args[:dash], args[dash:]
}

func runProxy(ctx context.Context, w world, flags proxyFlags, given func(string) bool) error {
	if flags.drain < 0 {
		return usage("--drain %s: want a duration from 0s", flags.drain)
	}
	if err := notReady(flags.readyFile); err != nil {
		return err
	}
	rules, err := rulesFor(flags.scenario, w)
	if err != nil {
		return err
	}
	if given("intercept") {
		if rules, err = rules.WithIntercept(flags.intercept); err != nil {
			return usage("--intercept: %w", err)
		}
	}
	settings, err := settle(flags, given, w, rules)
	if err != nil {
		return err
	}
	// From here on a signal ends the run in order; one that comes earlier ends the process.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)

	p, err := startStation(settings, rules, w)
	if err != nil {
		return err
	}
	p.greet(flags)
	p.letIn()
	stopWatching := p.watchScenario()
	err = p.runUntilEnd(ctx, flags, signals)
	stopWatching()
	hurry, calm := hurried(signals)
	err = errors.Join(err, p.close(hurry, flags.drain), notReady(flags.readyFile))
	calm()
	if len(flags.command) > 0 {
		p.sayVerdict()
	}
	if question := p.observed.question(); flags.scenario == "" && question != "" {
		p.term.say("%s", question)
	}
	return err
}

// rulesFor is the scenario of a run, with the seed that it will be decided by.
func rulesFor(arg string, w world) (*scenario.Scenario, error) {
	rules := scenario.Empty()
	if arg != "" {
		var err error
		if rules, err = loadScenario(arg, w); err != nil {
			return nil, err
		}
	}
	if rules.SeedGiven {
		return rules, nil
	}
	seed, err := drawSeed()
	if err != nil {
		return nil, err
	}
	return rules.WithSeed(seed), nil
}

// drawSeed draws a seed for a scenario without one, small enough to be retyped.
func drawSeed() (uint64, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return 0, fmt.Errorf("draw a seed: %w", err)
	}
	return uint64(binary.LittleEndian.Uint32(b[:])), nil
}

// runUntilEnd runs the worker, if there is one, and returns when the run is to end.
func (p *station) runUntilEnd(ctx context.Context, flags proxyFlags, signals <-chan os.Signal) error {
	if len(flags.command) > 0 {
		return p.runWorker(flags, signals)
	}
	if err := p.ready(flags.readyFile); err != nil {
		return err
	}
	return p.untilTold(ctx, signals)
}

// watchScenario puts changes of the scenario's file into force until it is told to stop.
func (p *station) watchScenario() (stop func()) {
	if !isFile(p.settings.scenario) {
		return func() {}
	}
	watch, err := watchFile(p.settings.scenario, func() { p.revisions.fromFile(false) })
	if err != nil {
		p.logger.Warn("changes of the scenario's file are not noticed; SIGHUP reloads it", "error", err)
		return func() {}
	}
	return func() {
		if err := watch.close(); err != nil {
			p.logger.Warn("end the watch of the scenario's file", "error", err)
		}
	}
}

// runWorker runs the COMMAND to its end.
func (p *station) runWorker(flags proxyFlags, signals <-chan os.Signal) error {
	worker, err := p.beginWorker(flags.command)
	if err != nil {
		return err
	}
	if err := p.ready(flags.readyFile); err != nil {
		worker.signal(syscall.SIGTERM)
		<-worker.ended
		return err
	}
	for {
		select {
		case <-worker.ended:
			return worker.result()
		case s := <-signals:
			if s == syscall.SIGHUP {
				p.revisions.fromFile(true)
				continue
			}
			p.server.LiftFaults()
			p.interrupted = true
			worker.signal(s)
		case err := <-p.failed:
			worker.signal(syscall.SIGTERM)
			<-worker.ended
			return exit{exitInternal, err}
		}
	}
}

// beginWorker starts a COMMAND with the variables set that bring its traffic here.
func (p *station) beginWorker(command []string) (*worker, error) {
	env, said := workerEnvironment(p.world.environ, p.reach, slices.Concat(p.rules.Hosts(), p.also))
	if authority := p.authority.Load(); authority != nil {
		trusting, also := trustBundle(env, authority.Paths().Bundle)
		env, said = trusting, append(said, also...)
	}
	for _, line := range said {
		p.term.say("  %s", line)
	}
	return startWorker(command, env, p.world)
}

// readyNotice is what --ready-file gets.
type readyNotice struct {
	Listen string `json:"listen"` // where workers point HTTP_PROXY at, host:port
	Admin  string `json:"admin"`
	Log    string `json:"log"`
	Run    string `json:"run"`
	PID    int    `json:"pid"`

	Gateways []gatewayNotice `json:"gateways,omitempty"`
}

// ready writes the ready file.
func (p *station) ready(file string) error {
	notice := readyNotice{Listen: p.listen, Admin: p.admin, Log: p.settings.logDir, Run: p.run, PID: os.Getpid()}
	for _, g := range p.gateways {
		notice.Gateways = append(notice.Gateways, g.notice())
	}
	return writeReady(file, notice)
}

// writeReady writes a ready file, where one is wanted, whole or not at all.
func writeReady(file string, notice any) error {
	if file == "" {
		return nil
	}
	data, err := json.Marshal(notice)
	if err != nil {
		return fmt.Errorf("encode ready file: %w", err)
	}
	temp := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".tmp")
	if err := os.WriteFile(temp, append(data, '\n'), 0o644); err != nil {
		return usage("write ready file: %w", err)
	}
	if err := os.Rename(temp, file); err != nil {
		return usage("write ready file: %w", err)
	}
	return nil
}

// notReady removes a ready file: before the start, where an earlier run may have left it, and at the end.
func notReady(file string) error {
	if file == "" {
		return nil
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usage("write ready file: %w", err)
	}
	return nil
}

// listenOn opens a listener; what stands in its way another address mends.
func listenOn(flag, address string) (*net.TCPListener, error) {
	l, err := proxy.Listen(address)
	if err != nil {
		return nil, usage("--%s %s: %w (another address, or port 0, mends it)", flag, address, err)
	}
	return l, nil
}

func newLogger(w world) *slog.Logger { return slog.New(slog.NewTextHandler(w.stderr, nil)) }
