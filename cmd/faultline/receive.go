package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/receiver"
)

func receiveCommand(w world) *cobra.Command {
	var flags receiveFlags
	cmd := &cobra.Command{
		Use:   "receive",
		Short: "Stand for a webhook endpoint: take whatever comes, keep it, answer a fixed code",
		Long: `receive is a webhook endpoint that is always up. It takes any method at any path, keeps each payload in a file of its own (webhook_data_*.json), writes a
line for each into its log, and answers --response-code. GET /status shows what came. It runs until it is told to stop; at SIGHUP it opens its log anew, so that it
can be moved away.

With a --scenario its rules break what comes, as faultline proxy does before a target elsewhere, and every attempt is in the delivery log: hosts in it are those
by which senders call the receiver. A change of the file, or SIGHUP, comes into force as there.

A file has the body exactly as it came: text as a string in "body", other bytes as {"base64": …}; JSON that is not too large stands in "json" as well.
Header fields are kept as they came, secrets included: the files are for their owner only.`,
		Example: "  faultline receive\n  faultline receive --port 9001 --response-code 200 --data-dir received --keep 1000\n  curl http://127.0.0.1:9001/status\n  faultline receive --scenario overload --response-code 200",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := notReady(flags.readyFile); err != nil {
				return err
			}
			if flags.scenario == "" {
				return runReceive(cmd.Context(), w, flags)
			}
			return runReceiveBy(cmd.Context(), w, flags, cmd.Flags().Changed)
		},
		ValidArgsFunction: cobra.NoFileCompletions,
	}
	f := cmd.Flags()
	f.StringVar(&flags.host, "host", "127.0.0.1", "address that it listens at; anybody who reaches it may send")
	f.IntVar(&flags.port, "port", 9001, "port that it listens at; 0 picks one")
	f.IntVar(&flags.code, "response-code", http.StatusInternalServerError, "the answer, from 200 to 599")
	f.StringVar(&flags.logFile, "log-file", "webhook_receiver.log", "file that gets a line of JSON per request")
	f.StringVar(&flags.dataDir, "data-dir", ".", "folder that gets a file per payload")
	f.IntVar(&flags.keep, "keep", 0, "how many payload files are kept, the newest ones; 0: all")
	f.StringVar(&flags.maxBody, "max-body", "100MiB", "how large a body may be; a larger one is answered 413")
	f.StringArrayVar(&flags.secrets, "secret", nil, "secret that senders sign with (Standard Webhooks, GitHub, Stripe); may be repeated")
	f.BoolVar(&flags.tls, "tls", false, "speak https, with a certificate of our CA")
	caDirFlag(cmd, &flags.caDir)
	f.StringVar(&flags.scenario, "scenario", "", "scenario that breaks what comes: a TOML file, the name of a built-in one, or - for standard input")
	f.StringVar(&flags.log, "log", "faultline-log", "folder of the delivery log, with a scenario")
	f.StringVar(&flags.admin, "admin", "127.0.0.1:9128", "address of metrics, health and the admin API, with a scenario")
	f.StringVar(&flags.readyFile, "ready-file", "", "file that gets the address, as JSON, once ready")
	f.BoolVar(&flags.quiet, "quiet", false, "print no line per request")
	return cmd
}

type receiveFlags struct {
	host, logFile, dataDir, maxBody, caDir, scenario, log, admin, readyFile string
	port, code, keep                                                        int
	secrets                                                                 []string
	tls, quiet                                                              bool
}

// listen is the address that the receiver listens at.
func (f receiveFlags) listen() string { return net.JoinHostPort(f.host, strconv.Itoa(f.port)) }

// runReceive serves the endpoint by itself.
func runReceive(ctx context.Context, w world, flags receiveFlags) (err error) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	r, err := openReception(w, flags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	listener, url, err := r.listen(flags)
	if err != nil {
		return err
	}
	// A sender may be as slow as it likes with its body: how long that may take is no endpoint's to say.
	server := &http.Server{Handler: r.endpoint, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 0, WriteTimeout: 0, IdleTimeout: 0, MaxHeaderBytes: 256 << 10, DisableGeneralOptionsHandler: true}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() { err = errors.Join(err, stopServing(server)) }()
	r.greet(url, flags)
	if err := writeReady(flags.readyFile, receiving{URL: url, PID: os.Getpid()}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, notReady(flags.readyFile)) }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-signals:
			if s != syscall.SIGHUP {
				return interrupted(s)
			}
			r.reopen()
		case failed := <-served:
			return exit{exitInternal, failed}
		}
	}
}

// receiving is what --ready-file gets.
type receiving struct {
	URL   string `json:"url"`
	PID   int    `json:"pid"`
	Admin string `json:"admin,omitempty"` // with a scenario
	Log   string `json:"log,omitempty"`
	Run   string `json:"run,omitempty"`
}

// stopWait is how long requests that are under way get at the end.
const stopWait = 10 * time.Second

func stopServing(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}

// runReceiveBy serves the endpoint behind the rules of a scenario.
func runReceiveBy(ctx context.Context, w world, flags receiveFlags, given func(string) bool) (err error) {
	rules, err := rulesFor(flags.scenario, w)
	if err != nil {
		return err
	}
	like := proxyFlags{scenario: flags.scenario, listen: flags.listen(), admin: flags.admin, log: flags.log, drain: stopWait, quiet: flags.quiet}
	settings, err := settle(like, func(name string) bool { return name == "listen" || given(name) }, w, rules)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	r, err := openReception(w, flags)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	secured, err := r.secured(flags)
	if err != nil {
		return err
	}
	p, err := startStation(settings, rules, w)
	if err != nil {
		return err
	}
	defer func() {
		hurry, calm := hurried(signals)
		err = errors.Join(err, p.close(hurry, stopWait))
		calm()
	}()
	url := r.scheme + "://" + p.listen
	r.greet(url, flags)
	p.greetReceiver(flags)
	p.letInto(proxy.Receiver{Endpoint: r.endpoint, Aside: receiver.AsksForStatus, TLS: secured})
	defer p.watchScenario()()
	if err := writeReady(flags.readyFile, receiving{URL: url, PID: os.Getpid(), Admin: p.admin, Log: settings.logDir, Run: p.run}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, notReady(flags.readyFile)) }()
	return p.untilTold(ctx, signals)
}
