package trial

import (
	"fmt"

	"github.com/faultline/faultline/deliveries"
)

// Blow is one failure of a survey: a rule that has one fault.
type Blow struct {
	Name string // as it stands in the survival map
	Kind string // of the fault
	// rule is the rest of its table.
	rule string
}

// Scenario is the text of a scenario with this failure alone.
func (b Blow) Scenario() string {
	return fmt.Sprintf("name = %q\nseed = 1\n\n[[rule]]\nname = %[1]q\n%[2]s\n", b.Name, b.rule)
}

// first has the first attempt of each delivery fail, and those that come after it not.
const first = "when.attempt = 1\n"

// Blows are THE failures of a survey, in the order of an attempt's life: every fault kind at least once. Most meet the first attempt of each delivery; what is decided
// at a CONNECT, where no delivery is known, meets the first three.
func Blows() []Blow {
	return []Blow{
		{"refused", "refuse", first + "refuse = true"},
		{"no connection for 5 s", "connect_timeout", "when.times = 3\nconnect_timeout = \"5s\""},
		{"certificate expired", "tls", "when.times = 3\ntls = \"expired\""},
		{"tunnel cut", "cut_tunnel", "when.times = 3\ncut_tunnel = 0"},
		{"early hints", "informational", first + "informational = true"},
		{"5 s late", "latency", first + `latency = "5s"`},
		{"one a second", "rate_limit", `rate_limit = { limit = 1, per = "1s" }`},
		{"overloaded", "capacity", `capacity = { workers = 1, work = "200ms", queue = 1 }`},
		{"a slow answer", "bandwidth", first + "bandwidth.down = \"500B/s\"\nstatus = { code = 200, body = \"ok\" }\ndeliver_first = true"},
		{"another answer", "rewrite", first + "rewrite = { on = \"response\", body = \"other\" }"},
		{"arrives twice", "duplicate", first + "duplicate = true"},
		{"answer damaged", "corrupt", first + "corrupt = true"},
		{"500", "status", first + "status = 500"},
		{"503, Retry-After 3 s", "status", first + `status = { code = 503, retry_after = "3s" }`},
		{"429, Retry-After 3 s", "status", first + `status = { code = 429, retry_after = "3s" }`},
		{"404", "status", first + "status = 404"},
		{"410", "status", first + "status = 410"},
		{"moved", "redirect", first + "redirect = { to = \"loop\" }"},
		{"silent for 15 s", "hang", first + `hang = "15s"`},
		{"stops in its answer", "stall", first + `stall = { for = "15s" }`},
		{"closed unanswered", "close", first + "close = true"},
		{"reset", "reset", first + "reset = true"},
		{"reset in its answer", "reset", first + `reset = { at = "body", after = 1 }`},
		{"answer cut", "truncate", first + "truncate = true"},
		{"no HTTP", "malformed", first + `malformed = "garbage"`},
		{"acknowledgement lost, 500", "status", first + "deliver_first = true\nstatus = 500"},
		{"acknowledgement lost, closed", "close", first + "deliver_first = true\nclose = true"},
	}
}

// Met reports how many deliveries, or CONNECTs, the failure has met.
func (t *Tally) Met() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.struck + len(t.met)
}

// Survived is what became of a sender's deliveries under one failure.
type Survived struct {
	Blow         string `json:"blow"`
	Kind         string `json:"fault"`
	Deliveries   int    `json:"deliveries"`
	Met          int    `json:"met"` // deliveries, or CONNECTs, that the failure has met
	Delivered    int    `json:"delivered"`
	Retried      int    `json:"retried"` // attempted more than once
	Attempts     int    `json:"attempts"`
	Duplicates   int    `json:"duplicates"`    // arrived more than once
	GaveUp       int    `json:"gave_up"`       // lost after several attempts
	SilentlyLost int    `json:"silently_lost"` // lost after one
}

// Add counts a delivery, settled.
func (s *Survived) Add(d *deliveries.Delivery) {
	s.Attempts += len(d.Attempts)
	for _, is := range [...]struct {
		so    bool
		count *int
	}{
		{d.Delivered, &s.Delivered}, {len(d.Attempts) > 1, &s.Retried}, {d.Duplicated, &s.Duplicates},
		{d.State == deliveries.StateLost && d.Reason == deliveries.GaveUp, &s.GaveUp},
		{d.State == deliveries.StateLost && d.Reason == deliveries.NeverRetried, &s.SilentlyLost},
	} {
		if is.so {
			*is.count++
		}
	}
}
