package proxy

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elazarl/goproxy"

	"github.com/faultline/faultline/scenario"
)

// Server is the proxy. Make it with New, give it listeners with Open and OpenGateway, serve those, end it with Shutdown.
type Server struct {
	cfg    Config
	engine *goproxy.ProxyHttpServer
	dialer net.Dialer

	ruling atomic.Pointer[ruling]
	clock  *clock
	faults *faultSwitch
	other  otherTraffic
	unseen hostsSeen

	doors     doors
	conns     connSet
	farewells farewells
	buffers   copyBuffers
	heads     headBuffers
	readers   readers
	via11     string // of messages of HTTP/1.1
	alarm     alarm
	active    sync.WaitGroup // exchanges and tunnels
	tunnels   atomic.Int64
	targets   atomic.Int64 // connections to them, but for those of tunnels
	held      atomic.Int64
	inFlight  [stages]atomic.Int64

	descriptors int // that connections may take

	address  atomic.Pointer[string]
	base     context.Context // ends when attempts are ended
	draining context.Context // ends when the drain begins
	drain    context.CancelFunc
	closing  atomic.Bool
	stop     context.CancelCauseFunc
	ending   sync.Once

	beginning sync.Once
	unbegun   error // why it could not begin
}

// New makes a server for a scenario. Nothing runs before a Door of it is served.
func New(cfg Config, rules *scenario.Scenario) *Server {
	cfg.Limits = cfg.Limits.withDefaults()
	base, stop := context.WithCancelCause(context.Background())
	s := &Server{cfg: cfg, engine: newEngine(cfg.Log), clock: &clock{shift: cfg.Shift}, faults: newFaultSwitch(), via11: "1.1 " + cfg.Name, stop: stop}
	s.base = base
	s.doors.news = make(chan struct{}, 1)
	s.clock.began = s.doors.tell
	s.descriptors = descriptors()
	s.draining, s.drain = context.WithCancel(base)
	s.conns.limit = cfg.Limits.Connections
	s.dialer = net.Dialer{
		Timeout:       0, // a limit of ours would be a fault that no scenario wrote; the kernel gives up by itself
		FallbackDelay: 0, // RFC 6555, Go's default of 300 ms
		KeepAlive:     0, // Go's default, 15 s
	}
	if cfg.Start.IsZero() {
		cfg.Start = time.Now()
	}
	s.ruling.Store(newRuling(rules, 1, s.clock))
	if rules.Clock == scenario.ClockStart {
		s.clock.begin(cfg.Start)
	}
	return s
}

// begin starts what runs beside the doors, once.
func (s *Server) begin() error {
	s.beginning.Do(func() {
		if s.unbegun = s.farewells.begin(); s.unbegun != nil {
			return
		}
		go s.everyMinute()
		go s.watchDoors()
	})
	return s.unbegun
}

// own is the address that the server listens at; empty before Open.
func (s *Server) own() string {
	if address := s.address.Load(); address != nil {
		return *address
	}
	return ""
}

func (s *Server) everyMinute() {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.flushOther()
			s.tellEvicted()
		case <-s.draining.Done():
			return
		}
	}
}

// handle takes one request through to its end. An abort of the connection travels as http.ErrAbortHandler.
func (s *Server) handle(w *reply, r *http.Request) {
	s.active.Add(1)
	defer s.active.Done()
	conn := w.conn
	if conn.head.Misframed {
		w.closes = true
	}
	if conn.head.Coded && !r.ProtoAtLeast(1, 1) {
		w.closes = true
		s.turnAway(w, r, refusal{http.StatusBadRequest, "framing", "Transfer-Encoding wants HTTP/1.1 (RFC 9112 6.1)"})
		return
	}
	if r.ProtoMajor != 1 {
		w.closes = true
		s.turnAway(w, r, refusal{http.StatusHTTPVersionNotSupported, "version", "only HTTP/1.0 and HTTP/1.1 are spoken here"})
		return
	}
	if s.isLoop(r) {
		s.turnAway(w, r, refusal{http.StatusLoopDetected, "loop", "this request has already come through this proxy"})
		return
	}
	if why := s.cfg.Access.admits(r, conn.came.placement); why != nil {
		s.turnAway(w, r, *why)
		return
	}
	if s.cfg.Accepts != nil {
		if err := s.cfg.Accepts(); err != nil {
			s.turnAway(w, r, refusal{http.StatusServiceUnavailable, "log", "the log cannot be written, and the scenario requires it (log.required)"})
			return
		}
	}
	came := conn.came
	if r.Method == http.MethodConnect && came.placement == scenario.Forward {
		s.connect(w, r)
		return
	}
	if came.receiver != nil && came.receiver.Aside != nil && came.receiver.Aside(r) {
		came.receiver.Endpoint.ServeHTTP(w, r)
		return
	}
	to, why := destinationOf(r, came)
	if why == nil {
		why = conn.hostBeside(r)
	}
	if why != nil {
		s.turnAway(w, r, *why)
		return
	}
	s.newExchange(w, r, to).serve()
}

// isLoop reports whether the request has come through this very proxy before (RFC 9110 7.6.3).
func (s *Server) isLoop(r *http.Request) bool {
	for _, value := range r.Header["Via"] {
		for hop := range strings.SplitSeq(value, ",") {
			if fields := strings.Fields(hop); len(fields) >= 2 && fields[1] == s.cfg.Name {
				return true
			}
		}
	}
	return false
}

// Live is what a server is doing right now.
type Live struct {
	Connections int
	Tunnels     int
	InFlight    map[string]int // attempts by stage: request, held, target, answer
}

// Live may be called at any time.
func (s *Server) Live() Live {
	live := Live{Connections: s.conns.len(), Tunnels: int(s.tunnels.Load()), InFlight: make(map[string]int, stages)}
	for at := range stages {
		live.InFlight[at.String()] = int(s.inFlight[at].Load())
	}
	return live
}

// Shutdown takes no new attempts and gives the open ones until ctx ends; what is still open then is ended and recorded. Held attempts are
// freed at once: a delay goes on, a hang ends. Nothing of the server is left running when it returns. A second call waits for the first.
func (s *Server) Shutdown(ctx context.Context) {
	s.ending.Do(func() { s.shutdown(ctx) })
}

func (s *Server) shutdown(ctx context.Context) {
	s.closing.Store(true)
	s.faults.lift()
	s.drain()
	s.doors.close()
	s.conns.closeIdle(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.active.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.stop(errShutdown)
		s.conns.interrupt()
		select {
		case <-done:
		case <-time.After(endWait):
			s.conns.closeAll()
			<-done
		}
	}
	s.stop(errShutdown)
	s.conns.closeAll()
	s.conns.serving.Wait()
	s.beginning.Do(func() {}) // it begins no more
	s.farewells.close()
	s.alarm.close()
	s.leaveDoors()
	s.flushOther()
	s.tellEvicted()
}

// tellEvicted says that connections had to go in the minute that is over: their senders met a close that no scenario wrote.
func (s *Server) tellEvicted() {
	if n := s.conns.evicted.Swap(0); n > 0 {
		s.cfg.Log.Warn("idle connections closed for new ones", "connections", n, "limits.connections", s.conns.limit)
	}
}

// endWait is how long attempts that are being ended may take to record themselves before their connections are closed under them.
const endWait = 3 * time.Second
