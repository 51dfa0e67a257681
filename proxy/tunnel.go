package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// tunnel is one CONNECT that is passed through unseen, from its decision to its record.
type tunnel struct {
	s        *Server
	w        *reply
	r        *http.Request
	conn     *senderConn
	early    *bufio.Reader // what the sender sent together with its CONNECT
	host     string
	port     int
	start    time.Time
	decision scenario.Decision
	accepted bool // the sender was told that it stands
	opened   bool // what it carries is served, not passed on
	waited   bool // a fault has held it, and has read what the sender said
	target   *net.TCPConn
	broken   *faults.Cut // how a rule cuts it; nil: it does not
	severing *severing   // of an opened one that is cut
	// certificate is what an opened one is shown; nil: one of ours without a flaw.
	certificate func(host string) (*tls.Certificate, error)
	up, down    *pace // nil: as fast as it comes
}

// connect serves a CONNECT: faults that act at connect, else a tunnel.
func (s *Server) connect(w *reply, r *http.Request) {
	host, port, why := s.connectTarget(r)
	if why != nil {
		s.turnAway(w, r, *why)
		return
	}
	t := &tunnel{s: s, w: w, r: r, conn: w.conn, host: host, port: port, start: time.Now()}
	for _, step := range t.decide().Steps {
		if over := t.step(step); over {
			return
		}
	}
}

