package harness

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// sendWithCurl gives curl's exit code as the error.
func sendWithCurl(t testing.TB, proxy string, post Post) Result {
	args := []string{"--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "3",
		"--header", "Content-Type: application/json", "--data-binary", "@-", post.URL}
	if post.CA != "" {
		args = append(args, "--cacert", post.CA)
	}
	cmd := exec.Command("curl", args...)
	cmd.Env = append(withoutProxy(os.Environ()), proxyVariables(proxy)...)
	cmd.Stdin = bytes.NewReader(payload())
	text, err := cmd.Output()

	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Errorf("running curl: %v", err)
		return Result{}
	}
	status, convErr := strconv.Atoi(string(text))
	if convErr != nil {
		t.Errorf("reading the status that curl printed: %v", convErr)
	}
	if err != nil {
		return Result{Status: status, Error: strconv.Itoa(exit.ExitCode())}
	}
	return Result{Status: status}
}

// payload is the kilobyte of JSON that every client sends.
func payload() []byte {
	return []byte(`{"event": "e2e", "padding": "` + strings.Repeat("x", 1000) + `"}`)
}
