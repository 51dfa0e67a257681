package scenario

import (
	"io/fs"
	"slices"
	"time"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// Rule is one [[rule]]: which attempts, when, and what is done to them.
type Rule struct {
	Name    string
	Match   Match
	When    When
	Enabled bool
	// Pass leaves the attempt alone, and ends the reading.
	Pass bool
	// Last ends the reading when the rule fires.
	Last bool
	// DeliverFirst sends the request to the target before a terminal fault is shown.
	DeliverFirst bool
	Faults       []Injection

	line       int // of the rule's table
	matchSound bool
}

// Injection is a fault of a rule, with the name of its kind.
type Injection struct {
	Kind  string
	Fault faults.Fault

	terminal  bool
	atConnect bool
}

// stops reports whether the reading ends when the rule fires.
func (r *Rule) stops() bool { return r.Pass || r.Last || r.terminal() }

// terminal reports whether the rule has a fault that ends the attempt.
func (r *Rule) terminal() bool {
	for _, f := range r.Faults {
		if f.terminal {
			return true
		}
	}
	return false
}

// decidedAtConnect reports whether the rule asks for no more than is known at a CONNECT, and brings only what acts there.
func (r *Rule) decidedAtConnect() bool {
	for _, f := range r.Faults {
		if !f.atConnect {
			return false
		}
	}
	return !r.Match.asksRequest() && !r.When.asksDelivery() && !r.DeliverFirst
}

// asksDelivery reports whether the rule's decision, or its faults, depend on the delivery key.
func (r *Rule) asksDelivery() bool {
	if r.When.asksDelivery() {
		return true
	}
	for _, f := range r.Faults {
		if drawn, ok := f.Fault.(faults.Drawn); ok && drawn.Draws() {
			return true
		}
	}
	return false
}

// firing is what the rule brings.
func (r *Rule) firing() Firing {
	var kinds []string
	for _, f := range r.Faults {
		kinds = append(kinds, f.Kind)
	}
	return Firing{Rule: r.Name, Faults: kinds}
}

// read reads the rule's table. zone is the scenario's time zone.
func (r *Rule) read(v schema.Value, zone *time.Location, files fs.FS) {
	r.Enabled, r.line = true, v.Line()
	v.Read(r.fields(zone, files)...)
	r.check(v)
}

func (r *Rule) fields(zone *time.Location, files fs.FS) []schema.Field {
	fields := []schema.Field{
		schema.String(&r.Name, "name", "the rule's name, unique in its scenario").Needed(),
		r.matchField(),
		r.When.field(zone),
		schema.Bool(&r.Enabled, "enabled", "false leaves the rule out"),
		schema.Bool(&r.Pass, "pass", "leave the attempt alone, and read no further"),
		schema.Bool(&r.Last, "last", "read no further when this rule fires"),
		schema.Bool(&r.DeliverFirst, "deliver_first", "the target gets the whole request, then the sender is shown the terminal fault"),
		schema.Later("one_of", "one of several faults, by the seed"),
	}
	for _, kind := range faults.Kinds() {
		fields = append(fields, schema.Func(kind.Name, "fault", "a table", kind.Doc, func(v schema.Value) {
			r.Faults = append(r.Faults, Injection{kind.Name, kind.Read(v, files), kind.Terminal, kind.AtConnect})
		}))
	}
	for _, name := range faults.Later() {
		fields = append(fields, schema.Later(name, "a fault"))
	}
	return fields
}

func (r *Rule) matchField() schema.Field {
	fields := r.Match.fields()
	return schema.Func("match", "table", "a table", "which attempts; all that is given must hold, of a list any", func(v schema.Value) {
		r.matchSound = v.Read(fields...)
	}).With(fields...)
}

// check looks at the rule as a whole.
func (r *Rule) check(v schema.Value) {
	terminal := ""
	for _, f := range r.Faults {
		switch {
		case !f.terminal:
		case terminal != "":
			v.Key(f.Kind).Complain("is a second terminal fault beside "+terminal, "an attempt ends once: make it two rules")
		default:
			terminal = f.Kind
		}
	}
	name := v.Key("name")
	if name.Raw == "" {
		name.Complain("is empty", "")
	}
	faultGiven := slices.ContainsFunc(v.Keys(), func(key string) bool { return !slices.Contains(ruleKeys[:], key) })
	switch {
	case r.Pass && faultGiven:
		v.Key("pass").Complain("leaves the attempt alone, and the rule has a fault", "make it two rules")
	case v.Key("pass").Raw == nil && !faultGiven || v.Key("pass").Raw == false && !faultGiven:
		v.Complain("rule without a fault", "give it one, such as status = 503, or pass = true")
	case r.DeliverFirst && faultGiven && terminal == "":
		v.Key("deliver_first").Complain("needs a terminal fault to show after the delivery", "such as reset = true")
	case r.DeliverFirst && r.Pass:
		v.Key("deliver_first").Complain("says nothing beside pass", "")
	}
}

// ruleKeys are the keys of a rule that are no faults.
var ruleKeys = [...]string{"name", "match", "when", "enabled", "pass", "last", "deliver_first"}
