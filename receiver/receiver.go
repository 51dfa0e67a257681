// Package receiver stands for a webhook endpoint: it takes any method at any path, answers as it was told, and knows what it got. It removes no
// duplicates, so that what it counts is what really arrived.
//
// Promise: a request counts once it was read whole, before it is answered; one that was cut is no receipt. What is kept is bounded.
//
//	endpoint, err := receiver.New(receiver.Config{Code: 204})
//	http.Serve(listener, endpoint) // GET /status shows what came
//	endpoint.Received("wh_1")      // how often
package receiver

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Config is what a Receiver answers and keeps. The zero Config answers 200.
type Config struct {
	// Code is the answer, from 200 to 599. 0: 200.
	Code int
	// Script are the answers to the first requests received, one each, before Code.
	Script []int
	// MaxBody is how large a body may be, in bytes; a larger one gets a 413 and is no receipt. 0: 100 MiB.
	MaxBody int64
	// Last is how many of the last payloads are described in the status. 0: 10.
	Last int
	// IDs is how many Webhook-Ids are counted; later ones are only counted as uncounted. 0: 1,000,000.
	IDs int
}

// maxPaths is how many paths are counted by name; requests to any other are counted together.
const maxPaths = 1000

// otherPaths is the name of the paths beyond maxPaths.
const otherPaths = "other"

// Receiver is the endpoint, an http.Handler. Make it with New. Safe for concurrent use; it holds nothing that must be closed.
type Receiver struct {
	cfg   Config
	since time.Time

	mu        sync.Mutex
	received  int
	cut       int
	tooLarge  int
	byPath    map[string]map[int]int
	byID      map[string]int
	uncounted int
	last      []Payload // the oldest first
}

// New makes an endpoint. An answer that no code can be is an error.
func New(cfg Config) (*Receiver, error) {
	if cfg.Code == 0 {
		cfg.Code = http.StatusOK
	}
	for _, code := range append([]int{cfg.Code}, cfg.Script...) {
		if code < 200 || code > 599 {
			return nil, fmt.Errorf("response code %d, want 200 to 599", code)
		}
	}
	if cfg.MaxBody == 0 {
		cfg.MaxBody = 100 << 20
	}
	if cfg.Last == 0 {
		cfg.Last = 10
	}
	if cfg.IDs == 0 {
		cfg.IDs = 1_000_000
	}
	return &Receiver{
		cfg: cfg, since: time.Now(), byPath: make(map[string]map[int]int), byID: make(map[string]int),
	}, nil
}

// ServeHTTP shows the status at GET /status, and receives everything else.
func (e *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/status" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		e.showStatus(w)
		return
	}
	sum := sha256.New()
	n, err := io.Copy(sum, http.MaxBytesReader(w, r.Body, e.cfg.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		e.refuse(r)
		http.Error(w, fmt.Sprintf("body is larger than %d bytes", e.cfg.MaxBody), http.StatusRequestEntityTooLarge)
	case err != nil:
		e.countCut()
		panic(http.ErrAbortHandler) // nobody is there to be answered
	default:
		w.WriteHeader(e.receive(r, n, hex.EncodeToString(sum.Sum(nil))))
	}
}

// receive counts a request that was read whole, and returns its answer.
func (e *Receiver) receive(r *http.Request, n int64, digest string) int {
	id := r.Header.Get("Webhook-Id")
	e.mu.Lock()
	defer e.mu.Unlock()
	code := e.cfg.Code
	if e.received < len(e.cfg.Script) {
		code = e.cfg.Script[e.received]
	}
	e.received++
	e.countAnswer(r.URL.EscapedPath(), code)
	e.countID(id)
	if len(e.last) >= e.cfg.Last {
		e.last = slices.Delete(e.last, 0, 1)
	}
	e.last = append(e.last, Payload{
		At: time.Now(), Method: r.Method, Path: r.URL.EscapedPath(), ID: id, Bytes: n, SHA256: digest, Code: code,
	})
	return code
}

func (e *Receiver) refuse(r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tooLarge++
	e.countAnswer(r.URL.EscapedPath(), http.StatusRequestEntityTooLarge)
}

func (e *Receiver) countCut() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cut++
}

// countAnswer counts an answer at a path. mu is held.
func (e *Receiver) countAnswer(path string, code int) {
	codes, known := e.byPath[path]
	if !known && len(e.byPath) >= maxPaths {
		path = otherPaths
		codes, known = e.byPath[path]
	}
	if !known {
		codes = make(map[int]int)
		e.byPath[path] = codes
	}
	codes[code]++
}

// countID counts a Webhook-Id; one that is not there is none. mu is held.
func (e *Receiver) countID(id string) {
	if id == "" {
		return
	}
	if _, known := e.byID[id]; !known && len(e.byID) >= e.cfg.IDs {
		e.uncounted++
		return
	}
	e.byID[id]++
}
