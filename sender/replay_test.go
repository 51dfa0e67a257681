package sender_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/sender"
)

// logged is an attempt as a log with log.bodies = "full" has it.
func logged(body string, header map[string][]string) *deliveries.Attempt {
	sum := sha256.Sum256([]byte(body))
	return &deliveries.Attempt{
		ID: "a1", Method: "PUT", URL: "http://hooks.test/claims/7?x=a%20b", Reached: deliveries.None, End: deliveries.Complete,
		Request: deliveries.Message{Bytes: int64(len(body)), SHA256: hex.EncodeToString(sum[:]), Body: body, Header: header},
	}
}

func TestRequestOf(t *testing.T) {
	got, err := sender.RequestOf(logged(`{"n":1}`, map[string][]string{
		"Content-Type": {"application/json"}, "Webhook-Id": {"wh_1"}, "X-Two": {"a", "b"}, "Authorization": {"sha256:2bb80d53"}, "Content-Length": {"7"},
		"Connection": {"keep-alive, X-Hop"}, "X-Hop": {"1"}, "Proxy-Authorization": {"sha256:2bb80d53"}, "Te": {"trailers"},
	}), http.Header{"Authorization": {"Bearer secret"}})
	require.NoError(t, err)
	require.Equal(t, sender.Request{
		Method: "PUT", URL: "http://hooks.test/claims/7?x=a%20b", Body: []byte(`{"n":1}`),
		Header: http.Header{"Content-Type": {"application/json"}, "Webhook-Id": {"wh_1"}, "X-Two": {"a", "b"}, "Authorization": {"Bearer secret"}, "X-Faultline-Replay": {"a1"}},
	}, got)
}

// What the log does not have is said, and not made up.
func TestRequestOfWhatIsNotLogged(t *testing.T) {
	plain := func(change func(*deliveries.Attempt)) *deliveries.Attempt {
		a := logged("text", nil)
		change(a)
		return a
	}
	tests := []struct {
		name string
		of   *deliveries.Attempt
		want string
	}{
		{"all of it", plain(func(*deliveries.Attempt) {}), ""},
		{"no body at all", logged("", nil), ""},
		{"the hash alone", plain(func(a *deliveries.Attempt) { a.Request.Body = nil }), "its body is not in the log as it came"},
		{"a redacted body", plain(func(a *deliveries.Attempt) { a.Request.Body = `{"token":"sha256:2bb80d53"}` }), "its body is not in the log as it came"},
		{"redacted fields", logged("text", map[string][]string{"X-Api-Key": {"sha256:2bb80d53"}, "Cookie": {"sha256:2bb80d53"}}), "Cookie, X-Api-Key redacted: give it by --header"},
		{"a redacted query", plain(func(a *deliveries.Attempt) { a.URL = "http://hooks.test/?n=1&token=sha256:2bb80d53" }), "a secret in its URL is redacted"},
		{"redacted userinfo", plain(func(a *deliveries.Attempt) { a.URL = "http://sha256:2bb80d53@hooks.test/" }), "a secret in its URL is redacted"},
		{"cut off in its body", logged("text", map[string][]string{"Content-Length": {"400"}}), "its body may not have come whole"},
		{"perhaps cut off in its body", plain(func(a *deliveries.Attempt) { a.End = deliveries.Reset }), "its body may not have come whole"},
		{"broken, and its body is known to be whole", plain(func(a *deliveries.Attempt) { a.End, a.Reached = deliveries.Reset, deliveries.Whole }), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := sender.RequestOf(tt.of, nil)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
		})
	}
}

// A request is sent as it is, and once, whatever becomes of it.
func TestSend(t *testing.T) {
	var mu sync.Mutex // guards came and bodies
	var came []*http.Request
	var bodies []string
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		mu.Lock()
		came, bodies = append(came, r), append(bodies, string(body))
		mu.Unlock()
		switch r.URL.Path {
		case "/reset":
			panic(http.ErrAbortHandler)
		case "/moved":
			http.Redirect(w, r, "/", http.StatusTemporaryRedirect)
		}
	}))
	defer target.Close()
	s := sender.New(sender.Config{Policy: sender.Policy{Timeout: time.Minute, Attempts: 5}})
	send := func(path string) sender.Attempt {
		return s.Send(t.Context(), sender.Request{
			Method: "PUT", URL: target.URL + path, Body: []byte("text"), Header: http.Header{"Webhook-Id": {"wh_1"}, "X-Two": {"a", "b"}},
		})
	}
	require.Equal(t, 200, send("/a%2Fb?x=1").Status)
	require.Equal(t, 307, send("/moved").Status)
	broken := send("/reset")
	require.Equal(t, sender.Failed, broken.Ending)
	require.Error(t, broken.Err)
	mu.Lock()
	defer mu.Unlock()
	require.Len(t, came, 3)
	require.Equal(t, "/a%2Fb?x=1", came[0].RequestURI)
	require.Equal(t, "PUT", came[0].Method)
	require.Equal(t, http.Header{"Webhook-Id": {"wh_1"}, "X-Two": {"a", "b"}, "Content-Length": {"4"}, "Connection": {"close"}}, came[0].Header)
	require.Equal(t, []string{"text", "text", "text"}, bodies)
}

func TestSendOfNoURL(t *testing.T) {
	a := sender.New(sender.Config{}).Send(t.Context(), sender.Request{Method: "POST", URL: "http://hooks.test:x/"})
	require.ErrorContains(t, a.Err, "make request: ")
	require.ErrorAs(t, a.Err, new(*url.Error))
}
