package main

import (
	"context"
	"os"
	"syscall"
)

// untilTold takes reloads until a signal, or a listener's end, ends the run.
func (p *station) untilTold(ctx context.Context, signals <-chan os.Signal) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-signals:
			if s == syscall.SIGHUP {
				p.revisions.fromFile(true)
				continue
			}
			return interrupted(s)
		case err := <-p.failed:
			return exit{exitInternal, err}
		}
	}
}

// hurried is a context that ends at the next signal that asks for an end: who asks twice does not want to wait for the drain.
func hurried(signals <-chan os.Signal) (hurry context.Context, calm func()) {
	hurry, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-signals:
				if s != syscall.SIGHUP {
					cancel()
					return
				}
			case <-over:
				return
			}
		}
	}()
	return hurry, func() {
		close(over)
		cancel()
	}
}

func interrupted(s os.Signal) error {
	if s == syscall.SIGINT {
		return exit{code: exitInterrupted}
	}
	return nil
}
