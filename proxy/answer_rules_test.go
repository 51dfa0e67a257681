package proxy_test

import (
	"bufio"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
)

// failing is a target's own failure, ten bytes long.
const failing = "HTTP/1.1 500 Internal Server Error\r\nX-Own: 1\r\nContent-Length: 10\r\n\r\n0123456789"

// TestFaultsOnTheTargetsAnswer: what the sender sees of a fault that the target's own answer has called for; the target was reached, and heard to its end.
func TestFaultsOnTheTargetsAnswer(t *testing.T) {
	tests := []struct {
		name, rule, target string
		got                []string // in this order
		ended              wiretest.Ended
		outcome            deliveries.Outcome
		end                deliveries.End
		by                 deliveries.Party
		faults             []string
	}{
		{
			name: "reset", rule: "match.response = \"5xx\"\nreset = true", target: failing,
			ended: wiretest.RST, outcome: deliveries.Unanswered, end: deliveries.Reset, by: deliveries.ByProxy, faults: []string{"reset"},
		},
		{
			name: "close", rule: "match.response = [429, 500]\nclose = true", target: failing,
			ended: wiretest.FIN, outcome: deliveries.Unanswered, end: deliveries.Fin, by: deliveries.ByProxy, faults: []string{"close"},
		},
		{
			name: "hang", rule: "match.response = 500\nhang = \"30ms\"", target: failing,
			ended: wiretest.RST, outcome: deliveries.Unanswered, end: deliveries.Reset, by: deliveries.ByProxy, faults: []string{"hang"},
		},
		{
			name: "truncate", rule: "match.response = 500\ntruncate = 3", target: failing,
			got: []string{"HTTP/1.1 500 Internal Server Error\r\n", "X-Own: 1\r\n", "\r\n\r\n3\r\n012\r\n"}, ended: wiretest.FIN,
			outcome: deliveries.Broken, end: deliveries.Cut, by: deliveries.ByProxy, faults: []string{"truncate"},
		},
		{
			name: "stall", rule: "match.response = 500\nstall = { after = 4, for = \"30ms\" }", target: failing,
			got: []string{"HTTP/1.1 500 Internal Server Error\r\n", "Content-Length: 10\r\n", "\r\n\r\n0123"}, ended: wiretest.RST,
			outcome: deliveries.Broken, end: deliveries.Reset, by: deliveries.ByProxy, faults: []string{"stall"},
		},
		{
			name: "reset in the body", rule: "match.response = 500\nreset = { at = \"body\", after = 5 }", target: failing,
			got: []string{"HTTP/1.1 500 Internal Server Error\r\n", "\r\n\r\n01234"}, ended: wiretest.RST,
			outcome: deliveries.Broken, end: deliveries.Reset, by: deliveries.ByProxy, faults: []string{"reset"},
		},
		{
			name: "garbage", rule: "match.response = 500\nmalformed = \"garbage\"", target: failing,
			got: []string{"\x00\x01 this is no answer\r\n\r\n"}, ended: wiretest.FIN,
			outcome: deliveries.Broken, end: deliveries.Cut, by: deliveries.ByProxy, faults: []string{"malformed"},
		},
		{
			name: "another answer", rule: "match.response = 500\nstatus = { code = 503, retry_after = \"7s\" }", target: failing,
			got: []string{"HTTP/1.1 503 Service Unavailable\r\n", "Retry-After: 7\r\n", "\r\n\r\n"}, ended: wiretest.FIN,
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByProxy, faults: []string{"status"},
		},
		{
			name: "late", rule: "match.response = 500\nlatency = { delay = \"30ms\", at = \"response\" }", target: failing,
			got: []string{"HTTP/1.1 500 Internal Server Error\r\n", "\r\n\r\n0123456789"}, ended: wiretest.FIN,
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByTarget, faults: []string{"latency"},
		},
		{
			name: "left alone", rule: "match.response = 500\npass = true", target: failing,
			got: []string{"HTTP/1.1 500 Internal Server Error\r\n", "\r\n\r\n0123456789"}, ended: wiretest.FIN,
			outcome: deliveries.Rejected, end: deliveries.Complete, by: deliveries.ByTarget,
		},
		{
			name: "of the body's attempt number", rule: "match.response = 500\nwhen.attempt = 1\nclose = true", target: failing,
			ended: wiretest.FIN, outcome: deliveries.Unanswered, end: deliveries.Fin, by: deliveries.ByProxy, faults: []string{"close"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(tt.target))
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "x", "Connection: close"))
			got, ended := sender.Rest(wiretest.Patience)
			require.Equal(t, tt.ended, ended)
			rest := got
			for _, part := range tt.got {
				_, after, found := strings.Cut(rest, part)
				require.True(t, found, "%q in %q", part, got)
				rest = after
			}
			require.Empty(t, rest)
			require.Len(t, target.Requests(), 1)

			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.outcome, a.Outcome)
			require.Equal(t, tt.end, a.End)
			require.Equal(t, tt.by, a.EndedBy)
			require.Equal(t, tt.faults, a.Faults)
			require.Equal(t, []string{"x"}, a.Rules)
			require.Equal(t, deliveries.Whole, a.Reached)
			require.False(t, *a.Delivered)
			require.Equal(t, 500, a.Target.Status)
			require.Equal(t, int64(10), a.Target.Bytes)
			require.Empty(t, a.Target.Error)
		})
	}
}

