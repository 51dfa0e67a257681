package e2e

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// Where there are few descriptors, idle connections make room for new ones, and who finds none is told so: nobody waits for ever, and no target is blamed.
func TestDescriptorsRunOut(t *testing.T) {
	t.Parallel()
	few := filepath.Join(t.TempDir(), "faultline-with-few-descriptors")
	require.NoError(t, os.WriteFile(few, []byte("#!/bin/sh\nulimit -n 120\nexec "+binaries.Race+` "$@"`+"\n"), 0o700))
	let := make(chan struct{})
	target := harness.NewTarget(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			<-let
		}
	}))
	proxy := harness.Start(t, harness.Options{Binary: few})
	at := strings.TrimPrefix(proxy.URL, "http://")

	for range 150 {
		sender, status := sendOnce(t, at, target.URL+"/quick")
		require.Equal(t, http.StatusOK, status, "the idle ones make room")
		t.Cleanup(func() { _ = sender.Close() })
	}

	const busy = 80
	var answered sync.WaitGroup
	statuses := make(chan int, busy)
	for range busy {
		answered.Go(func() {
			sender, status := sendOnce(t, at, target.URL+"/slow")
			_ = sender.Close()
			statuses <- status
		})
	}
	require.Equal(t, http.StatusServiceUnavailable, <-statuses, "who finds no descriptor does not wait")
	close(let)
	answered.Wait()
	close(statuses)
	for status := range statuses {
		require.Contains(t, []int{http.StatusOK, http.StatusServiceUnavailable}, status)
	}

	sender, status := sendOnce(t, at, target.URL+"/quick")
	require.Equal(t, http.StatusOK, status, "when they have come free")
	_ = sender.Close()
	_, metrics := get(t, proxy.Admin+"/metrics")
	require.Contains(t, metrics, `faultline_refused_total{reason="descriptors"}`)
}

// sendOnce sends a webhook by a connection of its own, which stays open, and gives the status of the answer; 0: none came.
func sendOnce(t *testing.T, proxy, url string) (net.Conn, int) {
	conn, err := net.Dial("tcp", proxy)
	if err != nil {
		t.Error(err)
		return conn, 0
	}
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: hooks.test\r\nContent-Length: 4\r\n\r\nbody", url)
	if err != nil {
		t.Error(err)
		return conn, 0
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Error(err)
		return conn, 0
	}
	return conn, resp.StatusCode
}
