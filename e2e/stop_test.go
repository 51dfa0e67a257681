package e2e

import (
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// An attempt that is held when SIGTERM comes is let go at once, and its record says why it ended.
func TestSIGTERMLetsGoWhatIsHeld(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	for _, test := range []struct {
		name, fault          string
		want                 string
		wantOutcome, wantEnd string
		wantBy, wantReached  string
	}{
		{"a hang ends with a RST", "hang = true", "no answer", "unanswered", "reset", "shutdown", "none"},
		{"a latency goes on at once", `latency = "1h"`, "200", "acknowledged", "complete", "target", "whole"},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy := start(t, "[[rule]]\nname = \"held\"\n"+test.fault+"\n")
			got := make(chan string, 1)
			sender := newSender(t, proxy)
			go func() { got <- sender.result(target.URL+"/hook", "wh_1") }()
			proxy.Log.WaitFor(t, "open", 1)
			began := time.Now()

			proxy.Stop(t)

			require.Equal(t, test.want, <-got)
			require.Less(t, time.Since(began), 5*time.Second, "half of --drain")
			attempts := proxy.Log.Attempts(t)
			require.Len(t, attempts, 1)
			require.Equal(t, test.wantOutcome, attempts[0].Outcome)
			require.Equal(t, test.wantEnd, attempts[0].End)
			require.Equal(t, test.wantBy, attempts[0].EndedBy)
			require.Equal(t, test.wantReached, attempts[0].Reached)
		})
	}
}

// slowTarget answers when it is told to.
func slowTarget(t *testing.T) (target *harness.Target, answer func()) {
	t.Helper()
	release := make(chan struct{})
	target = harness.NewTarget(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	return target, func() { close(release) }
}

// An attempt that is under way gets its time: it ends as it would have, and nothing new is let in meanwhile.
func TestSIGTERMDrains(t *testing.T) {
	t.Parallel()
	target, answer := slowTarget(t)
	proxy := start(t, "")
	got := make(chan string, 1)
	sender := newSender(t, proxy)
	go func() { got <- sender.result(target.URL+"/hook", "wh_1") }()
	proxy.Log.WaitFor(t, "open", 1)

	proxy.Signal(t, syscall.SIGTERM)
	harness.Until(t, "the listener to close", harness.Patience, func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(proxy.URL, "http://"))
		if err != nil {
			return true
		}
		require.NoError(t, conn.Close())
		return false
	})
	require.False(t, proxy.Ended(), "ended before the open attempt did")
	answer()

	require.Equal(t, "200", <-got)
	require.Equal(t, 0, proxy.ExitCode(t))
	attempts := proxy.Log.Attempts(t)
	require.Len(t, attempts, 1)
	require.Equal(t, "acknowledged", attempts[0].Outcome)
	require.Equal(t, "target", attempts[0].EndedBy)
}

// An attempt that takes longer than --drain is ended, and recorded as ended by the shutdown.
func TestSIGTERMEndsWhatOutlastsTheDrain(t *testing.T) {
	t.Parallel()
	target, answer := slowTarget(t)
	t.Cleanup(answer)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Flags: []string{"--drain", "500ms"}})
	got := make(chan string, 1)
	sender := newSender(t, proxy)
	go func() { got <- sender.result(target.URL+"/hook", "wh_1") }()
	proxy.Log.WaitFor(t, "open", 1)

	proxy.Stop(t)

	require.Equal(t, "no answer", <-got)
	attempts := proxy.Log.Attempts(t)
	require.Len(t, attempts, 1)
	require.Equal(t, "unanswered", attempts[0].Outcome)
	require.Equal(t, "shutdown", attempts[0].EndedBy)
	require.Equal(t, "whole", attempts[0].Reached)
	require.Nil(t, attempts[0].Delivered, "whether the target did it is not known")
}

// Who asks twice does not want to wait for the drain.
func TestSIGTERMTwice(t *testing.T) {
	t.Parallel()
	target, answer := slowTarget(t)
	t.Cleanup(answer)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Flags: []string{"--drain", "1h"}})
	got := make(chan string, 1)
	sender := newSender(t, proxy)
	go func() { got <- sender.result(target.URL+"/hook", "wh_1") }()
	proxy.Log.WaitFor(t, "open", 1)

	proxy.Signal(t, syscall.SIGTERM)
	harness.Until(t, "the listener to close", harness.Patience, func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(proxy.URL, "http://"))
		if err == nil {
			require.NoError(t, conn.Close())
		}
		return err != nil
	})
	proxy.Stop(t)

	require.Equal(t, "no answer", <-got)
	attempts := proxy.Log.Attempts(t)
	require.Len(t, attempts, 1)
	require.Equal(t, "shutdown", attempts[0].EndedBy)
}

// Open tunnels are ended with the drain, too.
func TestSIGTERMEndsTunnels(t *testing.T) {
	t.Parallel()
	target, answer := slowTarget(t)
	t.Cleanup(answer)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Race, Flags: []string{"--drain", "500ms"}})
	conn, err := net.Dial("tcp", strings.TrimPrefix(proxy.URL, "http://"))
	require.NoError(t, err)
	defer conn.Close() // faultline has closed it
	_, err = conn.Write([]byte("CONNECT " + target.Host + " HTTP/1.1\r\nHost: " + target.Host + "\r\n\r\n"))
	require.NoError(t, err)
	head := make([]byte, 64)
	n, err := conn.Read(head)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(head[:n]), "HTTP/1.1 200"), "%s", head[:n])

	proxy.Stop(t)

	require.Len(t, proxy.Log.Of(t, "tunnel"), 1)
}
