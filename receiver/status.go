package receiver

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Payload describes a body that was received.
type Payload struct {
	At     time.Time `json:"at"` // when its last byte was read
	Method string    `json:"method"`
	Path   string    `json:"path"` // as sent
	ID     string    `json:"webhook_id,omitempty"`
	Bytes  int64     `json:"bytes"`
	SHA256 string    `json:"sha256,omitempty"`
	Code   int       `json:"code"` // what it was answered
	// Type is empty, json, form, multipart, text or binary, by what is in it, or part, of a request that is no receipt; Depth how deeply JSON is nested.
	Type  string `json:"type"`
	Depth int    `json:"depth,omitempty"`
	// Encoding is its Content-Encoding; Type and Depth are then those of what it unpacks to (Unpacked bytes), or Problem says why they are not.
	Encoding string `json:"encoding,omitempty"`
	Unpacked int64  `json:"unpacked,omitempty"`
	Problem  string `json:"problem,omitempty"`
	// Signature is what verifying it came to; nil: the receiver knows no secret.
	Signature *Signature `json:"signature,omitempty"`
	File      string     `json:"file,omitempty"` // its name in the folder of payloads
}

// Status is what GET /status shows.
type Status struct {
	UpSince  time.Time `json:"up_since"`
	Received int       `json:"received"` // requests read whole
	Cut      int       `json:"cut"`      // requests whose body ended too early
	TooLarge int       `json:"too_large"`
	Unkept   int       `json:"unkept"`         // requests answered 507, as their payload could not be written
	Unsigned int       `json:"bad_signatures"` // where a secret is known
	// ByPath is how many requests to a path got each code.
	ByPath map[string]map[int]int `json:"by_path"`
	// IDs is how many different Webhook-Ids came, Duplicates how often one came again, Uncounted how many requests with one were past the bound.
	IDs        int `json:"webhook_ids"`
	Duplicates int `json:"duplicates"`
	Uncounted  int `json:"uncounted"`
	// Last are the last payloads, the newest first.
	Last []Payload `json:"last"`
}

// Received is how often a request with this Webhook-Id was received.
func (e *Receiver) Received(id string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.byID[id]
}

// Status is what has been received so far: a copy.
func (e *Receiver) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := Status{
		UpSince: e.since.UTC(), Received: e.received, Cut: e.cut, TooLarge: e.tooLarge, Unkept: e.unkept, Unsigned: e.unsigned, ByPath: make(map[string]map[int]int, len(e.byPath)),
		IDs: len(e.byID), Uncounted: e.uncounted, Last: slices.Clone(e.last),
	}
	slices.Reverse(s.Last)
	for path, codes := range e.byPath {
		s.ByPath[path] = maps.Clone(codes)
	}
	for _, n := range e.byID {
		s.Duplicates += n - 1
	}
	return s
}

func (e *Receiver) showStatus(w http.ResponseWriter) {
	body, err := json.MarshalIndent(e.Status(), "", "  ")
	if err != nil {
		panic(fmt.Sprintf("receiver: encode status: %v", err)) // numbers, texts and times: cannot be
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// An error means that the client has gone: there is nobody left to tell.
	_, _ = w.Write(append(body, '\n'))
}
