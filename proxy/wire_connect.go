package proxy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
)

// wait: the CONNECT is not answered for a time.
func (t *tunnel) wait(step faults.Wait) (over bool) {
	w := t.s.alarm.set(min(step.For, t.s.cfg.Limits.Hold))
	defer t.s.alarm.unset(w)
	begun := time.Now()
	_, lifted := t.s.faults.lifted()
	select {
	case <-w.rung:
	case <-lifted:
	case <-t.r.Context().Done():
		t.record(deliveries.Silence, context.Cause(t.r.Context()))
		panic(http.ErrAbortHandler)
	}
	t.s.cfg.Observer.Waited(step.Rule, time.Since(begun))
	return false
}

// answer: the CONNECT is refused with a status.
func (t *tunnel) answer(step faults.Answer) {
	t.record(deliveries.Complete, nil)
	for name, values := range step.Header {
		t.w.Header()[name] = values
	}
	t.w.Header().Set("Content-Length", strconv.Itoa(len(step.Body)))
	t.refuse(step.Status, step.Body)
}

// refuse answers a CONNECT that leads nowhere. The sender may be gone; then there is nobody to tell.
func (t *tunnel) refuse(status int, body []byte) {
	if t.early != nil {
		t.refuseTaken(status, body)
		return
	}
	t.w.Header().Set("Connection", "close")
	t.w.WriteHeader(status)
	_, _ = t.w.Write(body)
}

// refuseTaken does so on a connection that was taken from the server.
func (t *tunnel) refuseTaken(status int, body []byte) {
	t.w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	resp := &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: t.w.Header(), ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)), Close: true,
	}
	_ = resp.Write(t.conn) // as in refuse
	t.conn.finish()
}

// established is the answer to a CONNECT, without framing fields (RFC 9110 9.3.6).
const established = "HTTP/1.1 200 Connection established\r\n\r\n"

// reset: 200, the sender's first bytes, then RST.
func (t *tunnel) reset() {
	t.record(deliveries.Reset, nil)
	if err := t.accept(); err == nil && !t.waited {
		t.awaitHello()
	}
	t.conn.reset()
}

// alert: 200, the sender's hello, then a fatal alert, handshake_failure (RFC 8446 6.2), and a FIN.
func (t *tunnel) alert() {
	t.record(deliveries.Fin, nil)
	if err := t.accept(); err != nil {
		_ = t.conn.Close() // the sender is gone
		return
	}
	t.awaitHello()
	// A sender that is gone gets none, and needs none.
	_, _ = t.conn.Write([]byte{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28})
	t.conn.finish()
}

// hold: 200, then nothing, whatever the sender says: a handshake that nobody answers. What follows ends it.
func (t *tunnel) hold(step faults.Hold) (over bool) {
	if t.s.held.Add(1) > int64(t.s.cfg.Limits.Held) {
		t.s.held.Add(-1)
		t.noRoom()
		return true
	}
	defer t.s.held.Add(-1)
	t.waited = true
	if err := t.accept(); err != nil {
		t.record(deliveries.Silence, err)
		_ = t.conn.Close() // the sender is gone
		return true
	}
	if t.s.silence(t.conn, cmp.Or(step.For, t.s.cfg.Limits.Hold)) {
		t.record(deliveries.Silence, nil)
		_ = t.conn.Close() // the sender closed it before us
		return true
	}
	return false
}

// noRoom answers a CONNECT for which there is no place among those that are held.
func (t *tunnel) noRoom() {
	t.s.cfg.Refused("held")
	t.decision.Fired = nil // what fired was not done
	t.record(deliveries.Complete, errNoRoom)
	if t.s.cfg.Signs != SignNone {
		t.w.Header().Set("Proxy-Status", t.s.cfg.Name+"; error=connection_limit_reached")
	}
	ownAnswer(t.w.Header(), len(errNoRoom.Error())+1)
	t.refuse(http.StatusServiceUnavailable, []byte(errNoRoom.Error()+"\n"))
}

// helloWait is how long a sender has to begin its handshake before what answers it.
const helloWait = 10 * time.Second

// awaitHello waits until the sender's first TLS record is there, or what else it says. Whether it comes is its own affair: what follows does so in any case.
func (t *tunnel) awaitHello() {
	_ = t.conn.SetReadDeadline(time.Now().Add(helloWait)) // an error means that it is gone
	stop := context.AfterFunc(t.s.draining, func() {
		_ = t.conn.SetReadDeadline(time.Unix(1, 0)) // as above
	})
	defer stop()
	const header = 5 // type, version, length (RFC 8446 5.1)
	if first, err := t.early.Peek(1); err != nil || first[0] != tlsHandshakeRecord {
		return
	}
	if head, err := t.early.Peek(header); err == nil {
		// One that is too large for the buffer has been read as far as that goes.
		_, _ = t.early.Peek(header + int(binary.BigEndian.Uint16(head[3:])))
	}
}

// take takes the connection from the server, once.
func (t *tunnel) take() {
	if t.early != nil {
		return
	}
	t.early = t.w.take()
}

// accept tells the sender that its tunnel stands, once.
func (t *tunnel) accept() error {
	if t.accepted {
		return nil
	}
	t.take()
	t.accepted = true
	if _, err := t.conn.Write([]byte(established)); err != nil {
		return fmt.Errorf("answer CONNECT: %w", err)
	}
	return nil
}
