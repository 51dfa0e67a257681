package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// loadOn is a load of a few senders on a server that stands for a proxy.
func loadOn(t *testing.T, answer http.HandlerFunc) load {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	return load{proxy: address, senders: 4, url: "http://hooks.test/claims", host: "hooks.test", keys: 10}
}

// sendFor runs a load once.
func sendFor(t *testing.T, l load, span time.Duration) (tally, error) {
	senders, err := l.connect()
	require.NoError(t, err)
	defer senders.close()
	return senders.run(span)
}

func TestSendersUseEveryKeyAndSendWholeBodies(t *testing.T) {
	var lock sync.Mutex
	keys, connections := map[string]int{}, map[string]bool{}
	l := loadOn(t, func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		lock.Lock()
		defer lock.Unlock()
		keys[r.Header.Get("Webhook-Id")]++
		connections[r.RemoteAddr] = true
		if len(text) != bodySize || r.Host != "hooks.test" || r.Method != http.MethodPost {
			w.WriteHeader(http.StatusBadRequest)
		}
	})

	tally, err := sendFor(t, l, 200*time.Millisecond)

	require.NoError(t, err)
	assert.Len(t, keys, 10)
	assert.Contains(t, keys, "wh_00000007")
	assert.Len(t, connections, 4)
	sum := 0
	for _, n := range keys {
		sum += n
	}
	assert.Equal(t, sum, tally.attempts)
	assert.Len(t, tally.waits, sum)
}

func TestFreshSendersConnectForEachAttempt(t *testing.T) {
	var lock sync.Mutex
	connections := map[string]bool{}
	l := loadOn(t, func(_ http.ResponseWriter, r *http.Request) {
		lock.Lock()
		defer lock.Unlock()
		connections[r.RemoteAddr] = true
	})
	l.fresh = true

	tally, err := sendFor(t, l, 50*time.Millisecond)

	require.NoError(t, err)
	assert.Len(t, connections, tally.attempts)
}

func TestAWrongAnswerIsAnError(t *testing.T) {
	l := loadOn(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })

	_, err := sendFor(t, l, 50*time.Millisecond)
	require.ErrorContains(t, err, `a wrong answer: "HTTP/1.1 503 Service Unavailable`)

	l.faulted = true
	tally, err := sendFor(t, l, 50*time.Millisecond)
	require.NoError(t, err)
	assert.Equal(t, tally.attempts, tally.faulted)
}

func TestAnswerIsReadToItsEnd(t *testing.T) {
	tests := []struct {
		name   string
		pieces []string
		status int
		err    string
	}{
		{name: "at once", pieces: []string{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"}, status: 200},
		{name: "in pieces", pieces: []string{"HTTP/1.1 503 S\r\nX: y\r\ncontent-", "length:3\r\n\r", "\nab", "c"}, status: 503},
		{name: "in chunks", pieces: []string{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0", "\r\n\r\n"}, status: 200},
		{name: "too much", pieces: []string{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok"}, err: `1 bytes after the answer "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok"`},
		{name: "of unknown length", pieces: []string{"HTTP/1.1 200 OK\r\n\r\n"}, err: "an answer without a length"},
		{name: "cut", pieces: []string{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"}, err: "EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ours, proxys := net.Pipe()
			go func() {
				defer proxys.Close()
				for _, piece := range test.pieces {
					fmt.Fprint(proxys, piece)
				}
			}()
			s := newSender(load{senders: 1, keys: 1}, 0)
			s.conn = ours
			defer s.hangUp()

			status, err := s.answer()

			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.status, status)
		})
	}
}

func TestQuantile(t *testing.T) {
	var one tally
	for i := range 100 {
		one.waits = append(one.waits, time.Duration(i+1))
	}
	assert.EqualValues(t, 51, one.quantile(0.5))
	assert.EqualValues(t, 100, one.quantile(0.99))
	assert.EqualValues(t, 100, one.quantile(1))
}
