package sender

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// script answers the n-th request as its n-th step says, the last one for all that follow: a status, or one of the breaks below.
type script struct {
	steps []int
	mu    sync.Mutex
	seen  int
}

// requests is how many came.
func (s *script) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

// Breaks of a script.
const (
	breakBefore = -1 // the connection is closed without an answer
	breakWithin = -2 // the answer is cut
)

func (s *script) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	step := s.steps[min(s.seen, len(s.steps)-1)]
	s.seen++
	s.mu.Unlock()
	switch step {
	case breakBefore:
		panic(http.ErrAbortHandler)
	case breakWithin:
		w.Header().Set("Content-Length", "100")
		w.WriteHeader(200)
		// What is written does not matter, only that it is too short.
		_, _ = io.WriteString(w, "half")
		panic(http.ErrAbortHandler)
	default:
		if step/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(step)
	}
}

func TestWhichEndsAreRetried(t *testing.T) {
	everything := Retry{Statuses: AnyStatus, Connection: true, Timeout: true}
	tests := []struct {
		name         string
		retry        Retry
		believesAny  bool
		steps        []int
		attempts     int
		acknowledged bool
		believed     bool
	}{
		{"success at once", everything, false, []int{204}, 1, true, true},
		{"success after a 500", everything, false, []int{500, 200}, 2, true, true},
		{"never a success", everything, false, []int{500}, 4, false, false},
		{"any status: 404", everything, false, []int{404, 200}, 2, true, true},
		{"any status: a redirect is not followed", everything, false, []int{302, 307, 200}, 3, true, true},
		{"a 410 ends it", Retry{Statuses: AnyStatus, Never: []int{410}}, false, []int{500, 410, 200}, 2, false, false},
		{"overload: 500", Retry{Statuses: Overload}, false, []int{500, 200}, 2, true, true},
		{"overload: 429", Retry{Statuses: Overload}, false, []int{429, 200}, 2, true, true},
		{"overload: 404 is given up", Retry{Statuses: Overload}, false, []int{404, 200}, 1, false, false},
		{"no status", Retry{Connection: true}, false, []int{500, 200}, 1, false, false},
		{"closed without an answer", everything, false, []int{breakBefore, 200}, 2, true, true},
		{"a cut answer is none", everything, false, []int{breakWithin, 200}, 2, true, true},
		{"connection failures given up", Retry{Statuses: AnyStatus}, false, []int{breakBefore, 200}, 1, false, false},
		{"the bug: a 500 is believed", Retry{Connection: true}, true, []int{500, 200}, 1, false, true},
		{"the bug: a broken attempt is retried", Retry{Connection: true}, true, []int{breakBefore, 503, 200}, 2, false, true},
		{"the bug: a success is one", Retry{Connection: true}, true, []int{breakBefore, 200}, 2, true, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			target := &script{steps: test.steps}
			server := httptest.NewServer(target)
			defer server.Close()
			s := New(Config{Policy: Policy{Attempts: 4, Retry: test.retry, BelievesAnyAnswer: test.believesAny, Timeout: time.Minute}})
			result := s.Deliver(t.Context(), Webhook{URL: server.URL, ID: "wh_1", Body: []byte("{}")})
			require.Len(t, result.Attempts, test.attempts)
			require.Equal(t, test.attempts, target.requests(), "what the target saw")
			require.Equal(t, test.acknowledged, result.Acknowledged)
			require.Equal(t, test.believed, result.Believed)
			for i, a := range result.Attempts {
				if step := test.steps[min(i, len(test.steps)-1)]; step > 0 {
					require.Equal(t, Answered, a.Ending)
					require.Equal(t, step, a.Status)
					require.NoError(t, a.Err)
				} else {
					require.Equal(t, Failed, a.Ending)
					require.Zero(t, a.Status)
					require.ErrorContains(t, a.Err, `webhook "wh_1"`)
				}
			}
		})
	}
}

func TestARefusedConnectionIsAFailedAttempt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := l.Addr().String()
	require.NoError(t, l.Close())
	s := New(Config{Policy: Policy{Attempts: 3, Retry: Retry{Connection: true}}})
	result := s.Deliver(t.Context(), Webhook{URL: "http://" + address, ID: "wh_1"})
	require.Len(t, result.Attempts, 3)
	require.Equal(t, Failed, result.Attempts[2].Ending)
	require.ErrorContains(t, result.Attempts[2].Err, "connection refused")
}

