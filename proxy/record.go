package proxy

import (
	"context"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// openAfter is how long an attempt may take before the log says that it is open: a crash must not hide a hang.
const openAfter = time.Second

// ending is how an attempt ended for its sender, and who ended it.
type ending struct {
	outcome deliveries.Outcome
	end     deliveries.End
	by      deliveries.Party
	err     error
}

// complete ends an attempt whose answer is complete but for its last byte: it is recorded, then the byte goes out. When that fails, the log is told.
func (x *exchange) complete(e ending) {
	if x.w.short() > 0 && x.senderLeft() { // while the answer went out slowly: what ended its body was the sender
		x.abort(ending{outcome: x.unfinished(), end: deliveries.Silence, by: deliveries.BySender, err: context.Cause(x.r.Context())})
		return
	}
	if x.w.short() > 0 {
		panic("proxy: answer of known length ended early, and nobody noticed")
	}
	e.end = deliveries.Complete
	e.outcome = deliveries.Rejected
	if x.w.status/100 == 2 {
		e.outcome = deliveries.Acknowledged
	}
	if err := x.w.sendSlowly(); err != nil {
		x.lost(err)
		return
	}
	released := false
	defer func() {
		if x.recorded && !released { // a panic has come between
			x.amend(deliveries.Reset, deliveries.ByProxy)
		}
	}()
	x.end(e)
	released = true
	if err := x.w.release(); err != nil {
		by := deliveries.BySender
		if x.shutDown() {
			by = deliveries.ByShutdown
		}
		x.amend(endOf(err), by)
		return
	}
	x.linger()
}

// end records the attempt, once: whoever ends an attempt calls it before anything that the sender can see as its end.
func (x *exchange) end(e ending) {
	x.mu.Lock() // an open record that is being written comes first
	if x.ended {
		x.mu.Unlock()
		panic("proxy: an attempt ended twice")
	}
	x.ended = true
	x.mu.Unlock()
	x.leaveTarget()
	total := time.Since(x.start)
	e = x.blamed(e)
	if !x.judged {
		x.s.other.count(x.to.name(), x.r.Method, x.w.status, x.w.sent)
		x.s.cfg.Observer.Passed(x.to.name())
		return
	}
	if !x.arrived {
		x.arriveCut()
	}
	record := x.attempt(e, total)
	err := x.s.cfg.Journal.Append(context.Background(), record)
	if x.arrived {
		x.s.cfg.Counters.Ended(x.identity, x.arrival, err == nil && e.outcome == deliveries.Acknowledged, time.Now())
	}
	if err != nil {
		x.s.cfg.Log.Error("attempt ended without a record", "id", x.id, "error", err)
		x.refuseUnrecorded()
	}
	x.recorded = true
	x.s.cfg.Observer.Observe(record, x.decision.Fired)
}

// blamed is the ending, with the rule named that has cut the connection under the attempt.
func (x *exchange) blamed(e ending) ending {
	e, cut := x.conn.cut.blame(e)
	if cut {
		e.outcome = x.unfinished()
		if e.end == deliveries.Cut && e.outcome == deliveries.Unanswered {
			e.end = deliveries.Fin // what was cut is the stream, in which there was no answer
		}
		x.cutShort = x.conn.cut.fired
	}
	return e
}

// leaveTarget gives up an answer of the target that nobody has taken: nothing of it, nor of the request, is on its way any more.
func (x *exchange) leaveTarget() {
	if x.resp == nil || x.switched != nil {
		return
	}
	x.closeOwn()
}

// refuseUnrecorded resets the connection of an attempt that must not be seen to end, as it could not be recorded (log.required).
func (x *exchange) refuseUnrecorded() {
	x.seizeUnlessBegun()
	x.conn.reset()
	panic(http.ErrAbortHandler)
}

func (x *exchange) attempt(e ending, total time.Duration) *deliveries.Attempt {
	redact := x.s.cfg.Redact
	fired := slices.Concat(x.cutShort, x.decision.Fired)
	return &deliveries.Attempt{
		Delivery:  x.arrival.Delivery,
		Start:     x.start,
		Attempt:   x.arrival.Attempt,
		Outcome:   e.outcome,
		Reached:   x.facts.reached(),
		Delivered: x.delivered(&x.facts),
		Host:      x.to.name(),
		MS:        x.times(total),
		Key:       redact.Key(x.key.From, x.key.Value),
		KeyFrom:   x.key.From,
		Endpoint:  scenario.Endpoint(&x.subject),
		ID:        x.id,
		Try:       redact.Key(x.ruling.try, x.ruling.scenario.Try(&x.subject)),
		Created:   redact.Key(x.ruling.created, x.ruling.scenario.Created(&x.subject)),
		Replay:    replayOf(x.r.Header),
		Counted:   "local",
		Placement: string(x.conn.came.placement),
		Tunnelled: x.subject.Tunnelled,
		Client:    x.in.RemoteAddr,
		Method:    x.in.Method,
		URL:       redact.URL(x.to.url()),
		Request: deliveries.Message{
			Bytes:     x.body.n,
			Announced: x.announced(),
			SHA256:    x.s.cfg.Bodies.Digest(x.body.digest()),
			Header:    redact.Header(x.in.Header),
			Body:      x.s.cfg.Bodies.Body(&x.body.kept, redact),
		},
		Rules:     firedNames(fired),
		Faults:    firedFaults(fired),
		Phase:     x.decision.Phase,
		Scenario:  x.ruling.label,
		Revision:  x.ruling.revision,
		Decided:   x.decided,
		Target:    x.target(),
		Copies:    x.copies.record(x),
		LeftAlone: x.leftAlone,
		Answer:    x.answered(redact),
		End:       e.end,
		EndedBy:   e.by,
		Error:     errorText(e.err),
	}
}

// replayOf is the attempt that faultline replay sends again with this one; "" for a sender's own.
func replayOf(h http.Header) string {
	const longest = 64 // an id has 36
	id := h.Get(deliveries.ReplayHeader)
	if len(id) > longest {
		return ""
	}
	return id
}

// announced is how long the body was to be, where it was not; 0: it was, or nobody said.
func (x *exchange) announced() int64 {
	if length := x.in.ContentLength; length > 0 && length != x.body.n {
		return length
	}
	return 0
}

func firedFaults(firings []scenario.Firing) []string {
	var kinds []string
	for _, f := range firings {
		kinds = append(kinds, f.Faults...)
	}
	return kinds
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func (x *exchange) times(total time.Duration) deliveries.Times {
	t := deliveries.Times{Decide: ms(x.deciding), Total: ms(total)}
	if !x.facts.asked.IsZero() {
		t.Target = ms(x.facts.ended.Sub(x.facts.asked))
	}
	if !x.w.begun.IsZero() {
		t.FirstByte = ms(x.w.begun.Sub(x.start))
	}
	return t
}

// ms is d in milliseconds, to the microsecond.
func ms(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Microsecond)) / 1000
}

