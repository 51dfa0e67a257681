package proxy_test

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/receiver"
)

// receiving opens a listener of p that is a receiver's, and gives its address.
func receiving(t *testing.T, p *running, cfg receiver.Config, secured *tls.Config) (*receiver.Receiver, string) {
	t.Helper()
	endpoint, err := receiver.New(cfg)
	require.NoError(t, err)
	l, err := proxy.Listen("127.0.0.1:0")
	require.NoError(t, err)
	serve(t, p, p.OpenReceiver(l, proxy.Receiver{Endpoint: endpoint, Aside: receiver.AsksForStatus, TLS: secured}))
	return endpoint, l.Addr().String()
}

// TestReceiver: what comes to a receiver is decided, answered and recorded as on the way to a target elsewhere, and what reaches it is what the log says.
func TestReceiver(t *testing.T) {
	head := "POST /hook?x=%41 HTTP/1.1\r\nHost: hooks.test:8080\r\nWebhook-Id: wh_1\r\n"
	post := head + "Content-Length: 4\r\n\r\nbody"
	tests := []struct {
		name, rules, sent string
		code              int
		status            int // 0: none
		ended             wiretest.Ended
		want              truth
		received          int
	}{
		{"answered", "", post, 202, 202, "", truth{deliveries.Acknowledged, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "yes"}, 1},
		{"answered with a failure of its own", "", post, 500, 500, "", truth{deliveries.Rejected, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "no"}, 1},
		{"chunked", "", head + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n", 200, 200, "", truth{deliveries.Acknowledged, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "yes"}, 1},
		{"no body", "", head + "Content-Length: 0\r\n\r\n", 204, 204, "", truth{deliveries.Acknowledged, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "yes"}, 1},
		{"too large", "", head + "Content-Length: 5\r\n\r\n12345", 200, 413, "", truth{deliveries.Rejected, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "no"}, 0},
		{"a stand-in", "status = 503", post, 200, 503, "", truth{deliveries.Rejected, deliveries.Complete, deliveries.ByProxy, deliveries.None, "no"}, 0},
		{"reset", "reset = true", post, 200, 0, wiretest.RST, truth{deliveries.Unanswered, deliveries.Reset, deliveries.ByProxy, deliveries.None, "no"}, 0},
		{"lost after delivery", "deliver_first = true\nclose = true", post, 200, 0, wiretest.FIN, truth{deliveries.Unanswered, deliveries.Fin, deliveries.ByProxy, deliveries.Whole, "yes"}, 1},
		{"twice", "duplicate = 2", post, 200, 200, "", truth{deliveries.Acknowledged, deliveries.Complete, deliveries.ByTarget, deliveries.Whole, "yes"}, 2},
		{"by its answer", "match.response = \"5xx\"\nclose = true", post, 500, 0, wiretest.FIN, truth{deliveries.Unanswered, deliveries.Fin, deliveries.ByProxy, deliveries.Whole, "no"}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rules := tt.rules
			if rules != "" {
				rules = "[[rule]]\nname = \"x\"\nmatch.placement = [\"receiver\"]\n" + rules
			}
			p := start(t, rules)
			endpoint, address := receiving(t, p, receiver.Config{Code: tt.code, MaxBody: 4}, nil)
			sender := wiretest.Dial(t, address)
			sender.Send(tt.sent)
			if tt.status == 0 {
				_, ended := sender.Rest(wiretest.Patience)
				require.Equal(t, tt.ended, ended)
			} else {
				resp, _ := sender.Answer("POST")
				require.Equal(t, tt.status, resp.StatusCode)
				require.Empty(t, resp.Header["Via"], "it is the endpoint")
			}
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.want, truthOf(a))
			require.Equal(t, "receiver", a.Placement)
			require.Equal(t, "http://hooks.test:8080/hook", a.Endpoint)
			require.Equal(t, tt.received, endpoint.Received("wh_1"))
		})
	}
}

// TestReceiverAsked: what asks for the receiver's own page is no attempt.
func TestReceiverAsked(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nstatus = 503\nmatch.method = [\"GET\", \"POST\"]")
	_, address := receiving(t, p, receiver.Config{}, nil)
	resp, err := http.Get("http://" + address + "/status")
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, 200, resp.StatusCode)
	http.DefaultClient.CloseIdleConnections()
	require.Empty(t, p.journal.attempts(t, 0))
}

// TestReceiverSenders: one that breaks off leaves no receipt, one that waits for a 100 is asked, and what comes together is served one after the other.
func TestReceiverSenders(t *testing.T) {
	p := start(t, "")
	endpoint, address := receiving(t, p, receiver.Config{}, nil)
	cut := wiretest.Dial(t, address)
	cut.Send("POST /hook HTTP/1.1\r\nHost: x\r\nWebhook-Id: cut\r\nContent-Length: 10\r\n\r\npart")
	require.NoError(t, cut.Conn.Close())
	a := p.journal.attempts(t, 1)[0]
	require.Equal(t, deliveries.Aborted, a.Outcome)
	require.NotEqual(t, deliveries.Whole, a.Reached)
	require.Zero(t, endpoint.Received("cut"))

	sender := wiretest.Dial(t, address)
	sender.Send("POST /hook HTTP/1.1\r\nHost: x\r\nWebhook-Id: asked\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
	resp, _ := sender.Answer("POST")
	require.Equal(t, 100, resp.StatusCode)
	sender.Send("body")
	resp, _ = sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
	for n := range 3 {
		sender.Send(fmt.Sprintf("POST /hook HTTP/1.1\r\nHost: x\r\nWebhook-Id: %d\r\nContent-Length: 4\r\n\r\nbody", n))
	}
	for range 3 {
		resp, _ := sender.Answer("POST")
		require.Equal(t, 200, resp.StatusCode)
	}
	require.Equal(t, 1, endpoint.Received("asked"))
}

// TestReceiverDoors: a rule that is decided by time alone closes its listener, as a gateway's.
func TestReceiverDoors(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"down\"\nrefuse = true")
	_, address := receiving(t, p, receiver.Config{}, nil)
	refused(t, address)
}

// TestReceiverSecured: over TLS, as in clear.
func TestReceiverSecured(t *testing.T) {
	authority := wiretest.NewAuthority(t)
	leaf, err := authority.Leaf("hooks.test")
	require.NoError(t, err)
	p := start(t, "[[rule]]\nname = \"x\"\nwhen.attempt = 1\nreset = true")
	endpoint, address := receiving(t, p, receiver.Config{}, &tls.Config{Certificates: []tls.Certificate{*leaf}, NextProtos: []string{"http/1.1"}})
	const post = "POST /hook HTTP/1.1\r\nHost: hooks.test\r\nWebhook-Id: wh_1\r\nContent-Length: 4\r\n\r\nbody"
	sender := wiretest.Dial(t, address)
	sender.Secure("hooks.test", authority.Pool())
	sender.Send(post)
	_, ended := sender.Rest(wiretest.Patience)
	require.Equal(t, wiretest.RST, ended)
	sender = wiretest.Dial(t, address)
	sender.Secure("hooks.test", authority.Pool())
	sender.Send(post)
	resp, _ := sender.Answer("POST")
	require.Equal(t, 200, resp.StatusCode)
	require.Equal(t, 1, endpoint.Received("wh_1"))
	require.Equal(t, "https://hooks.test/hook", p.journal.attempts(t, 2)[1].Endpoint)
}
