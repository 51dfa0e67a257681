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

	found := report{Machine: thisMachine(b), Rounds: s.rounds, Seconds: s.span.Seconds()}
	for _, p := range chosen {
		fmt.Fprintf(os.Stderr, "bench: %s: %s\n", p.name, p.asks)
		tables, err := p.measure(b)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		for _, t := range tables {
			fmt.Print(t.text(), "\n")
		}
		found.Tables = append(found.Tables, tables...)
	}
	found.Machine.LoadAfter = loadAverage()
	return errors.Join(found.writeJSON(s.json), found.writeMarkdown(s.markdown))
}
