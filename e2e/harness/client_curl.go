package harness

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// printed is what curl writes behind each answer's body.
const printed = "\x1f%{http_code} %header{retry-after}\x1f"

// sendWithCurl gives curl's exit code as the error.
func sendWithCurl(t testing.TB, proxy string, post Post) Result {
	args := []string{"--silent", "--write-out", printed, "--connect-timeout", inSeconds(post.connect()), "--max-time", inSeconds(post.read()),
		"--header", "Content-Type: application/json", "--data", string(payload())}
	if post.CA != "" {
		args = append(args, "--cacert", post.CA)
	}
	cmd := exec.Command("curl", append(args, post.urls()...)...)
	cmd.Env = append(withoutProxy(os.Environ()), proxyVariables(proxy)...)
	text, err := cmd.Output()

	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("running curl: %v", err)
		return Result{}
	}
	parts := strings.Split(string(text), "\x1f")
	if len(parts) < 3 {
		t.Errorf("curl printed %q", text)
		return Result{}
	}
	code, retryAfter, _ := strings.Cut(parts[len(parts)-2], " ")
	var result Result
	if result.Status, err = strconv.Atoi(code); err != nil {
		t.Errorf("reading the status that curl printed: %v", err)
	}
	if post.Whole {
		result.Body, result.RetryAfter = parts[len(parts)-3], retryAfter
	}
	if exit != nil {
		result.Error = strconv.Itoa(exit.ExitCode())
	}
	return result
}

func inSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) }

// payload is the kilobyte of JSON that every client sends.
func payload() []byte {
	return []byte(`{"event": "e2e", "padding": "` + strings.Repeat("x", 1000) + `"}`)
}