func (x *exchange) answered(redact *deliveries.Redactor) *deliveries.Answer {
	if x.w.status == 0 && x.shown == 0 {
		return nil
	}
	return &deliveries.Answer{
		Status: x.w.status, Bytes: x.w.sent + x.shown, RetryAfterMS: retryAfterMS(x.w.header, time.Now()), Header: redact.Header(x.w.header),
	}
}

// retryAfterMS is what a Retry-After announces (RFC 9110 10.2.3), nil without one that can be read.
func retryAfterMS(h http.Header, now time.Time) *int64 {
	value := h.Get("Retry-After")
	if value == "" {
		return nil
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && seconds >= 0 && seconds <= math.MaxInt64/1000 {
		wait := seconds * 1000
		return &wait
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return nil
	}
	wait := max(0, at.Sub(now).Milliseconds())
	return &wait
}

// recordOpen says that the attempt is still unfinished. One whose delivery is not known yet, as its body still comes in, is looked at again.
func (x *exchange) recordOpen() {
	defer x.s.surviveBeside("line about an open attempt")
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ended {
		return
	}
	if !x.arrived {
		x.watch.Reset(openAfter)
		return
	}
	x.append(&deliveries.Open{
		Delivery: x.arrival.Delivery, Start: x.start, Attempt: x.arrival.Attempt, ID: x.id, Host: x.to.name(), Rules: firedNames(x.decision.Fired),
		Key: x.s.cfg.Redact.Key(x.key.From, x.key.Value), KeyFrom: x.key.From, Endpoint: scenario.Endpoint(&x.subject),
	})
}

// amend says that the sender did not get the last bytes of an attempt that is recorded as complete.
func (x *exchange) amend(end deliveries.End, by deliveries.Party) {
	if !x.judged {
		return
	}
	x.s.cfg.Counters.Unacknowledged(x.identity, x.arrival)
	e, _ := x.conn.cut.blame(ending{end: end, by: by})
	x.append(&deliveries.Amend{ID: x.id, Outcome: deliveries.Broken, End: e.end, EndedBy: e.by})
}

// append writes a record that no ending depends on.
func (x *exchange) append(record deliveries.Record) {
	if err := x.s.cfg.Journal.Append(context.Background(), record); err != nil {
		x.s.cfg.Log.Error("line missing from the log", "id", x.id, "error", err)
	}
	x.s.cfg.Observer.Observe(record, x.decision.Fired)
}
