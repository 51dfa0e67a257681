package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const (
	// stopPatience is how long a sender that was told to end has for that.
	stopPatience = 20 * time.Second
	// sweepPatience is how long what a sender has left behind has for that.
	sweepPatience = 2 * time.Second
)

// untilEnded is a context that ends when somebody ends the command, or closes its terminal, which the sender, in a group of its own, would not notice. What nohup keeps from
// that goes on.
func untilEnded(ctx context.Context) (context.Context, context.CancelFunc) {
	signals := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	return signal.NotifyContext(ctx, signals...)
}

// stop ends the sender: all faults are lifted, so that nothing holds it, then it is told to end, and made to where it does not, or where somebody interrupts the wait.
func (k *worker) stop(p *station) {
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(again)
	p.server.LiftFaults()
	k.signal(syscall.SIGTERM)
	timer := time.NewTimer(stopPatience)
	defer timer.Stop()
	select {
	case <-k.ended:
		return
	case <-again:
	case <-timer.C:
	}
	k.signal(syscall.SIGKILL)
	<-k.ended
}

// sweep ends what an ended sender has left behind in its process group: a worker that a script has started would take the next run's tasks, and go to a proxy that
// is no more. A process that has left the group is none of ours.
func (k *worker) sweep() {
	<-k.ended
	group := -k.cmd.Process.Pid
	if k.sharesTerminal || syscall.Kill(group, syscall.SIGTERM) != nil {
		return // nobody is left
	}
	for deadline := time.Now().Add(sweepPatience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(group, 0) != nil {
			return
		}
	}
	_ = syscall.Kill(group, syscall.SIGKILL) // they may have ended by now
}
