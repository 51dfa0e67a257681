package console

import "net/http"

// overview is what is in force and what is under way, in one look.
type overview struct {
	Version     string         `json:"version"`
	Scenario    inForce        `json:"scenario"`
	Faults      faultsSwitch   `json:"faults"`
	Phase       Phase          `json:"phase"`
	Rules       []Rule         `json:"rules"`
	InFlight    map[string]int `json:"in_flight"` // attempts, by where they are
	Connections int            `json:"connections"`
	Tunnels     int            `json:"tunnels"`
	Log         logState       `json:"log"`
	Memory      memory         `json:"memory"`
}

// inForce is the scenario that is in force.
type inForce struct {
	Name  string `json:"name"` // "" without a scenario
	Hash  string `json:"hash"` // the tag of its text
	Seed  uint64 `json:"seed,string"`
	Rules int    `json:"rules"`
}

type faultsSwitch struct {
	Enabled bool `json:"enabled"`
}

type logState struct {
	Records uint64 `json:"records"` // written
	Lost    uint64 `json:"lost"`    // could not be written
	Error   string `json:"error"`   // why it cannot be written just now; "" when it can
}

// look takes an overview. There must be a Control.
func (c Config) look() overview {
	revision, live, written := c.Control.Scenario(), c.Live(), c.Log()
	look := overview{
		Version:  c.Version,
		Scenario: inForce{Name: revision.Name, Hash: revision.Tag, Seed: revision.Seed, Rules: revision.Rules},
		Faults:   faultsSwitch{c.Control.FaultsOn()}, Phase: c.Control.Phase(), Rules: orEmpty(c.Control.Rules()),
		InFlight: live.InFlight, Connections: live.Connections, Tunnels: live.Tunnels,
		Log:    logState{Records: written.Records, Lost: written.Lost},
		Memory: c.Recent.memory(),
	}
	look.Phase.Names = orEmpty(look.Phase.Names)
	if look.InFlight == nil {
		look.InFlight = map[string]int{}
	}
	if err := c.Ready().Log; err != nil {
		look.Log.Error = err.Error()
	}
	return look
}

func (c Config) overview(w http.ResponseWriter, _ *http.Request) { writeJSON(w, c.look()) }
