package harness

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is Debian's, which has Debian's celery, requests, httpx and aiohttp, whatever else stands in PATH.
const python = "/usr/bin/python3"

// Client is an HTTP client that senders use.
type Client string

// The clients, each at its defaults but for a timeout of three seconds.
const (
	Requests Client = "requests"
	HTTPX    Client = "httpx"
	AIOHTTP  Client = "aiohttp"
	URLLib   Client = "urllib"
	Curl     Client = "curl"
	Go       Client = "go"
)

// Clients are all of them.
func Clients() []Client { return []Client{Requests, HTTPX, AIOHTTP, URLLib, Curl, Go} }

// Post is one POST of a kilobyte of JSON that is to be sent.
type Post struct {
	Client Client
	URL    string
	CA     string // file with the certificates to trust for https; "" for http
}

// Result is what a client then has.
type Result struct {
	Status int    // 0: no answer
	Error  string // class of the exception, curl's exit code, Go's error; "" when there was none
}

// Send sends all posts at once, through the proxy unless that is "", and returns their results in the same order.
func Send(t testing.TB, proxy string, posts []Post) []Result {
	t.Helper()
	results := make([]Result, len(posts))
	forPython := map[int]Post{}
	waiting := make(chan struct{}, len(posts))
	started := 0
	for i, post := range posts {
		send := map[Client]func(testing.TB, string, Post) Result{Curl: sendWithCurl, Go: sendWithGo}[post.Client]
		if send == nil {
			forPython[i] = post
			continue
		}
		started++
		go func() {
			results[i] = send(t, proxy, post)
			waiting <- struct{}{}
		}()
	}
	sendWithPython(t, proxy, forPython, results)
	for range started {
		<-waiting
	}
	return results
}

// sendWithPython sends the posts, which are named by their place in results, with one run of testdata/clients.py.
func sendWithPython(t testing.TB, proxy string, posts map[int]Post, results []Result) {
	t.Helper()
	var jobs bytes.Buffer
	for id, post := range posts {
		job := map[string]any{"id": id, "client": post.Client, "url": post.URL, "ca": post.CA}
		if err := json.NewEncoder(&jobs).Encode(job); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(python, filepath.Join("testdata", "clients.py"))
	cmd.Env = append(withoutProxy(os.Environ()), proxyVariables(proxy)...)
	cmd.Stdin = &jobs
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("running clients.py: %v\n%s", err, stderr.String())
	}
	for line := range strings.Lines(string(text)) {
		var got struct {
			ID int
			Result
		}
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("reading what clients.py printed: %v\n%s", err, line)
		}
		results[got.ID] = got.Result
	}
}

// proxyVariables are those that point a client at the proxy; curl reads http_proxy in lower case alone.
func proxyVariables(proxy string) []string {
	if proxy == "" {
		return nil
	}
	return []string{"HTTP_PROXY=" + proxy, "HTTPS_PROXY=" + proxy, "http_proxy=" + proxy, "https_proxy=" + proxy}
}

// withoutProxy is env without the variables that this machine may have of its own.
func withoutProxy(env []string) []string {
	var kept []string
	for _, variable := range env {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasSuffix(strings.ToUpper(name), "_PROXY") {
			kept = append(kept, variable)
		}
	}
	return kept
}
