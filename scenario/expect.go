package scenario

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// Expect is the table [expect]: what is asked of the sender. A nil pointer is a key that the file
// does not have.
type Expect struct {
	Policy     string
	TimeScale  float64 // 0: not scaled
	Deliveries *int
	Expectations
	// Untouched is asked of the deliveries that met no fault.
	Untouched *Expectations
}

// Expectations are what is asked of a set of deliveries.
type Expectations struct {
	Delivered    *float64 // share
	MinAttempts  *int
	MaxAttempts  *int
	KeepsTrying  *time.Duration
	Survives     *time.Duration
	Backoff      *Backoff
	RetryAfter   *RetryAfter
	NeverRetry   []string // statuses, classes, connect, read_timeout, broken
	AlwaysRetry  []string
	StopsAt      []string // stops_endpoint: statuses and classes
	Duplicates   *int     // max_duplicates
	AfterLostAck *int
	StableKey    bool
	StableBody   bool
	Amplify      *float64 // max_amplification
	Herd         *float64 // max_herd, share
	Concurrency  *int     // max_concurrency
	Rate         *float64 // max_rate, per second
	Ordered      bool
	MaxTime      *time.Duration
	// Timeout is how long the sender waits: the same twice, or a span.
	Timeout *[2]time.Duration
}

// Backoff is how the gaps between attempts are to grow.
type Backoff struct {
	Shape     string // exponential, constant, linear, any_growing; "": by Schedule
	First     time.Duration
	Factor    float64
	Cap       time.Duration
	Jitter    string // none, full, equal, some
	Tolerance float64
	Slack     time.Duration
	Schedule  []time.Duration
	Repeats   bool
}

// RetryAfter asks that no attempt starts before an announced time, up to Cap (0: any).
type RetryAfter struct{ Cap time.Duration }

// policies are the published retry policies that [expect] policy names.
func policies() []string {
	return []string{
		"standard-webhooks", "svix", "stripe-like", "shopify", "adyen", "github", "twilio", "hookdeck", "celery-default", "celery-recommended",
	}
}

func (s *Scenario) expectField() schema.Field {
	e := &Expect{}
	fields := append([]schema.Field{
		schema.Enum(&e.Policy, "policy", "a published policy whose keys these are, as far as none of one's own is given", policies()...),
		schema.Number(&e.TimeScale, "time_scale", 1, "the sender ran with its delays divided by this"),
		optional(&e.Deliveries, func(n *int) schema.Field { return schema.Int(n, "deliveries", 1, math.MaxInt, "so many came") }),
		schema.Func("untouched", "table", "a table", "the same keys for deliveries that met no fault", func(v schema.Value) {
			e.Untouched = &Expectations{}
			v.Read(e.Untouched.fields()...)
		}).With(new(Expectations).fields()...),
	}, e.fields()...)
	return schema.Func("expect", "table", "a table", "what is asked of the sender", func(v schema.Value) {
		s.Expect = e
		v.Read(fields...)
	}).With(fields...)
}

