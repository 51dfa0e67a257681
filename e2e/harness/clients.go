package harness

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// python is Debian's, which has Debian's celery, requests, httpx and aiohttp, whatever else stands in PATH.
const python = "/usr/bin/python3"

//go:embed clients.py
var pythonClients string

// Client is an HTTP client that senders use.
type Client string

// The clients, each at its defaults but for its timeouts.
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

// ClientOf is the client whose User-Agent this is; "" for any other.
func ClientOf(userAgent string) Client {
	for prefix, client := range map[string]Client{
		"python-requests/": Requests, "python-httpx/": HTTPX, "Python/": AIOHTTP, "Python-urllib/": URLLib, "curl/": Curl, "Go-http-client/": Go,
	} {
		if strings.HasPrefix(userAgent, prefix) {
			return client
		}
	}
	return ""
}

// Post is one POST of a kilobyte of JSON that is to be sent.
type Post struct {
	Client Client
	URL    string
	CA     string // file with the certificates to trust for https; "" for http
	// Before is a URL that is posted to first, over the same session; "": none.
	Before string
	// Connect bounds the wait for a connection, Read that for the next bytes; curl and Go have Read for all of it. 0: five seconds and three.
	Connect, Read time.Duration
	// Whole asks for the result's Body and RetryAfter.
	Whole bool
}

func (p Post) urls() []string {
	if p.Before != "" {
		return []string{p.Before, p.URL}
	}
	return []string{p.URL}
}

func (p Post) connect() time.Duration { return orElse(p.Connect, 5*time.Second) }
func (p Post) read() time.Duration    { return orElse(p.Read, 3*time.Second) }

func orElse(given, otherwise time.Duration) time.Duration {
	if given == 0 {
		return otherwise
	}
	return given
}

// job is the post as clients.py has it.
func (p Post) job(id int) map[string]any {
	return map[string]any{
		"id": id, "client": p.Client, "urls": p.urls(), "ca": p.CA, "connect": p.connect().Seconds(), "read": p.read().Seconds(), "whole": p.Whole,
	}
}

// Result is what a client then has.
type Result struct {
	Status int    // 0: no answer
	Error  string // class of the exception, curl's exit code, Go's error; "" when there was none

	// Where Post.Whole asks for them, and the client hands them out:
	Body       string // as the client decoded it
	RetryAfter string `json:"retry_after"`
}

// atOnce is how many curls and Go clients run at the same time.
const atOnce = 48

// Send sends all posts, begun in their order and many at once, through the proxy unless that is "", and returns their results in the same order.
func Send(t testing.TB, proxy string, posts []Post) []Result {
	t.Helper()
	results := make([]Result, len(posts))
	forPython := map[int]Post{}
	var others []int
	for i, post := range posts {
		if post.Client == Curl || post.Client == Go {
			others = append(others, i)
		} else {
			forPython[i] = post
		}
	}
	queue := make(chan int)
	var running sync.WaitGroup
	for range min(atOnce, len(others)) {
		running.Go(func() {
			for i := range queue {
				if posts[i].Client == Curl {
					results[i] = sendWithCurl(t, proxy, posts[i])
				} else {
					results[i] = sendWithGo(t, proxy, posts[i])
				}
			}
		})
	}
	running.Go(func() {
		defer close(queue)
		for _, i := range others {
			queue <- i
		}
	})
	sendWithPython(t, proxy, forPython, results)
	running.Wait()
	return results
}

// sendWithPython sends the posts, which are named by their place in results, with one run of clients.py.
func sendWithPython(t testing.TB, proxy string, posts map[int]Post, results []Result) {
	t.Helper()
	if len(posts) == 0 {
		return
	}
	var jobs bytes.Buffer
	for _, id := range slices.Sorted(maps.Keys(posts)) {
		if err := json.NewEncoder(&jobs).Encode(posts[id].job(id)); err != nil {
			t.Fatal(err)
		}
	}
	bound, cancel := context.WithTimeout(t.Context(), 2*Patience) // a client that waits for ever is a failure
	defer cancel()
	cmd := exec.CommandContext(bound, python, "-c", pythonClients)
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
