package main

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"time"
)

// A load is what the senders do. Each sends its next attempt when the answer to its last is there: a closed loop.
type load struct {
	proxy   string // address
	senders int
	url     string // of the target, as the request line names it
	host    string // of the target, with its port
	keys    int    // delivery keys, all of them used over and over
	faulted bool   // a 503 is as right as a 200

	tunnel *tls.Config // attempts go through a CONNECT, over TLS
	fresh  bool        // each on a connection of its own
}

// bodySize is that of an attempt's body.
const bodySize = 1024

// A tally is what came of a load.
type tally struct {
	attempts int
	faulted  int // 503s
	elapsed  time.Duration
	waits    []time.Duration // of each attempt from its first byte to its answer's last, sorted
}

// senders are the connections of a load.
type senders struct {
	load
	all []*sender
}

// connect opens the connections.
func (l load) connect() (*senders, error) {
	s := &senders{load: l}
	for i := range l.senders {
		sender := newSender(l, i)
		s.all = append(s.all, sender)
		if l.fresh {
			continue
		}
		if err := sender.dial(); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *senders) close() {
	for _, sender := range s.all {
		sender.hangUp()
	}
}

// run sends for so long. An answer that is not the wanted one, or none within 10 s, is an error.
func (s *senders) run(span time.Duration) (tally, error) {
	start := time.Now()
	errs := make(chan error, len(s.all))
	for _, sender := range s.all {
		go func() { errs <- sender.run(start, span) }()
	}
	var failed error
	for range s.all {
		failed = cmp.Or(failed, <-errs)
	}
	t := tally{elapsed: time.Since(start)}
	for _, sender := range s.all {
		t.attempts += len(sender.waits)
		t.faulted += sender.faulted
		t.waits = append(t.waits, sender.waits...)
	}
	slices.Sort(t.waits)
	if failed == nil && t.attempts == 0 {
		failed = fmt.Errorf("no attempt in %v", span)
	}
	return t, failed
}

// quantile is the wait that a share of the attempts did not exceed.
func (t tally) quantile(share float64) time.Duration {
	return t.waits[min(int(share*float64(len(t.waits))), len(t.waits)-1)]
}

// perSecond is how many attempts there were in a second.
func (t tally) perSecond() float64 { return float64(t.attempts) / t.elapsed.Seconds() }

// faultedShare is the share of the attempts that were answered 503.
func (t tally) faultedShare() float64 { return float64(t.faulted) / float64(t.attempts) }

// milliseconds of a duration.
func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// dialTimeout is for all that is done on a connection before a span is set for it.
const dialTimeout = 10 * time.Second

// dialProxy connects, with a deadline.
func dialProxy(address string) (net.Conn, error) {
	conn, err := net.DialTimeout("tcp", address, dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("dial the proxy: %w", err)
	}
	return conn, conn.SetDeadline(time.Now().Add(dialTimeout))
}
