package console

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// problem is an error as RFC 9457 writes it.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Problems are those of a scenario, a line each.
	Problems []string `json:"problems,omitempty"`
	// NotReady is what is not ready, and why, by name; of /readyz only.
	NotReady map[string]string `json:"not_ready,omitempty"`
}

func (p problem) write(w http.ResponseWriter) {
	p.Type = "about:blank" // its title is the status's own
	p.Title = http.StatusText(p.Status)
	body, err := json.Marshal(p)
	if err != nil {
		panic(fmt.Sprintf("console: encode problem %+v: %v", p, err)) // strings and an int: cannot be
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	write(w, append(body, '\n'))
}
