package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// exchange is one attempt on its way from accept to record.
type exchange struct {
	s      *Server
	w      answerWriter
	r      *http.Request
	in     *http.Request // r as it came: its body puts the trailers there, and nobody changes it
	conn   *senderConn
	to     destination
	ruling *ruling

	id      string
	start   time.Time
	subject scenario.Subject
	body    requestBody
	judged  bool // a webhook: decided, numbered and recorded

	key      scenario.Key
	identity counters.Identity
	arrival  counters.Arrival
	arrived  bool
	decision scenario.Decision
	cutShort []scenario.Firing    // at the CONNECT, and have cut the connection under it
	decided  []deliveries.Ruling  // each time that the scenario was asked; none: faults were off
	rulings  [2]deliveries.Ruling // room for them
	deciding time.Duration

	trip    trip
	facts   targetFacts
	resp    *http.Response // the target's answer, its body unread
	ownBody answerBody     // the body of it, as the target sends it
	ahead   *ahead         // what reads it while it goes out slowly; nil: nobody needs to
	// edits are the steps that change whatever answer the sender is shown; leftAlone is what faults did not do, and why.
	edits     []faults.Step
	copies    *copies     // what the target gets besides; nil: nothing
	outgoing  http.Header // what the target gets in place of r's; nil: that
	length    int64       // of the body that it gets; -1: not known, and chunked
	leftAlone []string
	// asking bounds what is asked of the target, and cancelTarget frees it; nil until it was asked.
	asking       context.Context
	cancelTarget context.CancelFunc
	waited       bool        // a fault has held the attempt back
	seized       bool        // the connection was taken from the server
	early        io.Reader   // of a seized one: what the sender sent before, and then the rest
	shown        int64       // bytes that are no answer
	upgrade      string      // the protocol that the sender asks to switch to
	switched     *targetConn // the target has switched to it
	gathered     bool        // all of its body was there before the target was asked
	asked        bool        // the target has asked for the body, and the sender knows
	unprompted   bool        // the body is read without asking for it
	hidden       bool        // the sender sees nothing of the target's answer

	stage stage
	vigil vigil
	watch *time.Timer
	mu    sync.Mutex // guards watch and ended, and arrived from the decision on
	ended bool
	// recorded says that the log has how the attempt ended.
	recorded bool
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	x, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		panic("proxy: engine asked for an answer outside an exchange")
	}
	return x
}

// newExchange begins an attempt.
func (s *Server) newExchange(w *reply, r *http.Request, to destination) *exchange {
	conn := w.conn
	x := &exchange{
		s:      s,
		w:      answerWriter{reply: w, length: -1, head: r.Method == http.MethodHead},
		in:     r,
		conn:   conn,
		to:     to,
		ruling: s.ruling.Load(),
		id:     newID(),
		start:  time.Now(),
		length: r.ContentLength,
	}
	x.decided = x.rulings[:0]
	x.r = r
	if r.ContentLength < 0 {
		x.r = r.WithContext(r.Context()) // which keeps the trailer as it was announced
	}
	x.upgrade = upgradeOf(r)
	x.subject = subjectOf(r, to, conn)
	x.body.begin(r.Body, s.cfg.Limits.Body, s.cfg.Bodies.Keep(), x.bodyEnded)
	if !x.inline() || r.ContentLength > s.cfg.Limits.Body {
		x.lookOut()
	}
	x.enter(stageRequest)
	return x
}

// lookOut notices a sender that leaves before its body is read; once it is, its farewell is enough.
func (x *exchange) lookOut() {
	if x.vigil.timer == nil {
		x.r = x.r.WithContext(x.vigil.keep(x.r.Context(), x.body.over.Load, x.conn.left, x.conn.abandon))
	}
}

