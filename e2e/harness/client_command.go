package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// Command is a command that sends the post with nothing but what its environment says, as a worker behind `faultline proxy … --` does. It prints a
// line that ResultsIn reads.
func (p Post) Command(t testing.TB) []string {
	t.Helper()
	switch p.Client {
	case Curl:
		return []string{"curl", "--silent", "--output", "/dev/null", "--write-out", `{"status": %{http_code}}\n`, "--max-time", "10",
			"--header", "Content-Type: application/json", "--data", string(payload()), p.URL}
	case Go:
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		return []string{self, postWord, p.URL}
	case Requests, HTTPX, AIOHTTP, URLLib:
		job, err := json.Marshal(p.job(0))
		if err != nil {
			t.Fatal(err)
		}
		return []string{python, "-c", pythonClients, string(job)}
	default:
		t.Fatalf("no such client: %q", p.Client)
		return nil
	}
}

// ResultsIn are the results that commands printed, in their order.
func ResultsIn(t testing.TB, printed string) []Result {
	t.Helper()
	var results []Result
	for line := range strings.Lines(printed) {
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var result Result
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			t.Fatalf("reading what a client printed: %v\n%s", err, line)
		}
		results = append(results, result)
	}
	return results
}

// postWord, as the first argument, makes the test binary a Go client.
const postWord = "post-from-environment"

// AskedToPost tells whether this process was started by a Post's Command, and gives its URL.
func AskedToPost(args []string) (url string, asked bool) {
	if len(args) != 3 || args[1] != postWord {
		return "", false
	}
	return args[2], true
}

// PostFromEnvironment sends one POST by Go's default transport, which takes proxy and certificates from the environment, prints the result and returns
// the exit code.
func PostFromEnvironment(url string) int {
	client := http.Client{Timeout: 10 * time.Second}
	var result Result
	answer, err := client.Post(url, "application/json", bytes.NewReader(payload()))
	if err != nil {
		result.Error = NameOf(err)
	} else {
		result.Status = answer.StatusCode
		if err := answer.Body.Close(); err != nil {
			result.Error = NameOf(err)
		}
	}
	line, err := json.Marshal(result)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(string(line))
	return 0
}