func (e *Expectations) fields() []schema.Field {
	attempts := func(key, doc string) func(*int) schema.Field {
		return func(n *int) schema.Field { return schema.Int(n, key, 1, math.MaxInt, doc) }
	}
	count := func(key, doc string) func(*int) schema.Field {
		return func(n *int) schema.Field { return schema.Int(n, key, 0, math.MaxInt, doc) }
	}
	span := func(key, doc string) func(*time.Duration) schema.Field {
		return func(d *time.Duration) schema.Field { return schema.Duration(d, key, doc) }
	}
	share := func(key, doc string) func(*float64) schema.Field {
		return func(f *float64) schema.Field { return schema.Share(f, key, doc) }
	}
	number := func(key string, least float64, doc string) func(*float64) schema.Field {
		return func(f *float64) schema.Field { return schema.Number(f, key, least, doc) }
	}
	return []schema.Field{
		optional(&e.Delivered, share("delivered", "share of settled deliveries that were acknowledged, and delivered at the target")),
		optional(&e.MinAttempts, attempts("min_attempts", "for every delivery that met faults")),
		optional(&e.MaxAttempts, attempts("max_attempts", "for every delivery")),
		optional(&e.KeepsTrying, span("keeps_trying", "for every delivery that met faults")),
		optional(&e.Survives, span("survives", "an outage of this length loses no delivery")),
		schema.Func("backoff", "table", "a table", "how the gaps between attempts grow", e.readBackoff).With(new(Backoff).fields()...),
		schema.Func("retry_after", "boolean", wantRetryAfter, "no attempt starts before the announced time", e.readRetryAfter).
			Shaped(schema.Either(schema.Shape{"type": "boolean"}, schema.Object(new(RetryAfter).field()))),
		ends(&e.NeverRetry, "never_retry", "ends after which there is no further attempt", "connect", "read_timeout", "broken"),
		ends(&e.AlwaysRetry, "always_retry", "ends after which there is one, until max_attempts", "connect", "read_timeout", "broken"),
		ends(&e.StopsAt, "stops_endpoint", "statuses after which nothing goes to that endpoint any more"),
		optional(&e.Duplicates, count("max_duplicates", "deliveries that the target answered with success more than once")),
		optional(&e.AfterLostAck, count("after_lost_ack", "the same, where we hid the first acknowledgement")),
		schema.Bool(&e.StableKey, "stable_key", "attempts that share a body share the key"),
		schema.Bool(&e.StableBody, "stable_body", "attempts that share a key share the body"),
		optional(&e.Amplify, number("max_amplification", 1, "attempts per delivery")),
		optional(&e.Herd, share("max_herd", "share of the retries after an outage that fall in the busiest second")),
		optional(&e.Concurrency, attempts("max_concurrency", "attempts at once, per host")),
		optional(&e.Rate, number("max_rate", 0, "attempts per second, per host")),
		schema.Bool(&e.Ordered, "ordered", "per endpoint, in the order of first attempts"),
		optional(&e.MaxTime, span("max_time", "from the first attempt to the acknowledgement")),
		schema.Func("timeout", "duration", wantTimeout, "how long the sender waits for an answer", e.readTimeout).Shaped(schema.Pattern("^[0-9]")),
	}
}

// optional is a field whose place is nil until the file has the key.
func optional[T any](to **T, field func(*T) schema.Field) schema.Field {
	value := new(T)
	return field(value).Then(func() { *to = value })
}

// ends is a field of a list of statuses, classes such as "5xx", and some words.
func ends(to *[]string, key, doc string, words ...string) schema.Field {
	want := `statuses such as 410, classes such as "5xx"`
	if len(words) > 0 {
		want += ", " + listed(words)
	}
	return listOf(to, key, want, doc, func(v schema.Value) (string, error) {
		for _, word := range words {
			if v.Raw == word {
				return word, nil
			}
		}
		status := v.Text()
		if s, isText := v.Raw.(string); isText {
			status = s
		}
		if _, err := schema.ParseStatus(status); err != nil {
			return "", &wrong{"unknown value", want, ""}
		}
		return status, nil
	})
}

func (b *Backoff) fields() []schema.Field {
	return []schema.Field{
		schema.Enum(&b.Shape, "shape", "how gaps follow each other", "exponential", "constant", "linear", "any_growing"),
		schema.Duration(&b.First, "first", "the first gap"),
		schema.Number(&b.Factor, "factor", 1, "how much longer each gap is than the one before"),
		schema.Duration(&b.Cap, "cap", "the longest gap"),
		schema.Enum(&b.Jitter, "jitter", "how gaps are spread", "none", "full", "equal", "some"),
		schema.Share(&b.Tolerance, "tolerance", "how far a gap may lie beside what the policy allows"),
		schema.Duration(&b.Slack, "slack", "lateness that is the queue's"),
		listOf(&b.Schedule, "schedule", `durations such as ["5s", "5m"]`, "the gaps, one by one", readDuration),
		schema.Bool(&b.Repeats, "repeats", "the last gap of the schedule repeats"),
	}
}