// connectTarget reads the authority form of a CONNECT (RFC 9112 3.2.3). Tunnels lead to port 443, to ports that the scenario
// names with their host, and to any port of this machine.
func (s *Server) connectTarget(r *http.Request) (string, int, *refusal) {
	host, text, err := net.SplitHostPort(r.RequestURI)
	port, portErr := strconv.ParseUint(text, 10, 16)
	if err != nil || portErr != nil || port == 0 || !plainHost(host) {
		return "", 0, &refusal{http.StatusBadRequest, "connect_target", "CONNECT wants host:port"}
	}
	if port != 443 && !s.ruling.Load().scenario.NamesPort(host, int(port)) && !s.stays(r.Context(), host) {
		return "", 0, &refusal{http.StatusForbidden, "connect_port", "CONNECT is allowed to port 443, and to ports that the scenario names with their host (\"host:8443\")"}
	}
	return strings.ToLower(host), int(port), nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// decide says what is done to the CONNECT, and whether it is opened: then that is what is bound to the CONNECT, and its requests are decided by the rest.
func (t *tunnel) decide() faults.Plan {
	untouched := faults.Plan{Steps: []faults.Step{faults.Forward{}, faults.Relay{}}}
	rules := t.s.ruling.Load()
	subject := scenario.Subject{
		Moment: scenario.Connect, Placement: scenario.Tunnel, Client: clientOf(t.r), Scheme: "https", Host: t.host, Port: t.port, Size: -1,
	}
	matching, webhook, opened := rules.scenario.Connecting(&subject, t.s.cfg.Leaf != nil)
	t.opened = opened
	if off, _ := t.s.faults.lifted(); off || !webhook {
		return untouched
	}
	t.s.cfg.Counters.Do(func(tx *counters.Tx) {
		t.decision, _ = rules.decide(tx, &subject, matching)
	})
	return t.decision.Plan
}

func (t *tunnel) step(step faults.Step) (over bool) {
	switch step := step.(type) {
	case faults.Wait:
		return t.wait(step)
	case faults.Throttle:
		t.throttle(step)
		return false
	case faults.Forward:
		return !t.opened && t.dial()
	case faults.Relay:
		t.relay()
	case faults.Answer:
		t.answer(step)
	case faults.Hold:
		return t.hold(step)
	case faults.Reset:
		t.reset()
	case faults.Alert:
		t.alert()
	case faults.Present:
		t.present(step)
	case faults.Cut:
		t.cut(step)
	case faults.Rewrite, faults.Duplicate, faults.Corrupt, faults.Deliver, faults.HearOut, faults.Finish, faults.Begin, faults.Raw, faults.Interim:
		panic(fmt.Sprintf("proxy: step %T was planned for a tunnel", step))
	default:
		panic(fmt.Sprintf("proxy: no performer for step %T", step))
	}
	return true
}

// dial connects to the target for as long as the sender is there. When that fails the sender sees a gateway's answer to its CONNECT.
func (t *tunnel) dial() (over bool) {
	t.take()
	var vigil vigil
	ctx := vigil.keep(t.s.base, func() bool { return false }, func() bool { return t.early.Buffered() == 0 && t.conn.leftUnsaid() }, func() {})
	defer vigil.end()
	conn, err := t.s.reach(ctx, t.address(), true)
	switch cause := context.Cause(ctx); {
	case err == nil:
		t.target = conn
		return false
	case errors.Is(cause, errLeft):
		t.record(deliveries.Silence, cause)
		_ = t.conn.Close() // the sender closed it before us
	case cause != nil:
		t.record(deliveries.Reset, cause)
		t.conn.reset()
	default:
		t.refuseUnreached(err)
	}
	return true
}

// refuseUnreached says why the target could not be reached.
func (t *tunnel) refuseUnreached(err error) {
	status, kind, text := gatewayFailure(err)
	if t.s.cfg.Signs != SignNone {
		t.w.Header().Set("Proxy-Status", t.s.cfg.Name+"; error="+kind)
	}
	t.record(deliveries.Complete, err)
	ownAnswer(t.w.Header(), len(text)+1)
	t.refuse(status, []byte(text+"\n"))
}

// relay: bytes both ways, each end's FIN passed on, until both have ended; or what comes is opened.
func (t *tunnel) relay() {
	if t.opened {
		t.intercept()
		return
	}
	t.s.tunnels.Add(1)
	defer t.s.tunnels.Add(-1)
	if t.decision.Unseen > 0 && t.s.unseen.first(t.address()) {
		t.s.cfg.Unseen(t.address(), t.decision.Unseen)
	}
	if err := t.accept(); err != nil {
		t.record(deliveries.Silence, err)
		t.shut()
		return
	}
	stop := context.AfterFunc(t.s.base, t.shut)
	defer stop()
	cut := &tunnelCut{tunnel: t, step: t.broken}
	unwatch := cut.begin()
	var up, down flow
	var both sync.WaitGroup
	both.Go(func() { up = t.upward() })
	both.Go(func() { down = pass(t.conn.tcp, cut.source(t.target), t.target, t.down) })
	both.Wait()
	unwatch()
	end := endOfFlows(up, down)
	cutShort := cut.fell.Load() && (interrupted(up.err) || interrupted(down.err))
	if cutShort {
		end = cut.carryOut(down.bytes)
	}
	t.shut()
	if t.faulted() && !cutShort {
		t.record(end, errors.Join(up.err, down.err))
	}
	t.recordTunnel(up, down, end)
}

// shut closes both ends. Errors mean that they are closed already.
func (t *tunnel) shut() {
	_ = t.conn.Close()
	_ = t.target.Close()
}

func (t *tunnel) name() string {
	return destination{scheme: "https", host: t.host, port: t.port, addr: t.address()}.name()
}

// authority is the host, and its port unless that is 443.
func (t *tunnel) authority() string { return t.name() }

// address is the host with its port, as CONNECT lines show it.
func (t *tunnel) address() string { return net.JoinHostPort(t.host, strconv.Itoa(t.port)) }

// faulted reports whether a fault acts at the CONNECT; a rule that passes it has none.
func (t *tunnel) faulted() bool { return len(firedFaults(t.decision.Fired)) > 0 }

// record says that a CONNECT was faulted, or failed.
func (t *tunnel) record(end deliveries.End, err error) {
	t.append(&deliveries.Connect{
		Start: t.start, Host: t.address(), Client: t.r.RemoteAddr,
		Rules: firedNames(t.decision.Fired), Faults: firedFaults(t.decision.Fired), End: end, Error: errorText(err),
	})
}

func (t *tunnel) recordTunnel(up, down flow, end deliveries.End) {
	t.append(&deliveries.Tunnel{
		Start: t.start, Host: t.address(), Client: t.r.RemoteAddr, Up: up.bytes, Down: down.bytes,
		Unseen: t.decision.Unseen, MS: deliveries.TunnelTimes{Total: ms(time.Since(t.start))}, End: end,
	})
}

func (t *tunnel) append(record deliveries.Record) {
	if err := t.s.cfg.Journal.Append(context.WithoutCancel(t.r.Context()), record); err != nil {
		t.s.cfg.Log.Error("line missing from the log", "host", t.address(), "error", err)
	}
	t.s.cfg.Observer.Observe(record, t.decision.Fired)
}
