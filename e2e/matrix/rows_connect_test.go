package matrix

import (
	"fmt"
	"net"
	"time"

	"github.com/faultline/faultline/internal/wiretest"
)

// refusedRows are of endpoints that cannot be reached.
func refusedRows() []row {
	return []row{
		{name: "refuse", kind: "refuse", fault: `refuse = true`, door: refusing, end: "reset", like: "reset", in: []placement{forward, tunnel, intercept, gateway}},
		{name: "refuse-listener", kind: "refuse", fault: `refuse = { listener = true }`, door: refusing, in: []placement{listener}},
		{
			name: "connect-timeout", kind: "connect_timeout", fault: `connect_timeout = true`, in: []placement{forward, tunnel, intercept, gateway},
			door: silent, end: "silence", like: "hang",
		},
		{
			name: "connect-timeout-listener", kind: "connect_timeout", fault: `connect_timeout = { listener = true }`, in: []placement{listener},
			door: silent, end: "silence",
		},
		{
			name: "refuse-code", kind: "refuse", fault: `refuse = { code = 502 }`,
			truth: answering(status(502, "Content-Length: 0")),
		},
	}
}

// tlsRows are of endpoints that cannot be spoken to.
func tlsRows() []row {
	all := []row{
		{name: "tls-expired", fault: `tls = "expired"`, door: shows(expired)},
		{name: "tls-wrong-host", fault: `tls = "wrong_host"`, door: shows(forAnother)},
		{name: "tls-untrusted", fault: `tls = "untrusted"`, door: shows(bySomebody)},
		{name: "tls-self-signed", fault: `tls = "self_signed"`, door: shows(byItself)},
		{name: "tls-handshake-alert", fault: `tls = "handshake_alert"`, door: afterHello(alerts), end: "fin"},
		{name: "tls-handshake-reset", fault: `tls = "handshake_reset"`, door: afterHello((*wiretest.Conn).Reset), end: "reset"},
		{name: "tls-handshake-hang", fault: `tls = "handshake_hang"`, door: afterHello(func(c *wiretest.Conn) { untilGone(c) }), end: "silence"},
	}
	for i := range all {
		all[i].kind, all[i].in = "tls", []placement{tunnel, intercept}
	}
	return all
}

// cutRows are of tunnels that break.
func cutRows() []row {
	var all []row
	for _, as := range []struct {
		word, end string
		breaks    func(*net.TCPConn)
	}{
		{"reset", "reset", severed},
		{"close", "cut", shut},
		{"stall", "silence", stalled},
	} {
		all = append(all,
			row{
				name: "cut-handshake-" + as.word, fault: fmt.Sprintf(`cut_tunnel = { after = 100, as = %q }`, as.word), end: as.end,
				door: cut(large, 100, 0, as.breaks),
			},
			row{
				name: "cut-answer-" + as.word, fault: fmt.Sprintf(`cut_tunnel = { after = "16KiB", as = %q }`, as.word), end: as.end,
				door: cut(large, 16<<10, 0, as.breaks), target: large, asks: 1,
			})
	}
	all = append(all, row{
		name: "cut-time", fault: `cut_tunnel = "4s"`, end: "reset",
		door: cut(never, 16<<10, 4*time.Second, severed), target: never, asks: 1,
	})
	for i := range all {
		all[i].kind, all[i].in = "cut_tunnel", []placement{tunnel, intercept}
	}
	return all
}

// slowRows are of tunnels that are slow. Who ends them, and how, is the clients' affair: with bytes on their way to it, a client that closes resets.
func slowRows() []row {
	return []row{
		{
			name: "latency-tunnel", kind: "latency", fault: `latency = "200ms"`, in: []placement{tunnel},
			door: shows(sound), asks: 1,
		},
		{
			name: "bandwidth-tunnel", kind: "bandwidth", fault: `bandwidth = { up = "8KiB/s", down = "8KiB/s" }`, in: []placement{tunnel},
			door: shows(sound), asks: 1,
		},
	}
}
