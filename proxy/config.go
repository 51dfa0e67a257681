package proxy

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/faultline/faultline/ca"
	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// Config is what a Server needs. All fields without a default below must be set.
type Config struct {
	// Name is this proxy's name in Via and Proxy-Status; unique per process, so that its own Via means a loop.
	Name string
	// Run is the id of this process start, in every record.
	Run string

	Journal  Journal
	Observer Observer
	Counters *counters.Table
	Redact   *deliveries.Redactor
	Bodies   deliveries.BodyPolicy

	Limits Limits
	// Start is what after, for and phases count from, unless the scenario says otherwise; zero: New's call.
	Start time.Time
	// Shift is what the clock that scenarios are decided by is ahead of the machine's (--now). Records and the wire go by the machine's.
	Shift time.Duration
	// Signs says which answers carry Proxy-Status and X-Faultline-* fields.
	Signs Signs
	// TargetTimeout bounds the wait for a target's answer; 0 is no bound: a timeout of ours is a fault that no scenario wrote.
	TargetTimeout time.Duration
	// Targets is how https targets are verified; nil: by the system's roots.
	Targets *x509.CertPool
	// Unverified takes any certificate of a target (target.insecure).
	Unverified bool
	// Parent is the proxy on the way to every target, as host:port (target.proxy); "": there is none.
	Parent string
	// Leaf makes the certificate that an intercepted connection is opened with. nil: none is opened. It may be called at once by many.
	Leaf func(host string) (*tls.Certificate, error)
	// Flawed makes a certificate for a rule that shows one with a flaw. It may be nil when no rule does, and be called at once by many.
	Flawed func(host string, flaw ca.Flaw) (*tls.Certificate, error)
	// Access is who may use the proxy; the zero value: this machine alone.
	Access Access
	// Allow and Deny are what it may reach; Deny goes before Allow, and an Allow that has something refuses everything else.
	Allow, Deny scenario.Destinations
	// Guarded are addresses, as IP:port, that no attempt may reach (the admin listener); the proxy's own listener is always guarded.
	Guarded []string
	// Accepts is asked before each attempt; an error refuses it (log.required, and the log cannot be written). nil: all are accepted.
	Accepts func() error
	// Refused is told why a request was turned away before it was an attempt, or an attempt was turned away by a limit. Never blocks.
	Refused func(reason string)
	// Unseen is told, once per host, that this many rules name a host that is only tunnelled. Never blocks.
	Unseen func(host string, rules int)
	// Log takes what concerns the operator: requests turned away, panics.
	Log *slog.Logger
}

// Limits bound what one proxy holds. The zero value of a field is its default.
type Limits struct {
	Header      int           // bytes of a request's head; 256 KiB
	Body        int64         // bytes of a body held in memory for key and match; 1 MiB
	Connections int           // of senders; beyond, the longest idle one is closed; 10,000
	Held        int           // attempts held at once (hang, latency); 10,000
	Hold        time.Duration // the longest that an attempt is held; 10 minutes
	HeadWait    time.Duration // for the head of a request, from its first byte; 10 seconds
}

func (l Limits) withDefaults() Limits {
	if l.Header == 0 {
		l.Header = 256 << 10
	}
	if l.Body == 0 {
		l.Body = 1 << 20
	}
	if l.Connections == 0 {
		l.Connections = 10_000
	}
	if l.Held == 0 {
		l.Held = 10_000
	}
	if l.Hold == 0 {
		l.Hold = 10 * time.Minute
	}
	if l.HeadWait == 0 {
		l.HeadWait = 10 * time.Second
	}
	return l
}

// Signs says which answers of faultline's say that they are its own.
type Signs string

// The values of proxy.signs.
const (
	SignErrors Signs = "errors" // faultline's own 4xx and 5xx
	SignAll    Signs = "all"    // injected answers, too
	SignNone   Signs = "none"
)

// Journal takes records. Append returns when the record was written, or cannot be: an error means that the attempt must be refused.
type Journal interface {
	Append(ctx context.Context, record deliveries.Record) error
}

// Observer is shown what happens, after it was recorded. It never blocks.
type Observer interface {
	// Observe is shown every record after it was written, with the rules that fired for it.
	Observe(record deliveries.Record, fired []scenario.Firing)
	// Passed is shown a request to a host that was no webhook.
	Passed(host string)
	// Waited is told how long a rule held an attempt back.
	Waited(rule string, d time.Duration)
}
