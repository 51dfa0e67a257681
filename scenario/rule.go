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
	// OneOf are alternatives in place of Faults, of which a draw picks one.
	OneOf []Option

	moments    moments
	at         schema.Value // its table
	identity   string
	matchSound bool
}

// Injection is a fault of a rule, with the name of its kind.
type Injection struct {
	Kind  string
	Fault faults.Fault

	option   string // which alternative of the rule it belongs to, "" when there is none
	terminal bool
	acts     faults.Moment
	onAnswer bool // it can act on the target's own answer
}

// remembers is the name under which the rule keeps what the fault keeps under a name of its own.
func (f *Injection) remembers(name string) string { return f.option + f.Kind + " " + name }

// stops reports whether the reading ends whenever the rule fires with these faults.
func (r *Rule) stops(brought []Injection) bool {
	return r.Pass || r.Last || slices.ContainsFunc(brought, func(f Injection) bool { return f.terminal && !f.admits() })
}

// admits reports whether a terminal fault may let an attempt through.
func (f *Injection) admits() bool {
	_, is := f.Fault.(faults.Refusing)
	return is
}

// terminalOf is the kind that ends the attempt, "" when none does.
func terminalOf(faults []Injection) string {
	for _, f := range faults {
		if f.terminal {
			return f.Kind
		}
	}
	return ""
}

// Injections are the faults that the rule may bring.
func (r *Rule) Injections() []Injection {
	all := slices.Clone(r.Faults)
	for _, option := range r.OneOf {
		all = append(all, option.Faults...)
	}
	return all
}

// asksDelivery reports whether the rule's decision, or its faults, depend on the delivery key.
func (r *Rule) asksDelivery() bool {
	return r.When.asksDelivery() || len(r.OneOf) > 0 || r.drawsFaults()
}

// drawsFaults reports whether what its faults do is drawn.
func (r *Rule) drawsFaults() bool {
	return slices.ContainsFunc(r.Injections(), func(f Injection) bool {
		drawn, ok := f.Fault.(faults.Drawn)
		return ok && drawn.Draws()
	})
}

// read reads the rule's table. zone is the scenario's time zone.
func (r *Rule) read(v schema.Value, zone *time.Location, files fs.FS) {
	r.Enabled, r.at = true, v
	v.Read(r.fields(zone, files)...)
	r.identity = identity(r.Name, v.Raw)
	r.moments = r.findMoments()
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
		oneOfField(&r.OneOf, files),
	}
	return append(fields, faultFields(&r.Faults, "", files)...)
}

// faultFields are the keys of the faults of a rule, or of one of its alternatives.
func faultFields(to *[]Injection, option string, files fs.FS) []schema.Field {
	var fields []schema.Field
	for _, kind := range faults.Kinds() {
		fields = append(fields, schema.Func(kind.Name, "fault", "a table", kind.Doc, func(v schema.Value) {
			*to = append(*to, Injection{
				Kind: kind.Name, Fault: kind.Read(v, files), option: option, terminal: kind.Terminal, acts: kind.Acts, onAnswer: kind.OnAnswer,
			})
		}).Shaped(schema.Defined(kind.Name)))
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
	checkTerminal(v, r.Faults)
	r.checkMoment(v)
	r.checkAnswer(v)
	r.checkListener(v)
	name, pass := v.Key("name"), v.Key("pass")
	if name.Raw == "" {
		name.Reject("is empty", "a name", "")
	}
	faultGiven := slices.ContainsFunc(v.Keys(), func(key string) bool { return !slices.Contains(ruleKeys[:], key) })
	switch {
	case r.Pass && faultGiven:
		pass.Reject("leaves the attempt alone, and the rule has a fault", "one of the two", "make it two rules")
	case !faultGiven && (pass.Raw == nil || pass.Raw == false):
		v.Reject("rule without a fault", "a fault such as status = 503, or pass = true", "")
	case len(r.Faults) > 0 && len(r.OneOf) > 0:
		v.Key("one_of").Reject("stands in place of a fault, and the rule has "+r.Faults[0].Kind, "one of the two", "make it two rules, or put it into each of the alternatives")
	case r.DeliverFirst && faultGiven && terminalOf(r.Injections()) == "":
		v.Key("deliver_first").Reject("needs a terminal fault to show after the delivery", "a fault such as reset = true", "")
	case r.DeliverFirst && r.Pass:
		v.Key("deliver_first").Reject("says nothing beside pass", "pass alone", "")
	}
}

// checkTerminal reports a second terminal fault of a rule, or of an alternative.
func checkTerminal(v schema.Value, faults []Injection) {
	first := terminalOf(faults)
	for _, f := range faults {
		if f.terminal && f.Kind != first {
			v.Key(f.Kind).Reject("is a second terminal fault beside "+first, "one terminal fault", "an attempt ends once: make it two rules")
		}
	}
}

// ruleKeys are the keys of a rule that are no faults.
var ruleKeys = [...]string{"name", "match", "when", "enabled", "pass", "last", "deliver_first"}
