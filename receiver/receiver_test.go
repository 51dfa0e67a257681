package receiver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const emptySum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of nothing

func newReceiver(t *testing.T, cfg Config) *Receiver {
	t.Helper()
	e, err := New(cfg)
	require.NoError(t, err)
	return e
}

// send has the receiver take a request and returns the answer's code.
func send(e *Receiver, method, path, id, body string) int {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if id != "" {
		r.Header.Set("Webhook-Id", id)
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Code
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name string
		cfg  Config
		want []int
	}{
		{"200 unless told otherwise", Config{}, []int{200, 200}},
		{"one code for all", Config{Code: 500}, []int{500, 500, 500}},
		{"the script first", Config{Code: 204, Script: []int{503, 429}}, []int{503, 429, 204, 204, 204}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := newReceiver(t, test.cfg)
			var got []int
			for range test.want {
				got = append(got, send(e, "POST", "/", "", "{}"))
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestCodesThatCannotBe(t *testing.T) {
	tests := []struct {
		cfg  Config
		want string
	}{
		{Config{Code: 199}, "response code 199, want 200 to 599"},
		{Config{Code: 600}, "response code 600, want 200 to 599"},
		{Config{Code: -1}, "response code -1, want 200 to 599"},
		{Config{Script: []int{200, 0}}, "response code 0, want 200 to 599"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			_, err := New(test.cfg)
			require.EqualError(t, err, test.want)
		})
	}
}

func TestStatusShowsWhatCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now().UTC()
		e := newReceiver(t, Config{Code: 204, Script: []int{500}, Last: 3, MaxBody: 8})
		time.Sleep(time.Second)
		require.Equal(t, 500, send(e, "POST", "/claims/7?x=1", "wh_1", "abc"))
		require.Equal(t, 204, send(e, "POST", "/claims/7", "wh_1", "abc"))
		require.Equal(t, 204, send(e, "PUT", "/a%2Fb", "wh_2", ""))
		require.Equal(t, 204, send(e, "POST", "/status", "", ""))
		require.Equal(t, 413, send(e, "POST", "/claims/7", "wh_3", "more than 8"))

		want := Status{
			UpSince: begun, Received: 4, TooLarge: 1, IDs: 2, Duplicates: 1,
			ByPath: map[string]map[int]int{"/claims/7": {500: 1, 204: 1, 413: 1}, "/a%2Fb": {204: 1}, "/status": {204: 1}},
			Last: []Payload{
				{At: begun.Add(time.Second), Method: "POST", Path: "/status", SHA256: emptySum, Code: 204, Type: "empty"},
				{At: begun.Add(time.Second), Method: "PUT", Path: "/a%2Fb", ID: "wh_2", SHA256: emptySum, Code: 204, Type: "empty"},
				{
					At: begun.Add(time.Second), Method: "POST", Path: "/claims/7", ID: "wh_1", Bytes: 3, Code: 204, Type: "text",
					SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
				},
			},
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequest("GET", "/status", nil))
		require.Equal(t, 200, w.Code)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		var got Status
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
		require.Equal(t, want, got)
	})
}

func TestNoDuplicateIsRemoved(t *testing.T) {
	e := newReceiver(t, Config{})
	var senders sync.WaitGroup
	for i := range 50 {
		senders.Go(func() { send(e, "POST", "/", fmt.Sprintf("wh_%d", i%10), "{}") })
	}
	senders.Wait()
	for i := range 10 {
		require.Equal(t, 5, e.Received(fmt.Sprintf("wh_%d", i)))
	}
	require.Zero(t, e.Received("wh_10"))
	s := e.Status()
	require.Equal(t, []int{50, 10, 40}, []int{s.Received, s.IDs, s.Duplicates})
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	e := newReceiver(t, Config{IDs: 2, Last: 2})
	for i := range maxPaths + 5 {
		send(e, "POST", fmt.Sprintf("/%d", i), fmt.Sprintf("wh_%d", i), "")
	}
	send(e, "POST", "/0", "wh_0", "")
	s := e.Status()
	require.Len(t, s.ByPath, maxPaths+1)
	require.Equal(t, map[int]int{200: 5}, s.ByPath[otherPaths])
	require.Equal(t, map[int]int{200: 2}, s.ByPath["/0"])
	require.Equal(t, []int{2, 1, maxPaths + 3}, []int{s.IDs, s.Duplicates, s.Uncounted})
	require.Len(t, s.Last, 2)
}

func TestACutRequestIsNoReceipt(t *testing.T) {
	e := newReceiver(t, Config{})
	served := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(served)
		e.ServeHTTP(w, r)
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /claims HTTP/1.1\r\nHost: hooks.test\r\nWebhook-Id: wh_1\r\nContent-Length: 100\r\n\r\nhalf")
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	<-served
	_, err = bufio.NewReader(conn).ReadByte()
	require.ErrorIs(t, err, io.EOF, "an answer to a request that never came whole")

	s := e.Status()
	require.Equal(t, []int{0, 1, 0}, []int{s.Received, s.Cut, e.Received("wh_1")})
	require.Empty(t, s.ByPath)
}
