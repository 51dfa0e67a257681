package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/e2e/harness"
)

const (
	mebibyte      = 1 << 20
	memoryAllowed = 48 * mebibyte // more for a body of any size
)

// Bodies stream both ways, whether or not a rule looks at their beginning.
func TestLargeBodiesDoNotGrowMemory(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size, err := strconv.ParseInt(r.URL.Query().Get("answer"), 10, 64)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if r.URL.Query().Get("framing") == "length" {
			w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		}
		if _, err := io.Copy(w, noise(size)); err != nil {
			t.Errorf("answering: %v", err)
		}
	}))
	for _, test := range []struct{ name, scenario string }{
		{"without a scenario", ""},
		{"with a rule that looks into the body", `
[delivery]
key = ["json:event_id", "body"]

[[rule]]
name = "a claim"
match.json = { type = "claim.paid" }
status = 500
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy := harness.Start(t, harness.Options{Binary: binaries.Plain, Scenario: test.scenario})
			requireRoundTrip(t, proxy, target, 1024, "length")
			before := peakMemory(t, proxy.Pid())

			for _, size := range []int64{8 * mebibyte, 96 * mebibyte} {
				for _, framing := range []string{"length", "chunked"} {
					requireRoundTrip(t, proxy, target, size, framing)
				}
			}

			grown := peakMemory(t, proxy.Pid()) - before
			t.Logf("the peak grew from %d KiB by %d KiB", before/1024, grown/1024)
			require.Less(t, grown, int64(memoryAllowed), "growth of the peak, in bytes")
		})
	}
}

// log.bodies = "full" costs no more than a body and what it grows by in the log (base64), and the garbage of the one before.
func TestBodiesThatAreLoggedAreHeldOnce(t *testing.T) {
	t.Parallel()
	const size = 96 * mebibyte
	target := harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{Binary: binaries.Plain, Scenario: "[log]\nbodies = \"full\"\n"})
	client := http.Client{Transport: harness.GoTransport(t, proxy.URL, "")}
	defer client.CloseIdleConnections()
	post := func(size int64) {
		answer, err := client.Post(target.URL+"/hook", "application/octet-stream", noise(size))
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, 200, answer.StatusCode)
	}
	post(1)
	before := peakMemory(t, proxy.Pid())

	post(size)
	grown := peakMemory(t, proxy.Pid()) - before
	t.Logf("the peak grew by %d KiB", grown/1024)
	require.Less(t, grown, int64(size*2), "growth of the peak, in bytes")
	harness.Until(t, "the memory to be given back", harness.Patience, func() bool {
		return residentMemory(t, proxy.Pid()) < before+memoryAllowed
	})
	var last *deliveries.Attempt
	for record, err := range deliveries.Read(proxy.Log.Dir) {
		require.NoError(t, err)
		if a, ok := record.(*deliveries.Attempt); ok {
			last = a
		}
	}
	require.Equal(t, int64(size), last.Request.Bytes)
	logged := last.Request.Body.(map[string]any)["base64"].(string)
	require.Equal(t, sum(t, noise(size)), sum(t, base64.NewDecoder(base64.StdEncoding, strings.NewReader(logged))))
}

// requireRoundTrip sends a body of the size given, asks for an answer of the same size, and compares both with what came.
func requireRoundTrip(t *testing.T, proxy *harness.Faultline, target *harness.Target, size int64, framing string) {
	t.Helper()
	client := http.Client{Transport: harness.GoTransport(t, proxy.URL, "")}
	defer client.CloseIdleConnections()
	url := fmt.Sprintf("%s/hook?answer=%d&framing=%s", target.URL, size, framing)
	request, err := http.NewRequest(http.MethodPost, url, noise(size))
	require.NoError(t, err)
	if framing == "length" {
		request.ContentLength = size
	}
	answer, err := client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close() // read to its end
	require.Equal(t, 200, answer.StatusCode)

	want := sum(t, noise(size))
	require.Equal(t, want, sum(t, answer.Body), "the answer's bytes")
	seen := target.Seen()
	require.Equal(t, want, seen[len(seen)-1].SHA256, "the request's bytes")
	attempts := proxy.Log.WaitFor(t, "attempt", 1)
	record := attempts[len(attempts)-1]
	require.Equal(t, size, record.Request.Bytes)
	require.Equal(t, want, record.Request.SHA256)
	require.Equal(t, "acknowledged", record.Outcome)
}

// noise is a body that no one can compress or guess, the same for the same size.
func noise(size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{1}), size)
}

func sum(t *testing.T, r io.Reader) string {
	t.Helper()
	hash := sha256.New()
	_, err := io.Copy(hash, r)
	require.NoError(t, err)
	return hex.EncodeToString(hash.Sum(nil))
}

// peakMemory is the most that a process had in memory at once so far, in bytes.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	return memoryOf(t, pid, "VmHWM:")
}

// residentMemory is what a process has in memory, in bytes.
func residentMemory(t *testing.T, pid int) int64 {
	t.Helper()
	return memoryOf(t, pid, "VmRSS:")
}

func memoryOf(t *testing.T, pid int, field string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	_, value, found := strings.Cut(string(status), field)
	require.True(t, found)
	kibibytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
	require.NoError(t, err)
	return kibibytes * 1024
}
