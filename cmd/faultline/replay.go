package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/sender"
)

func replayCommand(w world) *cobra.Command {
	flags := replayFlags{state: string(deliveries.StateLost), timeout: 30 * time.Second}
	cmd := &cobra.Command{
		Use:   "replay LOG…",
		Short: "Send lost deliveries again",
		Long: `replay sends each lost delivery again, once, one after the other in the order in which they began: the last attempt that the log holds whole, with its method,
URL, header fields and body. That needs log.bodies = "full", and what the log has redacted must be given by --header. Each is marked with
` + deliveries.ReplayHeader + `, so that the log of a proxy on its way (--proxy) tells it from the sender's own attempts, and no verdict on the sender counts it.

What has arrived, or may have, is left out, unless --even-if-reached. Without --send nothing is sent: it is said what would be.

It exits with 1 when a delivery could not be sent, or was not acknowledged.`,
		Example: "  faultline replay faultline-log\n  faultline replay faultline-log --send --header 'Authorization: Bearer …'\n  faultline replay host-a/log host-b/log --send --proxy http://127.0.0.1:3128",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return runReplay(cmd.Context(), w, args, &flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.state, "state", flags.state, "which are replayed: lost, no others: those that are open may still come from their sender")
	f.BoolVar(&flags.send, "send", false, "send them")
	f.BoolVar(&flags.evenIfReached, "even-if-reached", false, "those, too, that have arrived or may have: they may be there twice then")
	f.StringArrayVar(&flags.headers, "header", nil, "field that all are sent with, 'Name: value', in place of one of their own; repeatable")
	f.StringVar(&flags.proxy, "proxy", "", "proxy that takes them, http://HOST:PORT (default: none, whatever the environment says)")
	f.DurationVar(&flags.timeout, "timeout", flags.timeout, "how long one may take")
	f.Var(&flags.settle, "settle", "how long a delivery must be silent to be lost; 0s: the sender has ended")
	f.BoolVar(&flags.asJSON, "json", false, "print JSON, a line each")
	return cmd
}

type replayFlags struct {
	state, proxy        string
	headers             []string
	timeout             time.Duration
	settle              settleFlag
	send, evenIfReached bool
	asJSON              bool
}

func runReplay(ctx context.Context, w world, paths []string, flags *replayFlags) error {
	given, via, err := flags.read()
	if err != nil {
		return err
	}
	l, err := readLogs(ctx, w, paths)
	if err != nil {
		return err
	}
	defer l.close()
	q, err := l.question("", &flags.settle, 0, w)
	if err != nil {
		return err
	}
	stories, err := l.stories(q)
	if err != nil {
		return err
	}
	if len(stories) == 0 {
		return exit{exitInconclusive, errors.New("the log has no delivery")}
	}
	list, err := l.replays(stories, flags.evenIfReached, given)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	s := sender.New(sender.Config{Proxy: via, Policy: sender.Policy{Timeout: flags.timeout}})
	for i := range list {
		if flags.send {
			list[i].send(ctx, s)
		}
		if err := list[i].print(w, flags.asJSON); err != nil {
			return err
		}
	}
	return list.end(ctx, w, flags.asJSON)
}

// read takes the flags that are more than a word.
func (f *replayFlags) read() (given http.Header, via *url.URL, err error) {
	if f.state != string(deliveries.StateLost) {
		return nil, nil, usage("--state %q: want lost: what is open may still come from its sender, and what is acknowledged has come", f.state)
	}
	if f.timeout <= 0 {
		return nil, nil, usage("--timeout %s: want a time above zero", f.timeout)
	}
	if given, err = parseHeader(f.headers); err != nil || f.proxy == "" {
		return given, nil, err
	}
	via, err = parseProxy("--proxy", f.proxy)
	return given, via, err
}

// replays are what is to be done about each lost delivery.
func (l *logged) replays(stories []analysis.Story, evenIfReached bool, given http.Header) (replayList, error) {
	var list replayList
	var chosen []*deliveries.Attempt
	for _, s := range stories {
		if s.State != deliveries.StateLost {
			continue
		}
		one := replay{story: s, result: replayReady}
		a, err := s.Again(evenIfReached)
		switch {
		case errors.Is(err, analysis.ErrReached):
			one.result, one.why = replayLeftOut, err
		case err != nil:
			one.result, one.why = replayImpossible, err
		default:
			one.attempt = a
			chosen = append(chosen, a)
		}
		list = append(list, one)
	}
	whole, err := l.whole(chosen)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]*deliveries.Attempt, len(whole))
	for _, a := range whole {
		byID[a.ID] = a
	}
	for i := range list {
		if list[i].attempt != nil {
			list[i].take(byID[list[i].attempt.ID], given)
		}
	}
	return list, nil
}