func (e *Expectations) readBackoff(v schema.Value) {
	b := &Backoff{Slack: 2 * time.Second}
	if !v.Read(b.fields()...) {
		return
	}
	if b.Shape == "" && b.Schedule == nil {
		v.Complain("has neither a shape nor a schedule", `such as shape = "exponential"`)
		return
	}
	if b.Shape != "" && b.Schedule != nil {
		v.Key("schedule").Complain("says the gaps that shape says, too", "leave one of them out")
	}
	e.Backoff = b
}

func readDuration(v schema.Value) (time.Duration, error) {
	const want = `a duration such as "30s"`
	t, err := text(v, want)
	if err != nil {
		return 0, err
	}
	d, err := schema.ParseDuration(t)
	if err != nil {
		return 0, &wrong{"not a duration", want, ""}
	}
	return d, nil
}

func (a *RetryAfter) field() schema.Field {
	return schema.Duration(&a.Cap, "cap", "the longest announced time that is to be obeyed").Needed()
}

const wantRetryAfter = `true, false, or a table such as { cap = "24h" }`

func (e *Expectations) readRetryAfter(v schema.Value) {
	asked := &RetryAfter{}
	switch v.Raw.(type) {
	case map[string]any:
		v.Read(asked.field())
		e.RetryAfter = asked
	case bool:
		if v.Raw == true {
			e.RetryAfter = asked
		}
	default:
		v.Reject("unknown value", wantRetryAfter, "")
	}
}

const wantTimeout = `a duration such as "10s", or a span such as "15s-30s"`

func (e *Expectations) readTimeout(v schema.Value) {
	t, isText := v.Raw.(string)
	least, most, isSpan := strings.Cut(t, "-")
	from, err := schema.ParseDuration(least)
	to := from
	if isSpan && err == nil {
		to, err = schema.ParseDuration(most)
	}
	if !isText || err != nil || to < from {
		v.Reject("not a duration", wantTimeout, "")
		return
	}
	e.Timeout = &[2]time.Duration{from, to}
}

// Over is what is asked when a policy asks for base: of each key its own value, else that of base.
func (e Expectations) Over(base Expectations) Expectations {
	return Expectations{
		Delivered: cmp.Or(e.Delivered, base.Delivered), MinAttempts: cmp.Or(e.MinAttempts, base.MinAttempts), MaxAttempts: cmp.Or(e.MaxAttempts, base.MaxAttempts),
		KeepsTrying: cmp.Or(e.KeepsTrying, base.KeepsTrying), Survives: cmp.Or(e.Survives, base.Survives), Backoff: cmp.Or(e.Backoff, base.Backoff),
		RetryAfter: cmp.Or(e.RetryAfter, base.RetryAfter), NeverRetry: given(e.NeverRetry, base.NeverRetry), AlwaysRetry: given(e.AlwaysRetry, base.AlwaysRetry),
		StopsAt: given(e.StopsAt, base.StopsAt), Duplicates: cmp.Or(e.Duplicates, base.Duplicates), AfterLostAck: cmp.Or(e.AfterLostAck, base.AfterLostAck),
		StableKey: e.StableKey || base.StableKey, StableBody: e.StableBody || base.StableBody, Amplify: cmp.Or(e.Amplify, base.Amplify),
		Herd: cmp.Or(e.Herd, base.Herd), Concurrency: cmp.Or(e.Concurrency, base.Concurrency), Rate: cmp.Or(e.Rate, base.Rate), Ordered: e.Ordered || base.Ordered,
		MaxTime: cmp.Or(e.MaxTime, base.MaxTime), Timeout: cmp.Or(e.Timeout, base.Timeout),
	}
}

// given is own, unless it is not given.
func given(own, base []string) []string {
	if own == nil {
		return base
	}
	return own
}
