package scenario

import (
	"math"
	"time"

	"github.com/faultline/faultline/schema"
)

// field is the table `when`. zone is the scenario's time zone.
func (w *When) field(zone *time.Location) schema.Field {
	w.window.location, w.ChancePer = zone, PerAttempt
	fields := w.fields(zone)
	return schema.Func("when", "table", "a table", "at which of them, at what time; all that is given must hold", func(v schema.Value) {
		v.Read(fields...)
		w.check(v)
	}).With(fields...)
}

func (w *When) fields(zone *time.Location) []schema.Field {
	var age schema.Comparison
	var chance schema.Ramp
	return append([]schema.Field{
		schema.Numbers(&w.Attempt, "attempt", "the attempt's number within its delivery"),
		schema.Age(&age, "age", "time since the delivery's first attempt").Then(func() { w.Age = &age }),
		schema.Numbers(&w.Nth, "nth", "the n-th attempt that this rule's match has seen"),
		schema.Int(&w.Every, "every", 1, math.MaxInt, "each n-th attempt that this rule's match has seen"),
		schema.ShareRamp(&chance, "chance", "this share, from the seed; or a ramp { from, to, over } from the opening of the rule's window").
			Then(func() { w.Chance = &chance }),
		schema.Enum(&w.ChancePer, "chance_per", "what one draw covers", PerAttempt, PerDelivery, PerEachHost, PerArrival),
		w.timesField(),
		schema.Enum(&w.Moment, "moment", "connect: the rule is decided at a CONNECT alone, also on a connection that is then opened", DecidedAtConnect),
	}, w.window.fields(zone)...)
}

// timesField reads n, or { n = n, per = "window" }.
func (w *When) timesField() schema.Field {
	n := schema.Int(&w.Times, "times", 1, math.MaxInt, "at most n firings in all; or a table { n, per }: anew in each window of the rule, or in each phase")
	fields := []schema.Field{
		schema.Int(&w.Times, "n", 1, math.MaxInt, "at most n firings").Needed(),
		schema.Enum(&w.TimesPer, "per", "what n is counted anew in", CountPerWindow, CountPerPhase),
	}
	return schema.Func("times", "number", n.Allowed+`, or a table { n, per = "window" or "phase" }`, n.Doc, func(v schema.Value) {
		if _, isTable := v.Raw.(map[string]any); isTable {
			v.Read(fields...)
			return
		}
		n.Read(v)
	}).Shaped(schema.Either(n.Shape(), schema.Object(fields...)))
}

func (w *window) fields(zone *time.Location) []schema.Field {
	return []schema.Field{
		schema.Duration(&w.after, "after", "from this long after the clock's start"),
		schema.Duration(&w.length, "for", "for this long").Then(func() { w.hasLength = true }),
		schema.Duration(&w.repeatEvery, "repeat_every", "again at this interval").Then(func() { w.repeats = true }),
		readTime(&w.from, "from", "from this date-time on", zone),
		readTime(&w.until, "until", "until this date-time", zone),
		readDaily(&w.daily),
		listOf(&w.days, "days", `days such as ["mon", "fri"]`, "on these days; over midnight the day on which the window opened counts", readWeekday).
			Shaped(schema.Some(schema.Words(weekdays[:]...))),
		listOf(&w.phases, "phase", "the name of a [[phase]], or a list of them", "while this phase is on, or one of these", func(v schema.Value) (string, error) {
			return text(v, "the name of a [[phase]]")
		}),
	}
}

// check reports what can never hold, and what says nothing. It looks only at what was read without a problem.
func (w *When) check(v schema.Value) {
	w.window.check(v)
	if per := v.Key("chance_per"); per.Raw != nil && v.Key("chance").Raw == nil {
		per.Reject("says what a chance covers that is not there", "", "")
	}
	if w.Times > 0 && w.TimesPer == CountPerWindow && !w.window.timed() {
		v.Key("times").Key("per").Reject("the rule has no window", "a window, such as for and repeat_every, daily or phase", "")
	}
}

func (w *window) check(v schema.Value) {
	length, repeat := v.Key("for"), v.Key("repeat_every")
	switch {
	case w.hasLength && w.length == 0:
		length.Reject("the window never opens", "more than 0s", "")
	case w.repeats && w.repeatEvery == 0:
		repeat.Reject("is no interval", "more than 0s", "")
	case w.repeats && length.Raw == nil:
		repeat.Reject("needs a `for`", "", "without it the window never closes, and cannot open again")
	case w.repeats && w.length > w.repeatEvery:
		length.Reject("the window never closes: it is longer than repeat_every", "at most repeat_every", "")
	}
	if w.from.IsZero() || w.until.IsZero() {
		return
	}
	if !w.from.Before(w.until) {
		v.Key("until").Reject("the window never opens: it ends before it begins", "a time after `from`", "")
		return
	}
	w.checkOpens(v)
}

// enough is how long a window by dates must be to have every time of every day of the week in it, also when a change of the clocks takes one away.
const enough = 15 * day

// checkOpens reports a daily or days that never come between from and until.
func (w *window) checkOpens(v schema.Value) {
	hours, zone := w.hours()
	if w.until.Sub(w.from) >= enough || hours.opens(w.from, w.until, w.days, zone) {
		return
	}
	if w.daily != nil && !hours.opens(w.from, w.until, nil, zone) {
		v.Key("daily").Reject("the window never opens: that time does not come between `from` and `until`", "a time between them", "")
		return
	}
	v.Key("days").Reject("the window never opens: it is on none of them between `from` and `until`", "a day between them", "")
}
