package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/faultline/faultline/scenario"
)

// Receiver is an endpoint in this process. Attempts that come in by its door are addressed to it, and decided, answered and recorded like any other.
type Receiver struct {
	// Endpoint answers what reaches it. It must read a request whole before it answers; with http.ErrAbortHandler it says that it could not.
	Endpoint http.Handler
	// Aside reports whether a request is no attempt, but asks for a page of the endpoint's own; nil: none is.
	Aside func(*http.Request) bool
	// TLS is how connections are secured; nil: they are not.
	TLS *tls.Config
}

// OpenReceiver makes l the listener of a receiver, and takes ownership of it. It must be served.
func (s *Server) OpenReceiver(l *net.TCPListener, r Receiver) *Door {
	came := entrance{placement: scenario.Receiver, scheme: "http", authority: l.Addr().String(), receiver: &r}
	if r.TLS != nil {
		came.scheme = "https"
	}
	at, _ := addressed(came.scheme, came.authority) // a listener's own address is one
	return s.open(l, came, scenario.Subject{Placement: scenario.Receiver, Scheme: at.scheme, Host: at.host, Port: at.port})
}

// secured is a connection as its sender has to speak on it.
func (e entrance) secured(tcp *net.TCPConn) net.Conn {
	if e.receiver == nil || e.receiver.TLS == nil {
		return tcp
	}
	return tls.Server(tcp, e.receiver.TLS)
}

// errNotTaken is an endpoint that has not answered.
var errNotTaken = errors.New("the endpoint did not answer")

// hand has the endpoint in this process take the request.
func (x *exchange) hand(ctx context.Context) (*http.Response, error) {
	x.facts.wrote = true
	x.sendCopies()
	resp, err := x.take(ctx, &x.body)
	switch {
	case x.body.err != nil:
		return nil, fmt.Errorf("%w: %w", errSenderFailed, x.body.err)
	case err != nil:
		return nil, err
	}
	x.facts.whole = x.body.inHand()
	x.facts.status = resp.StatusCode
	x.ownBody = answerBody{src: resp.Body, lent: &x.s.buffers, done: func(bool) { x.facts.ended = time.Now() }}
	resp.Body = &x.ownBody
	return resp, nil
}

// take gives the endpoint one request with this body, and has its answer.
func (x *exchange) take(ctx context.Context, body io.Reader) (resp *http.Response, err error) {
	r := x.in.Clone(ctx)
	if x.outgoing != nil {
		r.Header = x.outgoing.Clone()
	}
	r.Body, r.ContentLength, r.Trailer = io.NopCloser(body), x.length, x.in.Trailer
	taken := &takenAnswer{header: make(http.Header), status: http.StatusOK}
	defer func() {
		switch p := recover(); {
		case p == http.ErrAbortHandler:
			err = errNotTaken
		case p != nil:
			panic(p)
		}
	}()
	x.conn.came.receiver.Endpoint.ServeHTTP(taken, r)
	return taken.response(), nil
}

// takenAnswer is what an endpoint answers.
type takenAnswer struct {
	header http.Header
	status int
	sent   http.Header // as it was when the head went out; nil: not yet
	body   bytes.Buffer
}

func (a *takenAnswer) Header() http.Header { return a.header }

func (a *takenAnswer) WriteHeader(status int) {
	if a.sent == nil {
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *takenAnswer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

func (a *takenAnswer) response() *http.Response {
	a.WriteHeader(http.StatusOK)
	if bodyLength(a.sent) < 0 {
		a.sent.Set("Content-Length", strconv.Itoa(a.body.Len())) // where there can be none, it is taken out as it goes
	}
	return &http.Response{
		StatusCode: a.status, ProtoMajor: 1, ProtoMinor: 1, Header: a.sent, Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()),
	}
}
