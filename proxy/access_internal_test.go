package proxy

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

func TestAccessAdmits(t *testing.T) {
	users := readUsers(t, "ann:"+hashOf(t, "$2y$", "one"))
	office := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fe80::/10")}
	var (
		closed  = Access{}
		clients = Access{Clients: office}
		asking  = Access{Users: users}
		both    = Access{Clients: office, Users: users}
		open    = Access{Open: true}
	)
	const (
		here    = "127.0.0.1:5000"
		inside  = "10.1.2.3:5000"
		outside = "192.0.2.1:5000"
	)
	right, wrong := basic("ann", "one"), basic("ann", "two")
	for _, test := range []struct {
		name          string
		access        Access
		placement     scenario.Placement
		client        string
		authorization string
		want          *refusal
	}{
		{"closed: this machine", closed, scenario.Forward, here, "", nil},
		{"closed: this machine by IPv6", closed, scenario.Forward, "[::1]:5000", "", nil},
		{"closed: this machine by IPv4 in IPv6", closed, scenario.Forward, "[::ffff:127.0.0.1]:5000", "", nil},
		{"closed: another", closed, scenario.Forward, inside, "", &refusesClient},
		{"closed: another with a password", closed, scenario.Forward, inside, right, &refusesClient},
		{"closed: no address", closed, scenario.Forward, "@", "", &refusesClient},

		{"clients: this machine", clients, scenario.Forward, here, "", nil},
		{"clients: inside", clients, scenario.Forward, inside, "", nil},
		{"clients: inside by IPv4 in IPv6", clients, scenario.Forward, "[::ffff:10.1.2.3]:5000", "", nil},
		{"clients: inside with a zone", clients, scenario.Forward, "[fe80::1%eth0]:5000", "", nil},
		{"clients: outside", clients, scenario.Forward, outside, "", &refusesClient},
		{"clients: outside at a gateway", clients, scenario.Gateway, outside, "", &refusesClient},
		{"clients: inside at a gateway", clients, scenario.Gateway, inside, "", nil},

		{"users: this machine without a password", asking, scenario.Forward, here, "", &refusesStranger},
		{"users: this machine", asking, scenario.Forward, here, right, nil},
		{"users: anywhere", asking, scenario.Forward, outside, right, nil},
		{"users: wrong password", asking, scenario.Forward, outside, wrong, &refusesStranger},
		{"users: through a CONNECT that was admitted", asking, scenario.Intercept, outside, "", nil},
		{"users: at a gateway, this machine", asking, scenario.Gateway, here, "", nil},
		{"users: at a gateway, another", asking, scenario.Gateway, inside, right, &refusesClient},

		{"both: inside with a password", both, scenario.Forward, inside, right, nil},
		{"both: inside without", both, scenario.Forward, inside, "", &refusesStranger},
		{"both: outside with a password", both, scenario.Forward, outside, right, &refusesClient},

		{"open: anywhere", open, scenario.Forward, outside, "", nil},
		{"open: at a gateway", open, scenario.Gateway, outside, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "http://a.test/", http.NoBody)
			r.RemoteAddr = test.client
			if test.authorization != "" {
				r.Header.Set("Proxy-Authorization", test.authorization)
			}
			require.Equal(t, test.want, test.access.admits(r, test.placement))
		})
	}
}

// An address that may not use the proxy gets a 403, whatever it asks for.
func TestOutsiderIsTurnedAway(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodConnect} {
		t.Run(method, func(t *testing.T) {
			var reasons []string
			s := New(Config{
				Name: "faultline-test", Log: slog.New(slog.DiscardHandler), Refused: func(reason string) { reasons = append(reasons, reason) },
			}, scenario.Empty())
			defer s.Shutdown(context.Background())
			r := httptest.NewRequestWithContext(t.Context(), method, "http://a.test:443", http.NoBody)
			r.RemoteAddr = "192.0.2.1:5000"
			sender, ours := net.Pipe()
			w := newReply(s, &senderConn{Conn: ours, atEnd: func() {}}, r)
			go func() {
				s.handle(w, r)
				w.finish()
				_ = ours.Close()
			}()
			answer, err := http.ReadResponse(bufio.NewReader(sender), r)
			require.NoError(t, err)
			require.Equal(t, http.StatusForbidden, answer.StatusCode)
			body, err := io.ReadAll(answer.Body)
			require.NoError(t, err)
			require.Equal(t, "this address may not use the proxy\n", string(body))
			require.Equal(t, "faultline-test; error=http_request_denied", answer.Header.Get("Proxy-Status"))
			require.Equal(t, []string{"client"}, reasons)
		})
	}
}
