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
	"errors"
	"fmt"
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
	// Store keeps the payloads; nil: they are forgotten.
	Store *Store
	// Secrets are what senders may sign with; without one signatures are not looked at.
	Secrets []string
	// Received is told of each payload, once it is kept and before it is answered; nil: nobody is. It may be called from several goroutines at once.
	Received func(Payload)
	// Refused is told of each request that is no receipt: too large, cut, or not kept. Bytes is how many were read, Problem says why, Code is 0 where nobody was there to
	// be answered. nil: nobody is. As Received.
	Refused func(Payload)
	// Failed is told why a payload could not be kept, or an old one removed; nil: nobody is. As Received.
	Failed func(error)
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
	scripted  int // answers of the script that were given
	received  int
	cut       int
	tooLarge  int
	unkept    int
	unsigned  int
	byPath    map[string]map[int]int
	byID      map[string]int
	uncounted int
	last      []Payload // the oldest first
}

// New makes an endpoint. An answer that no code can be is an error, as is a secret that is empty.
func New(cfg Config) (*Receiver, error) {
	if cfg.Code == 0 {
		cfg.Code = http.StatusOK
	}
	for _, code := range append([]int{cfg.Code}, cfg.Script...) {
		if code < 200 || code > 599 {
			return nil, fmt.Errorf("response code %d, want 200 to 599", code)
		}
	}
	if slices.Contains(cfg.Secrets, "") {
		return nil, errors.New("an empty secret signs nothing")
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

// AsksForStatus reports whether a request is none to be received, but asks what was.
func AsksForStatus(r *http.Request) bool {
	return r.URL.Path == "/status" && (r.Method == http.MethodGet || r.Method == http.MethodHead)
}

// ServeHTTP shows the status at GET /status, and receives everything else.
func (e *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if AsksForStatus(r) {
		e.showStatus(w)
		return
	}
	in := e.begin(r)
	defer in.close()
	err := in.read(http.MaxBytesReader(w, r.Body, e.cfg.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		e.refuse(w, in, &e.tooLarge, http.StatusRequestEntityTooLarge, fmt.Sprintf("body is larger than %d bytes", e.cfg.MaxBody))
	case err != nil:
		e.countCut(in)
		panic(http.ErrAbortHandler) // nobody is there to be answered
	case in.unkept != nil:
		e.lose(w, in, in.unkept)
	default:
		e.answer(w, in)
	}
}

// answer keeps a request that was read whole, counts it, and answers.
func (e *Receiver) answer(w http.ResponseWriter, in *intake) {
	payload := in.payload(e.nextCode())
	if err := in.keep(payload); err != nil {
		e.lose(w, in, err)
		return
	}
	e.count(payload)
	if e.cfg.Store != nil {
		e.tell(e.cfg.Store.drop())
	}
	if e.cfg.Received != nil {
		e.cfg.Received(payload)
	}
	w.WriteHeader(payload.Code)
}

// nextCode is the answer to the next request.
func (e *Receiver) nextCode() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.scripted < len(e.cfg.Script) {
		e.scripted++
		return e.cfg.Script[e.scripted-1]
	}
	return e.cfg.Code
}

func (e *Receiver) count(p Payload) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.received++
	e.countAnswer(p.Path, p.Code)
	e.countID(p.ID)
	if p.Signature != nil && !p.Signature.OK {
		e.unsigned++
	}
	if len(e.last) >= e.cfg.Last {
		e.last = slices.Delete(e.last, 0, 1)
	}
	e.last = append(e.last, p)
}

// lose refuses a payload that could not be kept.
func (e *Receiver) lose(w http.ResponseWriter, in *intake, err error) {
	e.tell(err)
	e.refuse(w, in, &e.unkept, http.StatusInsufficientStorage, "the payload could not be kept")
}

func (e *Receiver) tell(err error) {
	if err != nil && e.cfg.Failed != nil {
		e.cfg.Failed(err)
	}
}

// refuse answers what is no receipt, and counts it.
func (e *Receiver) refuse(w http.ResponseWriter, in *intake, count *int, code int, why string) {
	p := in.refused(code, why)
	e.mu.Lock()
	*count++
	e.countAnswer(p.Path, code)
	e.mu.Unlock()
	if e.cfg.Refused != nil {
		e.cfg.Refused(p)
	}
	http.Error(w, why, code)
}

// countCut counts a request whose sender left in the middle of it.
func (e *Receiver) countCut(in *intake) {
	e.mu.Lock()
	e.cut++
	e.mu.Unlock()
	if e.cfg.Refused != nil {
		e.cfg.Refused(in.refused(0, "the request was cut"))
	}
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