func TestWhatIsSent(t *testing.T) {
	tests := []struct {
		name    string
		unkeyed bool
		want    []string // Webhook-Id
	}{
		{"with its key", false, []string{"wh_1"}},
		{"without a key", true, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got *http.Request
			var body []byte
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got = r
				read, err := io.ReadAll(r.Body)
				if err == nil {
					body = read
				}
			}))
			defer server.Close()
			New(Config{Unkeyed: test.unkeyed}).Deliver(t.Context(), Webhook{URL: server.URL + "/claims?x=1", ID: "wh_1", Body: []byte(`{"a":1}`)})
			require.Equal(t, "POST", got.Method)
			require.Equal(t, "/claims?x=1", got.RequestURI)
			require.Equal(t, test.want, got.Header["Webhook-Id"])
			require.Equal(t, "application/json", got.Header.Get("Content-Type"))
			require.Equal(t, "faultline-sender", got.Header.Get("User-Agent"))
			require.EqualValues(t, 7, got.ContentLength)
			require.Equal(t, `{"a":1}`, string(body))
		})
	}
}

func TestOnlyTheGivenProxyIsUsed(t *testing.T) {
	var viaProxy, viaEnvironment, direct atomic.Int64
	count := func(n *atomic.Int64) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { n.Add(1) }))
	}
	proxy, environment, target := count(&viaProxy), count(&viaEnvironment), count(&direct)
	defer proxy.Close()
	defer environment.Close()
	defer target.Close()
	t.Setenv("HTTP_PROXY", environment.URL)
	t.Setenv("NO_PROXY", "*")
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)

	New(Config{Proxy: proxyURL}).Deliver(t.Context(), Webhook{URL: target.URL, ID: "wh_1"})
	require.Equal(t, []int64{1, 0, 0}, []int64{viaProxy.Load(), viaEnvironment.Load(), direct.Load()})
	New(Config{}).Deliver(t.Context(), Webhook{URL: target.URL, ID: "wh_2"})
	require.Equal(t, []int64{1, 0, 1}, []int64{viaProxy.Load(), viaEnvironment.Load(), direct.Load()})
}

// A reused connection that dies makes net/http send a request again by itself; a body that can be had again lets it.
func TestNothingIsSentTwiceBehindThePolicy(t *testing.T) {
	var connections, rewindable atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	s := New(Config{Policy: Policy{Attempts: 3, Retry: Retry{Statuses: AnyStatus}}})
	s.client.Transport = watched{s.client.Transport, func(r *http.Request) {
		if r.GetBody != nil {
			rewindable.Add(1)
		}
	}}
	result := s.Deliver(t.Context(), Webhook{URL: server.URL, ID: "wh_1", Body: []byte("{}")})
	require.Len(t, result.Attempts, 3)
	require.EqualValues(t, 3, connections.Load())
	require.Zero(t, rewindable.Load())
}

// watched shows each request to a function before it goes out.
type watched struct {
	http.RoundTripper
	watch func(*http.Request)
}

func (w watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.watch(r)
	return w.RoundTripper.RoundTrip(r)
}

func TestDeliverEndsWithItsContext(t *testing.T) {
	tests := []struct {
		name     string
		after    time.Duration
		attempts int
		last     Ending
	}{
		{"before the first attempt", 0, 1, Interrupted},
		{"in an attempt", 5 * time.Second, 1, Interrupted},
		{"in a pause", 90 * time.Second, 1, Answered},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					select {
					case <-time.After(time.Minute):
						w.WriteHeader(500)
					case <-r.Context().Done():
					}
				})
				policy := Policy{Attempts: 3, Backoff: Backoff{Shape: Constant, First: time.Hour}, Retry: Retry{Statuses: AnyStatus, Connection: true}}
				s, stop := overPipe(Config{Policy: policy}, slow)
				ctx, cancel := context.WithTimeout(t.Context(), test.after)
				defer cancel()
				begun := time.Now()
				result := s.Deliver(ctx, Webhook{URL: "http://hooks.test/", ID: "wh_1"})
				require.Equal(t, test.after, time.Since(begun))
				require.NoError(t, stop())
				require.Len(t, result.Attempts, test.attempts)
				require.Equal(t, test.last, result.Attempts[len(result.Attempts)-1].Ending)
				require.False(t, result.Acknowledged)
			})
		})
	}
}