// newID is a UUIDv7: unique, and sortable by time.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// serve carries the attempt through to its end. An abort of the connection travels as http.ErrAbortHandler.
func (x *exchange) serve() {
	defer x.leave()
	if left, limited := forwardsLeft(x.r); limited && left == 0 {
		x.answerAsLast()
		return
	}
	if err := x.identify(); err != nil {
		x.failed(err)
		return
	}
	plan := x.decide()
	x.body.slow(nil) // what was slow while it was held back is so by the plan, or not at all
	if x.judged {
		x.mu.Lock() // the watch may look at itself at once
		x.watch = time.AfterFunc(openAfter-time.Since(x.start), x.recordOpen)
		x.mu.Unlock()
	}
	x.perform(plan)
}

// identify finds out what the attempt is, holding back as much of the body as that needs.
func (x *exchange) identify() error {
	rules := x.ruling.scenario
	if rules.NeedsBody(&x.subject) {
		if up := rules.Upload(&x.subject); up > 0 {
			x.slowUpload(up)
		}
		whole, err := x.body.hold()
		if err != nil {
			x.judged = rules.Webhook(&x.subject)
			return errors.Join(errSenderFailed, err)
		}
		x.subject.BodyHeld, x.subject.BodyWhole = true, whole
		x.subject.Body = x.body.heldForKey()
		if x.body.ended {
			x.subject.Size = x.body.n
		}
	}
	x.judged = rules.Webhook(&x.subject)
	return nil
}

// decide numbers the attempt and asks the scenario what is to be done to it, under one lock. Without rules, or with faults off, nothing is.
func (x *exchange) decide() faults.Plan {
	untouched := faults.Plan{Steps: []faults.Step{faults.Forward{}, faults.Relay{}}}
	if !x.judged {
		return untouched
	}
	begun := time.Now()
	defer func() { x.deciding = time.Since(begun) }()
	rules := x.ruling.scenario
	key, known := rules.Key(&x.subject)
	matching := rules.Matching(&x.subject)
	x.s.cfg.Counters.Do(func(tx *counters.Tx) {
		if known {
			x.arrive(tx, key)
		}
		if off, _ := x.s.faults.lifted(); off {
			x.decision.Plan = untouched
			x.decision.Phase, _ = rules.PhaseAt(x.ruling.clock.instant(begun))
			return
		}
		var at time.Time
		x.decision, at = x.ruling.decide(tx, &x.subject, matching)
		x.ruled(tx, at)
	})
	return x.decision.Plan
}

// ruled takes down that a decision was taken.
func (x *exchange) ruled(tx *counters.Tx, at time.Time) {
	x.decided = append(x.decided, deliveries.Ruling{Order: tx.Turn(), MS: float64(at.Sub(x.start)) / 1e6})
}

// decideAnswer asks the rules that look at the target's own answer, when its head is there, and gives what is to be done: what was left to do, where there
// is no such rule for it.
func (x *exchange) decideAnswer(left []faults.Step) faults.Plan {
	unchanged := faults.Plan{Steps: left}
	if off, _ := x.s.faults.lifted(); off || !x.ruling.asksAnswer || len(x.decided) == 0 || x.switched != nil {
		return unchanged
	}
	begun := time.Now()
	x.mu.Lock() // a body that is still on its way may number the attempt
	subject := x.subject
	x.mu.Unlock()
	subject.Moment, subject.Status = scenario.Response, x.resp.StatusCode
	matching := x.ruling.scenario.Matching(&subject)
	if !matching.Any() {
		return unchanged
	}
	var d scenario.Decision
	x.s.cfg.Counters.Do(func(tx *counters.Tx) {
		var at time.Time
		d, at = x.ruling.decideAnswer(tx, &subject, matching, x.decision)
		x.ruled(tx, at)
	})
	x.mu.Lock() // the line about an open attempt names what has fired
	x.decision.Fired = append(x.decision.Fired, d.Fired...)
	x.mu.Unlock()
	x.deciding += time.Since(begun)
	return d.Plan
}

func firedNames(firings []scenario.Firing) []string {
	names := make([]string, len(firings))
	for i, f := range firings {
		names[i] = f.Rule
	}
	return names
}
