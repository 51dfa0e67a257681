package scenario

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

// Option is one of several alternatives of a rule. A draw picks it as often as its weight says.
type Option struct {
	Weight int
	Faults []Injection
}

// picked are the faults that the rule brings this time. Which one of several is drawn per attempt, or at connect per arrival.
func (r *Rule) picked(c *circumstance) []Injection {
	if len(r.OneOf) == 0 {
		return r.Faults
	}
	total := 0
	for _, option := range r.OneOf {
		total += option.Weight
	}
	mark := c.lot("one_of", c.perAttempt()).draw() * float64(total)
	for _, option := range r.OneOf {
		if mark -= float64(option.Weight); mark < 0 {
			return option.Faults
		}
	}
	return r.OneOf[len(r.OneOf)-1].Faults
}

// maxWeight keeps the sum of weights far below what is exact.
const maxWeight = 1_000_000

func oneOfField(to *[]Option, files fs.FS) schema.Field {
	return schema.Func("one_of", "list of tables", "a list of tables, each with a fault and a weight", "one of several faults, by the seed", func(v schema.Value) {
		options, isList := v.List()
		if !isList || len(options) == 0 {
			v.Reject("not a list of alternatives", "a list of tables, each with a fault and a weight", "")
			return
		}
		for i, option := range options {
			*to = append(*to, readOption(option, schema.Index("one_of", i)+" ", files))
		}
	}).Shaped(schema.List(schema.Defined("alternative")))
}

func readOption(v schema.Value, name string, files fs.FS) Option {
	option := Option{Weight: 1}
	sound := v.Read(option.fields(name, files)...)
	checkTerminal(v, option.Faults)
	if sound && len(option.Faults) == 0 {
		v.Reject("alternative without a fault", "a fault such as status = 503", "")
	}
	return option
}

func (o *Option) fields(name string, files fs.FS) []schema.Field {
	weight := schema.Int(&o.Weight, "weight", 1, maxWeight, "how often, beside the weights of the others")
	return append([]schema.Field{weight}, faultFields(&o.Faults, name, files)...)
}

// alwaysStops reports whether the reading ends whenever the rule fires, whatever is picked.
func (r *Rule) alwaysStops() bool {
	for _, option := range r.OneOf {
		if !r.stops(option.Faults) {
			return false
		}
	}
	return len(r.OneOf) > 0 || r.stops(r.Faults)
}
