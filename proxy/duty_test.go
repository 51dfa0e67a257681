package proxy_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
)

// door is a placement, and what the target behind it speaks. What a proxy owes it owes behind every door.
type door struct {
	name      string
	placement string // as the log calls it
	scheme    string // of the target
	enter     func(s *scene) *wiretest.Sender
}

// doors are all ways in.
func doors() []door {
	direct := func(s *scene) *wiretest.Sender { return wiretest.Dial(s.t, s.p.address) }
	tunnelled := func(s *scene) *wiretest.Sender {
		sender := wiretest.Dial(s.t, s.p.address)
		sender.Send(connectTo(s.host))
		resp, _ := sender.Answer("CONNECT")
		require.Equal(s.t, 200, resp.StatusCode)
		return sender
	}
	opened := func(s *scene) *wiretest.Sender {
		sender := tunnelled(s)
		sender.Secure("127.0.0.1", s.authority.Pool())
		return sender
	}
	gated := func(s *scene) *wiretest.Sender {
		return wiretest.Dial(s.t, gateway(s.t, s.p, proxy.Gateway{Scheme: s.door.scheme, Authority: s.host}))
	}
	return []door{
		{"forward", "forward", "http", direct},
		{"forward to https", "forward", "https", direct},
		{"intercept", "intercept", "https", opened},
		{"intercept, clear", "intercept", "http", tunnelled},
		{"gateway", "gateway", "http", gated},
		{"gateway to https", "gateway", "https", gated},
	}
}

// scene is a running proxy with a target behind one of its doors.
type scene struct {
	t         *testing.T
	door      door
	p         *running
	authority *wiretest.Authority
	target    *wiretest.Target
	host      string // the target's address
}

// everywhere runs a check behind every door, towards a target that plays script.
func everywhere(t *testing.T, script func(*wiretest.Conn), check func(t *testing.T, s *scene), change ...func(*proxy.Config)) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			at(t, d, script, check, change...)
		})
	}
}

// at runs a check behind one door.
func at(t *testing.T, d door, script func(*wiretest.Conn), check func(t *testing.T, s *scene), change ...func(*proxy.Config)) {
	under(t, "", d, script, check, change...)
}

// under runs a check behind one door, under rules.
func under(t *testing.T, rules string, d door, script func(*wiretest.Conn), check func(t *testing.T, s *scene), change ...func(*proxy.Config)) {
	s := &scene{t: t, door: d, authority: wiretest.NewAuthority(t)}
	if d.scheme == "https" {
		leaf, err := s.authority.Leaf("127.0.0.1")
		require.NoError(t, err)
		s.target = wiretest.ListenTLS(t, leaf, script)
	} else {
		s.target = wiretest.Listen(t, script)
	}
	s.host = s.target.Address()
	s.p = start(t, "[tls]\nintercept = [\"127.0.0.1\"]\n"+rules, append(change, opening(s.authority))...)
	check(t, s)
}

// towards runs a check behind every door that needs no living target, towards host.
func towards(t *testing.T, host string, check func(t *testing.T, s *scene), change ...func(*proxy.Config)) {
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := &scene{t: t, door: d, authority: wiretest.NewAuthority(t), host: host}
			name, _, _ := strings.Cut(host, ":")
			s.p = start(t, "[tls]\nintercept = [\"127.0.0.1\", \""+name+"\"]", append(change, opening(s.authority))...)
			check(t, s)
		})
	}
}

// absolute says that requests behind this door name their target.
func (s *scene) absolute() bool { return s.door.placement == "forward" }

// line is a request line as it is written behind this door, without its version.
func (s *scene) line(method, path string) string {
	if s.absolute() {
		return method + " " + s.door.scheme + "://" + s.host + path
	}
	return method + " " + path
}

// head is a request's head, with its end.
func (s *scene) head(method, path string, fields ...string) string {
	return s.line(method, path) + " HTTP/1.1\r\nHost: " + s.host + "\r\n" + lines(fields) + "\r\n"
}

// post is a whole POST.
func (s *scene) post(path, body string, fields ...string) string {
	return s.head("POST", path, append(fields, "Content-Length: "+itoa(len(body)))...) + body
}

// arrived is how a request looks to the target, given the fields that it should have besides Host and framing.
func (s *scene) arrived(line string, fields []string, body string) string {
	return line + " HTTP/1.1\r\nHost: " + s.host + "\r\n" + lines(fields) + "Content-Length: " + itoa(len(body)) + "\r\n\r\n" + body
}

func lines(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return strings.Join(fields, "\r\n") + "\r\n"
}

// stillServes: the connection goes on in step.
func (s *scene) stillServes(sender *wiretest.Sender) {
	s.t.Helper()
	sender.Send(s.post("/next", "next"))
	resp, _ := sender.Answer("POST")
	require.Equal(s.t, 200, resp.StatusCode)
}

// truth is what the log must say of an attempt.
type truth struct {
	outcome   deliveries.Outcome
	end       deliveries.End
	by        deliveries.Party
	reached   deliveries.Reached
	delivered string // yes, no, unknown
}

func (s *scene) recorded(want truth) *deliveries.Attempt {
	s.t.Helper()
	a := s.p.journal.attempts(s.t, 1)[0]
	require.Equal(s.t, want, truthOf(a))
	require.Equal(s.t, s.door.placement, a.Placement)
	require.Empty(s.t, a.Rules)
	return a
}

func truthOf(a *deliveries.Attempt) truth {
	delivered := "unknown"
	if a.Delivered != nil {
		delivered = map[bool]string{true: "yes", false: "no"}[*a.Delivered]
	}
	return truth{a.Outcome, a.End, a.EndedBy, a.Reached, delivered}
}

// acknowledged is the truth of an attempt that nothing went wrong with.
func acknowledged() truth {
	return truth{deliveries.Acknowledged, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "yes"}
}

// once is a target that answers one request with these bytes, then closes.
func once(answer string) func(*wiretest.Conn) {
	return func(c *wiretest.Conn) {
		if _, err := c.ReadRequest(); err == nil {
			_, _ = io.WriteString(c, answer) // a proxy that has gone is seen by the sender
		}
	}
}

// thenOK is a target that answers its first request with these bytes, later ones with OK.
func thenOK(answer string) func(*wiretest.Conn) {
	return func(c *wiretest.Conn) {
		for n := 0; ; n++ {
			if _, err := c.ReadRequest(); err != nil {
				return
			}
			now := answer
			if n > 0 || c.Number > 1 {
				now = wiretest.OK
			}
			if _, err := io.WriteString(c, now); err != nil {
				return
			}
		}
	}
}

// enter opens a sender's connection.
func (s *scene) enter() *wiretest.Sender { return s.door.enter(s) }
