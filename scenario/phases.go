package scenario

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// Phase is one [[phase]]: a named stretch of a run. They follow each other in the order of the file, from the clock's start.
type Phase struct {
	Name string
	For  time.Duration // 0: without end, which only the last may be
}

// PhaseAt is the phase that is on, and since when. Without phases it is "" and the zero time; after the last one has ended, "" and that end.
func (s *Scenario) PhaseAt(at Instant) (name string, since time.Time) {
	if len(s.Phases) == 0 {
		return "", time.Time{}
	}
	since = at.begun().Phases
	into := max(0, at.Now.Sub(since))
	if s.RepeatPhases {
		round := s.phasesLength()
		since = since.Add(into - into%round)
		into %= round
	}
	for _, p := range s.Phases {
		if p.For == 0 || into < p.For {
			return p.Name, since
		}
		into, since = into-p.For, since.Add(p.For)
	}
	return "", since
}

// nextPhase is when the phase that is on ends; zero: never.
func (s *Scenario) nextPhase(at Instant) time.Time {
	name, since := s.PhaseAt(at)
	for _, p := range s.Phases {
		if p.Name == name && p.For > 0 {
			return since.Add(p.For)
		}
	}
	return time.Time{}
}

// PhasesFrom is when the first phase would have begun if this one began now: the Phases of every Instant after somebody has jumped to it. known is false
// for a phase that the scenario does not have.
func (s *Scenario) PhasesFrom(name string, now time.Time) (begun time.Time, known bool) {
	for _, p := range s.Phases {
		if p.Name == name {
			return now, true
		}
		now = now.Add(-p.For)
	}
	return time.Time{}, false
}

func (s *Scenario) phasesLength() time.Duration {
	var all time.Duration
	for _, p := range s.Phases {
		all += p.For
	}
	return all
}

func (p *Phase) fields() []schema.Field {
	return []schema.Field{
		schema.String(&p.Name, "name", "the phase's name, unique in its scenario").Needed(),
		schema.Duration(&p.For, "for", "how long it is on; the last phase may leave it out, and then has no end"),
	}
}

// readPhases reads [[phase]].
func (s *Scenario) readPhases(v schema.Value) {
	tables, isList := v.List()
	if !isList {
		v.Reject("not a list of tables", "[[phase]] in two brackets", "")
		return
	}
	s.Phases = make([]Phase, len(tables))
	first := make(map[string]int)
	room := time.Duration(math.MaxInt64)
	for i, table := range tables {
		p := &s.Phases[i]
		if !table.Read(p.fields()...) {
			continue
		}
		name, length := table.Key("name"), table.Key("for")
		line, taken := first[p.Name]
		switch {
		case p.Name == "":
			name.Reject("is empty", "a name", "")
		case taken:
			name.Reject("two phases have this name", "a name of its own", "the first is on line "+strconv.Itoa(line))
		case length.Raw != nil && p.For == 0:
			length.Reject("the phase never opens", "more than 0s", "")
		case length.Raw == nil && i+1 < len(tables):
			length.Reject("is missing: the phases below would never open", `a duration such as "5m"`, "only the last phase may leave it out")
		case p.For > room:
			length.Reject("the phases together are longer than 292 years", "less", "")
		}
		first[p.Name], room = name.Line(), room-p.For
	}
}

// checkPhases reports what asks for phases that are not there, once the whole file was read.
func (s *Scenario) checkPhases(root schema.Value) {
	if repeat := root.Key("repeat_phases"); s.RepeatPhases && root.Key("phase").Raw == nil {
		repeat.Reject("there is no phase to repeat", "a [[phase]]", "")
	} else if n := len(s.Phases); s.RepeatPhases && n > 0 && s.Phases[n-1].For == 0 {
		repeat.Reject("the phases never start over: the last has no end", "a `for` in the last phase, or false", "")
	}
	tables, _ := root.Key("rule").List() // what is no list was reported
	for i, table := range tables {
		s.Rules[i].When.checkPhases(table.Key("when"), s.phaseNames())
	}
}

func (s *Scenario) phaseNames() []string {
	names := make([]string, len(s.Phases))
	for i, p := range s.Phases {
		names[i] = p.Name
	}
	return names
}

// checkPhases reports phases that the scenario does not have.
func (w *When) checkPhases(v schema.Value, phases []string) {
	want := "one of " + strings.Join(phases, ", ")
	if len(phases) == 0 {
		want = "a [[phase]] of that name"
	}
	names := v.Key("phase")
	if names.Raw != nil {
		each(names, func(name schema.Value) error {
			text, isText := name.Raw.(string)
			if !isText || slices.Contains(phases, text) {
				return nil // what is no text was reported
			}
			hint := ""
			if near := schema.Closest(text, phases); near != "" {
				hint = `did you mean "` + near + `"?`
			}
			return &wrong{"unknown phase", want, hint}
		})
	}
	if w.TimesPer == CountPerPhase && len(phases) == 0 {
		v.Key("times").Key("per").Reject("there are no phases to count by", "a [[phase]], or window", "")
	}
}
