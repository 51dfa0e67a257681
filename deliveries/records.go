package deliveries

import "time"

// Run is a segment's first line, written again after a start or a reload: with it a log explains itself. V, Event, Run and Proxy are set by the Writer.
type Run struct {
	V        int          `json:"v"`            // version of the format, 1; a field is never renamed within it
	Event    Event        `json:"event"`        // the kind of line
	Run      string       `json:"run"`          // id of one process start; a reload keeps it
	Start    time.Time    `json:"start"`        // of the process, or of the reload
	Version  string       `json:"version"`      // of faultline
	Proxy    string       `json:"proxy"`        // name of the machine
	Seed     uint64       `json:"seed"`         // what chances and random delays are drawn from
	Scenario ScenarioText `json:"scenario"`     // what it decides by
	Reload   bool         `json:"reload"`       // a new scenario came into force; false for a start
	Now      time.Time    `json:"now,omitzero"` // what the clock that the scenario goes by showed at start (--now); left out when it was right
}

// ScenarioText is the scenario that a run decides by; all empty without one.
type ScenarioText struct {
	Name string `json:"name"` // its name
	Hash string `json:"hash"` // SHA-256 of the text in hex
	Text string `json:"text"` // the TOML itself
}

// Open is an attempt that is still unfinished after a second, so that a crash cannot hide a hang. Its fields are an Attempt's. V, Event and Run are
// set by the Writer.
type Open struct {
	V        int       `json:"v"`        // version of the format, 1; a field is never renamed within it
	Event    Event     `json:"event"`    // the kind of line
	Delivery string    `json:"delivery"` // as in the attempt's own line, should one follow
	Start    time.Time `json:"start"`    // as there
	Attempt  int       `json:"attempt"`  // as there
	ID       string    `json:"id"`       // as there
	Run      string    `json:"run"`      // id of the process start that wrote the line
	Host     string    `json:"host"`     // as there
	Rules    []string  `json:"rules"`    // as there
	Key      string    `json:"key"`      // as there
	KeyFrom  string    `json:"key_from"` // as there
	Endpoint string    `json:"endpoint"` // as there
}

// Amend corrects the attempt of that id: its last write failed after it was recorded. V, Event and Run are set by the Writer.
type Amend struct {
	V       int     `json:"v"`        // version of the format, 1; a field is never renamed within it
	Event   Event   `json:"event"`    // the kind of line
	ID      string  `json:"id"`       // of the attempt that it corrects
	Run     string  `json:"run"`      // id of the process start that wrote the line
	Outcome Outcome `json:"outcome"`  // what the sender saw indeed
	End     End     `json:"end"`      // how it ended indeed
	EndedBy Party   `json:"ended_by"` // who ended it
}

// Connect is a CONNECT that was faulted or failed, or a listener that a rule has closed: a line when it does, and one with until when that is over; never a
// delivery. V, Event and Run are set by the Writer.
type Connect struct {
	V        int        `json:"v"`                  // version of the format, 1; a field is never renamed within it
	Event    Event      `json:"event"`              // the kind of line
	Start    time.Time  `json:"start"`              // when it came, or the listener closed
	Host     string     `json:"host"`               // with its port; of a gateway's listener its target, empty for the proxy's own, which stands for all
	Client   string     `json:"client"`             // the sender's address and port; empty for a listener
	Listener string     `json:"listener,omitempty"` // the address of the listener that was closed; left out for a CONNECT
	Until    *time.Time `json:"until,omitempty"`    // when that was over, as the listener opened again or another rule took over; left out while it lasts
	Rules    []string   `json:"rules"`              // names of the rules that fired
	Faults   []string   `json:"faults"`             // kinds of faults that they brought
	End      End        `json:"end"`                // how it ended for the sender; of a listener, for each that has knocked and left no record
	Error    string     `json:"error"`              // what went wrong, in words
	Run      string     `json:"run"`                // id of the process start that wrote the line
}

