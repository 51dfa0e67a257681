package e2e

import (
	"errors"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// failsAtFirst loses what is attempted once.
const failsAtFirst = `
log.bodies = "full"

[delivery]
match.host = "%HOST"
match.method = "POST"
key = ["header:Webhook-Id", "body"]

[[rule]]
name = "fails at first"
when.attempt = 1
status = 503

[expect]
delivered = "100%"
max_attempts = 2
max_duplicates = 0
`

// faultline runs a command to its end.
func faultline(t *testing.T, args ...string) (stdout string, code int) {
	t.Helper()
	text, err := exec.Command(binaries.Race, args...).Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		require.NoError(t, err)
	}
	if failed != nil {
		require.NotContains(t, string(failed.Stderr), "DATA RACE")
		code = failed.ExitCode()
	}
	return string(text), code
}

// Lost deliveries are sent again through a proxy: they arrive as they were, the log tells them from the sender's own, and no verdict on the sender is
// changed by them. What came in the meantime, and what was replayed, is not sent again.
func TestReplay(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := start(t, strings.ReplaceAll(failsAtFirst, "%HOST", target.Host))
	client := http.Client{Transport: harness.GoTransport(t, proxy.URL, "")}
	post := func(id, body string, header ...string) int {
		request, err := http.NewRequest(http.MethodPost, target.URL+"/hook?page=7", strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("X-Claim", "7 of 9")
		if id != "" {
			request.Header.Set("Webhook-Id", id)
		}
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		answer, err := client.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	require.Equal(t, 503, post("lost", `{"n":1}`))
	require.Equal(t, 503, post("late", `{"n":2}`))
	require.Equal(t, 503, post("signed", `{"n":3}`, "Authorization", "Bearer s3cr3t"))
	require.Equal(t, 503, post("binary", "\xff\x00"))
	require.Equal(t, 503, post("", `{"told by":"its body"}`))
	require.Empty(t, target.Seen())

	lost := []string{"replay", proxy.Log.Dir, "--settle", "0s"}
	said, code := faultline(t, lost...)
	require.Equal(t, 1, code, "one cannot be sent:\n%s", said)
	require.Contains(t, said, "5 lost: 4 would be sent: --send does it; 1 cannot be sent")
	require.Contains(t, said, "Authorization redacted: give it by --header")

	require.Equal(t, 200, post("late", `{"n":2}`)) // by its sender, in the meantime
	require.Len(t, target.Seen(), 1, "a dry run sends nothing")
	before, _ := check(t, proxy.Log.Dir)

	said, code = faultline(t, append(lost, "--send", "--proxy", proxy.URL, "--header", "Authorization: Bearer s3cr3t")...)
	require.Equal(t, 0, code, said)
	require.Contains(t, said, "4 lost: 4 delivered")
	requireReplayed(t, proxy, target)

	after, _ := check(t, proxy.Log.Dir)
	require.Equal(t, before, after, "what the sender did")
	require.Equal(t, 4, after.Deliveries.Lost)

	said, code = faultline(t, append(lost, "--send", "--proxy", proxy.URL)...)
	require.Equal(t, 0, code, said)
	require.Contains(t, said, "4 lost: 4 left out: --even-if-reached takes them in")
	require.Len(t, target.Seen(), 5)

	// Directly, and once more because that was asked for.
	said, code = faultline(t, append(lost, "--send", "--even-if-reached", "--header", "Authorization: Bearer s3cr3t")...)
	require.Equal(t, 0, code, said)
	require.Len(t, target.Seen(), 9)
	listed, _ := faultline(t, "deliveries", proxy.Log.Dir, "--settle", "0s", "--state", "lost")
	require.Equal(t, 4, strings.Count(listed, "arrived by replay"), listed)
	proxy.Stop(t)
}

// requireReplayed compares what the target got by replay with what the log says that the sender sent.
func requireReplayed(t *testing.T, proxy *harness.Faultline, target *harness.Target) {
	t.Helper()
	own := make(map[string]harness.Line) // by id
	replays := 0
	for _, a := range proxy.Log.Attempts(t) {
		if a.Replay == "" {
			own[a.ID] = a
			continue
		}
		replays++
		repeated := own[a.Replay]
		require.NotEmpty(t, repeated.ID, "the attempt that it repeats")
		require.Equal(t, repeated.Delivery, a.Delivery)
		require.Equal(t, repeated.URL, a.URL)
		require.Equal(t, repeated.Request.SHA256, a.Request.SHA256)
		require.Equal(t, 2, a.Attempt)
		require.Equal(t, "acknowledged", a.Outcome)
	}
	require.Equal(t, 4, replays)

	seen := target.Seen()
	require.Len(t, seen, 5)
	ids := []string{}
	for _, s := range seen[1:] {
		ids = append(ids, s.Header.Get("Webhook-Id"))
		require.Equal(t, "7 of 9", s.Header.Get("X-Claim"))
		require.Equal(t, "page=7", s.Query)
		require.NotEmpty(t, s.Header.Get("X-Faultline-Replay"))
	}
	require.Equal(t, []string{"lost", "signed", "binary", ""}, ids)
	require.Equal(t, "Bearer s3cr3t", seen[2].Header.Get("Authorization"))
	require.Equal(t, int64(2), seen[3].Bytes)
}