// TestAnswerRulesAskTheTargetAlone: what is not its answer calls for nothing: another status, an answer that a fault has given, a target that is down.
func TestAnswerRulesAskTheTargetAlone(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, `
[[rule]]
name = "injected"
match.path = "/injected"
status = 500
[[rule]]
name = "delivered first"
match.path = "/delivered"
deliver_first = true
status = 500
[[rule]]
name = "failures hang"
match.response = "5xx"
hang = true
`)
	status, body := p.one(t, wiretest.Post(target.Address(), "/hook", "1"))
	require.Equal(t, 200, status)
	require.Equal(t, "ok", body)
	status, _ = p.one(t, wiretest.Post(target.Address(), "/injected", "2"))
	require.Equal(t, 500, status)
	status, _ = p.one(t, wiretest.Post(target.Address(), "/delivered", "3"))
	require.Equal(t, 500, status)
	status, _ = p.one(t, wiretest.Post(wiretest.RefusingPort(t), "/hook", "4"))
	require.Equal(t, 502, status)
}

// TestAnswerRulesKeepTheConnections: after an answer in the place of the target's the sender's connection goes on, and so does the target's.
func TestAnswerRulesKeepTheConnections(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(failing))
	p := start(t, "[[rule]]\nname = \"x\"\nmatch.response = 500\nwhen.times = 2\nstatus = 418")
	sender := wiretest.Dial(t, p.address)
	var said []int
	for range 4 {
		sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
		resp, _ := sender.Answer("POST")
		said = append(said, resp.StatusCode)
	}
	require.Equal(t, []int{418, 418, 500, 500}, said)
	require.Equal(t, 1, target.Connections())
}

// TestAnswerRuleHoldsBothSides: what acts before the target and what its answer calls for add up, and the record names both.
func TestAnswerRuleHoldsBothSides(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(failing))
	p := start(t, `
[[rule]]
name = "slow"
latency = "30ms"
[[rule]]
name = "failures reset"
match.response = "5xx"
reset = true
`)
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	_, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, []string{"slow", "failures reset"}, a.Rules)
	require.Equal(t, []string{"latency", "reset"}, a.Faults)
	require.GreaterOrEqual(t, a.MS.Total, 30.0)
}

// TestSenderLeavesAtTheTargetsAnswer: one that does not wait for the answer has delivered all the same, and the record says how long the target took.
func TestSenderLeavesAtTheTargetsAnswer(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\nmatch.response = 200\nlatency = { delay = \"1h\", at = \"response\" }")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	wait[*deliveries.Open](t, p.journal, 1)
	require.NoError(t, sender.Conn.Close())
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Unanswered, a.Outcome)
	require.Equal(t, deliveries.Silence, a.End)
	require.Equal(t, deliveries.BySender, a.EndedBy)
	require.Equal(t, deliveries.Whole, a.Reached)
	require.True(t, *a.Delivered)
	require.Equal(t, 200, a.Target.Status)
	require.Positive(t, a.Target.MS)
	require.LessOrEqual(t, a.Target.MS, a.MS.Total)
	require.Equal(t, a.Target.MS, a.MS.Target)
}

// TestLiftFaultsAtTheTargetsAnswer: what is held then goes on, and the target's answer is shown.
func TestLiftFaultsAtTheTargetsAnswer(t *testing.T) {
	t.Parallel()
	target := wiretest.Listen(t, wiretest.Answering(failing))
	p := start(t, "[[rule]]\nname = \"x\"\nmatch.response = 500\nlatency = { delay = \"1h\", at = \"response\" }")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", "x"))
	wait[*deliveries.Open](t, p.journal, 1)
	p.LiftFaults()
	resp, body := sender.Answer("POST")
	require.Equal(t, 500, resp.StatusCode)
	require.Equal(t, "0123456789", body)

	sender.Send(wiretest.Post(target.Address(), "/hook", "y"))
	resp, _ = sender.Answer("POST")
	require.Equal(t, 500, resp.StatusCode)
	require.Empty(t, p.journal.attempts(t, 2)[1].Rules)
}

// TestAnswerRulesAtAnEarlyAnswer: the target has answered while the request is still on its way.
func TestAnswerRulesAtAnEarlyAnswer(t *testing.T) {
	const half = 512 << 10
	for _, tt := range []struct {
		rule string
		end  deliveries.End
	}{
		{"status = 503", deliveries.Complete},
		{"close = true", deliveries.Fin},
		{"reset = true", deliveries.Reset},
		{"truncate = 3", deliveries.Cut},
		{"stall = { after = 3, for = \"20ms\" }", deliveries.Reset},
		{"hang = \"20ms\"", deliveries.Reset},
		{"latency = { delay = \"20ms\", at = \"response\" }", deliveries.Complete},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			answered := make(chan struct{})
			target := wiretest.Listen(t, func(c *wiretest.Conn) {
				defer close(answered)
				r, err := http.ReadRequest(bufio.NewReader(c))
				if err != nil {
					return // the proxy has gone
				}
				var some [1024]byte
				if _, err := io.ReadFull(r.Body, some[:]); err != nil {
					return
				}
				if _, err := io.WriteString(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 10\r\n\r\n0123456789"); err != nil {
					return
				}
				answered <- struct{}{}
				_, _ = io.Copy(io.Discard, r.Body) // it comes to its end, or is cut
			})
			p := start(t, "[[rule]]\nname = \"x\"\nmatch.response = 413\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			request := wiretest.Post(target.Address(), "/hook", strings.Repeat("x", 2*half), "Connection: close")
			sender.Send(request[:len(request)-half])
			<-answered
			_, _ = io.WriteString(sender.Conn, request[len(request)-half:]) // the proxy may have closed by then
			_, ended := sender.Rest(wiretest.Patience)
			require.NotEqual(t, wiretest.Open, ended)
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.end, a.End, a.Error)
			require.Equal(t, 413, a.Target.Status)
			require.Equal(t, []string{"x"}, a.Rules)
		})
	}
}