// Tunnel is a CONNECT that passed unseen, at its end. V, Event and Run are set by the Writer.
type Tunnel struct {
	V      int         `json:"v"`                // version of the format, 1; a field is never renamed within it
	Event  Event       `json:"event"`            // the kind of line
	Start  time.Time   `json:"start"`            // when it came
	Host   string      `json:"host"`             // with its port
	Client string      `json:"client"`           // the sender's address and port
	Up     int64       `json:"up"`               // bytes from the sender
	Down   int64       `json:"down"`             // bytes to the sender
	Unseen int         `json:"unseen,omitempty"` // rules that name its host and would have had to look inside; left out at 0
	MS     TunnelTimes `json:"ms"`               // how long it was open
	End    End         `json:"end"`              // how it ended for the sender
	Run    string      `json:"run"`              // id of the process start that wrote the line
}

// TunnelTimes are monotonic differences in milliseconds.
type TunnelTimes struct {
	Total float64 `json:"total"` // from the CONNECT to the end
}

// Other is traffic that is no webhook: a line per host, method and minute. V, Event and Run are set by the Writer.
type Other struct {
	V      int            `json:"v"`       // version of the format, 1; a field is never renamed within it
	Event  Event          `json:"event"`   // the kind of line
	Start  time.Time      `json:"start"`   // when the first of them ended
	Host   string         `json:"host"`    // as in an attempt
	Method string         `json:"method"`  // of the requests
	Count  int            `json:"count"`   // how many there were
	Bytes  int64          `json:"bytes"`   // of the bodies that were answered
	ByCode map[string]int `json:"by_code"` // how many by status; 0 for those without an answer
	Run    string         `json:"run"`     // id of the process start that wrote the line
}

// Gap says that records could not be written: how many, from when to when, and why. Only the Writer makes one.
type Gap struct {
	V       int       `json:"v"`       // version of the format, 1; a field is never renamed within it
	Event   Event     `json:"event"`   // the kind of line
	Start   time.Time `json:"start"`   // when the first record was lost
	Until   time.Time `json:"until"`   // when the last one was
	Records uint64    `json:"records"` // how many were lost
	Error   string    `json:"error"`   // why, in words
	Run     string    `json:"run"`     // id of the process start that wrote the line
}

// Change is what an operator has changed while the proxy ran: a text of the scenario that came into force (its run line comes before), a rule that was left out
// or let in, a phase that was begun, the clock that was started anew, faults that were switched off or on. V, Event and Run are set by the Writer.
type Change struct {
	V        int       `json:"v"`                  // version of the format, 1; a field is never renamed within it
	Event    Event     `json:"event"`              // the kind of line
	Start    time.Time `json:"start"`              // when
	Run      string    `json:"run"`                // id of the process start that wrote the line
	Order    uint64    `json:"order"`              // its number among the decisions about attempts, and the changes, of the run: those with a higher one go by it
	What     What      `json:"what"`               // what was changed
	Revision int       `json:"revision,omitempty"` // of the scenario, from here on; attempts that were under way keep theirs; left out where it stays
	Scenario string    `json:"scenario,omitempty"` // the text that came into force, name@hash
	Rule     string    `json:"rule,omitempty"`     // the rule that was left out, or let in
	Phase    string    `json:"phase,omitempty"`    // the phase that was begun
	On       *bool     `json:"on,omitempty"`       // whether the rule, or faults, are on from here on; left out for anything else
}

// What is what a change is about.
type What string

// What can be changed.
const (
	ChangedScenario What = "scenario" // another text came into force
	ChangedRule     What = "rule"     // a rule was left out, or let in again
	ChangedPhase    What = "phase"    // a phase was begun
	ChangedClock    What = "clock"    // windows, phases and ramps count from here on, or with clock = "first_attempt" from the next attempt
	ChangedFaults   What = "faults"   // faults were switched off, or on again
)

func (*Run) event() Event     { return EventRun }
func (*Open) event() Event    { return EventOpen }
func (*Amend) event() Event   { return EventAmend }
func (*Connect) event() Event { return EventConnect }
func (*Tunnel) event() Event  { return EventTunnel }
func (*Other) event() Event   { return EventOther }
func (*Gap) event() Event     { return EventGap }
func (*Change) event() Event  { return EventChange }
