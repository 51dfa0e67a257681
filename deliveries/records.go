package deliveries

import "time"

// Run is a segment's first line, written again after a start or a reload: with it a log explains itself. V, Event, Run and Proxy are set by the Writer.
type Run struct {
	V        int          `json:"v"`
	Event    Event        `json:"event"`
	Run      string       `json:"run"`   // the id of one process start; a reload keeps it
	Start    time.Time    `json:"start"` // of the process, or of the reload
	Version  string       `json:"version"`
	Proxy    string       `json:"proxy"`
	Seed     uint64       `json:"seed"`
	Scenario ScenarioText `json:"scenario"`
	Reload   bool         `json:"reload"`
}

// ScenarioText is the scenario that a run decides by; all empty without one.
type ScenarioText struct {
	Name string `json:"name"`
	Hash string `json:"hash"`
	Text string `json:"text"`
}

// Open is an attempt that is still unfinished after a second, so that a crash cannot hide a hang. Its fields are an Attempt's. V, Event and Run are
// set by the Writer.
type Open struct {
	V        int       `json:"v"`
	Event    Event     `json:"event"`
	Delivery string    `json:"delivery"`
	Start    time.Time `json:"start"`
	Attempt  int       `json:"attempt"`
	ID       string    `json:"id"`
	Run      string    `json:"run"`
	Host     string    `json:"host"`
	Rules    []string  `json:"rules"`
	Key      string    `json:"key"`
	KeyFrom  string    `json:"key_from"`
	Endpoint string    `json:"endpoint"`
}

// Amend corrects the attempt of that id: its last write failed after it was recorded. V, Event and Run are set by the Writer.
type Amend struct {
	V       int     `json:"v"`
	Event   Event   `json:"event"`
	ID      string  `json:"id"`
	Run     string  `json:"run"`
	Outcome Outcome `json:"outcome"`
	End     End     `json:"end"`
	EndedBy Party   `json:"ended_by"`
}

// Connect is a CONNECT that was faulted or failed; never a delivery. V, Event and Run are set by the Writer.
type Connect struct {
	V      int       `json:"v"`
	Event  Event     `json:"event"`
	Start  time.Time `json:"start"`
	Host   string    `json:"host"` // with its port
	Client string    `json:"client"`
	Rules  []string  `json:"rules"`
	Faults []string  `json:"faults"`
	End    End       `json:"end"`
	Error  string    `json:"error"`
	Run    string    `json:"run"`
}

// Tunnel is a CONNECT that passed unseen, at its end. V, Event and Run are set by the Writer.
type Tunnel struct {
	V      int         `json:"v"`
	Event  Event       `json:"event"`
	Start  time.Time   `json:"start"`
	Host   string      `json:"host"` // with its port
	Client string      `json:"client"`
	Up     int64       `json:"up"`               // bytes from the sender
	Down   int64       `json:"down"`             // bytes to the sender
	Unseen int         `json:"unseen,omitempty"` // rules that name its host and would have had to look inside
	MS     TunnelTimes `json:"ms"`
	End    End         `json:"end"`
	Run    string      `json:"run"`
}

// TunnelTimes are monotonic differences in milliseconds.
type TunnelTimes struct {
	Total float64 `json:"total"`
}

// Other is traffic that is no webhook: a line per host, method and minute. V, Event and Run are set by the Writer.
type Other struct {
	V      int            `json:"v"`
	Event  Event          `json:"event"`
	Start  time.Time      `json:"start"`
	Host   string         `json:"host"`
	Method string         `json:"method"`
	Count  int            `json:"count"`
	Bytes  int64          `json:"bytes"`
	ByCode map[string]int `json:"by_code"`
	Run    string         `json:"run"`
}

// Gap says that records could not be written: how many, from when to when, and why. Only the Writer makes one.
type Gap struct {
	V       int       `json:"v"`
	Event   Event     `json:"event"`
	Start   time.Time `json:"start"`
	Until   time.Time `json:"until"`
	Records uint64    `json:"records"`
	Error   string    `json:"error"`
	Run     string    `json:"run"`
}

func (*Run) event() Event     { return EventRun }
func (*Open) event() Event    { return EventOpen }
func (*Amend) event() Event   { return EventAmend }
func (*Connect) event() Event { return EventConnect }
func (*Tunnel) event() Event  { return EventTunnel }
func (*Other) event() Event   { return EventOther }
func (*Gap) event() Event     { return EventGap }
