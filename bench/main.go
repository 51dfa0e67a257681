// Command bench measures what faultline costs, side by side with proxies that do nothing but forward.
//
//	go run . -only forward -rounds 5 -seconds 3
//
// It pins each proxy to one core, and the target and the senders to another; measures in interleaved rounds (A B C A B C …); and prints medians
// with the least and the most of all rounds. `make bench` in the folder above runs all of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// run is one of the processes that are measured (`bench serve …`, `bench read LOG`), or measures.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == "serve" {
		return serve(args[1:])
	}
	if len(args) == 2 && args[0] == "read" {
		return decode(args[1])
	}
	s, err := parseSettings(args)
	if err != nil {
		return err
	}
	chosen, err := choose(parts(), s.only)
	if err != nil {
		return err
	}
	b, err := newBench(ctx, s)
	if err != nil {
		return err
	}
	defer b.close()

	found := report{Machine: thisMachine(b)}
	if len(s.only) > 0 {
		if found.Tables, err = tablesOf(s.json); err != nil {
			return err
		}
	}
	for _, p := range chosen {
		if err := found.add(b, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		if err := errors.Join(found.writeJSON(s.json), found.writeMarkdown(s.markdown)); err != nil {
			return err
		}
	}
	return nil
}

// add measures a part, prints its tables and puts them in place of those of their names.
func (r *report) add(b *bench, p part) error {
	fmt.Fprintf(os.Stderr, "bench: %s: %s\n", p.name, p.asks)
	run := fmt.Sprintf("%s UTC, %d rounds of %g s; load average before it %.1f", time.Now().UTC().Format("2006-01-02 15:04"), b.rounds, b.span.Seconds(), loadAverage())
	tables, err := p.measure(b)
	if err != nil {
		return err
	}
	for _, t := range tables {
		t.Run = run
		fmt.Print(t.text(), "\n")
		r.put(t)
	}
	return nil
}
