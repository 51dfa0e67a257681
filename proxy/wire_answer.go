package proxy

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// answer: a whole answer that the target never gave, with Content-Length; the connection stays open. The request is read first, unless Early.
func (x *exchange) answer(step faults.Answer) {
	if !step.Early && !x.readAll() {
		return
	}
	h := x.w.Header()
	for name, values := range step.Header {
		h[name] = values
	}
	if value := x.retryAfter(step, time.Now()); value != "" {
		h.Set("Retry-After", value)
	}
	x.sign(h)
	x.whole(step.Status, x.editInjected(step.Status, h, step.Body), ending{by: deliveries.ByProxy})
}

// sign marks an injected answer as one (proxy.signs).
func (x *exchange) sign(h http.Header) {
	if x.s.cfg.Signs != SignAll {
		return
	}
	h.Set("Proxy-Status", x.s.cfg.Name+"; error=proxy_internal_response")
	for _, f := range x.decision.Fired {
		h.Add("X-Faultline-Rule", strconv.QuoteToASCII(f.Rule))
	}
}

// retryAfter is the value of Retry-After (RFC 9110 10.2.3): whole seconds, rounded up, from now or as a date; "" where the step has none.
func (x *exchange) retryAfter(step faults.Answer, now time.Time) string {
	switch {
	case !step.RetryAt.IsZero():
		return wholeSeconds(max(0, step.RetryAt.Sub(x.ruling.clock.shifted(now))))
	case step.RetryAfter == 0:
		return ""
	case step.RetryAfterDate:
		at := now.Add(step.RetryAfter + time.Second - 1).Truncate(time.Second)
		return at.UTC().Format(http.TimeFormat)
	default:
		return wholeSeconds(step.RetryAfter)
	}
}

func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// answerFailure answers as a proxy does that got no answer from the target.
func (x *exchange) answerFailure(err error) {
	// The rest of the request is read first: its hash may be its key, and an answer before the end of a body may be lost.
	if rest := x.body.drain(); rest != nil && !errors.Is(rest, os.ErrDeadlineExceeded) {
		x.gone(rest)
		return
	}
	status, kind, text := gatewayFailure(err)
	x.own(status, kind, text, ending{by: deliveries.ByProxy, err: err})
}

// own is an answer of faultline itself.
func (x *exchange) own(status int, kind, text string, e ending) {
	if x.s.cfg.Signs != SignNone {
		x.w.Header().Set("Proxy-Status", x.s.cfg.Name+"; error="+kind)
	}
	ownAnswer(x.w.Header(), len(text)+1)
	x.whole(status, []byte(text+"\n"), e)
}

// whole sends a complete answer, all but its last byte before the attempt is recorded.
func (x *exchange) whole(status int, body []byte, e ending) {
	x.move(stageAnswer)
	x.w.via = ""
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	x.w.WriteHeader(status)
	if len(body) > 0 && !x.w.head {
		// A failure is kept in the writer, and seen by complete.
		_, _ = x.w.Write(body)
	}
	x.complete(e)
}

// interim passes on an answer of the target that is not the last word (RFC 9110 15.2). Of an answer that the sender is not to see, it sees that its body is
// wanted: without it the target would have nothing.
func (x *exchange) interim(resp *http.Response) {
	asks := resp.StatusCode == http.StatusContinue
	switch {
	case !x.r.ProtoAtLeast(1, 1), x.hidden && !asks, asks && x.expected() && !x.unprompted: // the last has been asked for its body already
		return
	}
	x.asked = x.asked || asks
	h := x.w.Header()
	for name, values := range endToEnd(resp.Header) {
		h[name] = values
	}
	x.w.reply.WriteHeader(resp.StatusCode)
	clear(h)
}

// readUnasked lets the body be read as it comes, without the 100 that the first read would ask for it with: whether the sender is asked is the target's affair.
func (x *exchange) readUnasked() {
	x.unprompted = true
	x.w.unasked()
}

// deliver: the target gets the whole request and its answer is taken; the sender sees none of it, or what Begin shows.
func (x *exchange) deliver(step faults.Deliver) (over bool) {
	x.hidden = true
	if _, err := x.ask(); err != nil {
		if x.senderLeft() || x.shutDown() || errors.Is(err, errSenderFailed) {
			x.failed(err)
			return true
		}
		return false // the fault is shown all the same; the record says that nothing was delivered
	}
	if x.switched != nil {
		x.switched.close()
		x.resp = nil
		return false
	}
	if !step.Keep {
		x.hearOut(x.resp.Body)
	}
	return false
}

// withhold: the target is heard to its end, and the sender sees nothing of it.
func (x *exchange) withhold() (over bool) {
	x.hearOut(x.resp.Body)
	if x.senderLeft() || x.shutDown() {
		x.failed(x.facts.err)
		return true
	}
	return false
}

// hearOut reads the rest of the target's answer. A body that breaks is the target's failure: it is in the record, and nobody is shown it.
func (x *exchange) hearOut(rest io.Reader) {
	_, _ = io.Copy(io.Discard, rest)
	x.closeOwn()
}
