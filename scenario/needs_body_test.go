package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

// What must be held back before it can be decided, by the head alone.
func TestNeedsBody(t *testing.T) {
	noKey := func(size int64) func(*scenario.Subject) {
		return func(subj *scenario.Subject) { subj.Header = nil; unheld(size)(subj) }
	}
	get := func(subj *scenario.Subject) { subj.Method = "GET"; noKey(5)(subj) }
	for _, test := range []struct {
		name   string
		text   string
		change func(*scenario.Subject)
		want   bool
	}{
		{"no rule", ``, noKey(5), false},
		{"a rule that asks for nothing", rule(``), noKey(5), false},
		{"path and header are in the head", rule("match.path = \"/**\"\nmatch.header.X = false"), noKey(5), false},
		{"json", rule(`match.json.a = 1`), unheld(5), true},
		{"body", rule(`match.body = "a"`), unheld(5), true},
		{"json of a rule for another host", rule("match.host = \"a.test\"\nmatch.json.a = 1"), unheld(5), false},
		{"json of a rule for another header", rule("match.header.X = \"y\"\nmatch.json.a = 1"), unheld(5), false},
		{"json of a disabled rule", rule("enabled = false\nmatch.json.a = 1"), unheld(5), false},
		{"size that is announced", rule(`match.size = ">1B"`), unheld(5), false},
		{"size that is not", rule(`match.size = ">1B"`), unheld(-1), true},
		{"json beside a size that fails", rule("match.size = \">9B\"\nmatch.json.a = 1"), unheld(5), false},
		{"attempt, key in the head", rule(`when.attempt = 1`), unheld(5), false},
		{"attempt, key is the body's", rule(`when.attempt = 1`), noKey(5), true},
		{"age", rule(`when.age = "<1m"`), noKey(5), true},
		{"chance by attempt", rule(`when.chance = 0.5`), noKey(5), true},
		{"chance by delivery", rule("when.chance = 0.5\nwhen.chance_per = \"delivery\""), noKey(5), true},
		{"chance by host", rule("when.chance = 0.5\nwhen.chance_per = \"host\""), noKey(5), false},
		{"chance by arrival", rule("when.chance = 0.5\nwhen.chance_per = \"arrival\""), noKey(5), false},
		{"nth, every, times", rule("when.nth = 1\nwhen.every = 2\nwhen.times = 3"), noKey(5), false},
		{"jitter", "[[rule]]\nname = \"r\"\nlatency = { delay = \"1s\", jitter = \"1s\" }", noKey(5), true},
		{"latency without jitter", "[[rule]]\nname = \"r\"\nlatency = \"1s\"", noKey(5), false},
		{"attempt at the target's answer", rule("match.response = \"5xx\"\nwhen.attempt = 1"), noKey(5), true},
		{"json at the target's answer", rule("match.response = \"5xx\"\nmatch.json.a = 1"), unheld(5), true},
		{"the target's answer alone", rule(`match.response = "5xx"`), noKey(5), false},
		{"attempt of a rule for another path", rule("match.path = \"/x\"\nwhen.attempt = 1"), noKey(5), false},
		{"a key in the document", `delivery.key = "json:id"`, noKey(5), true},
		{"a key in the document behind one in the head", `delivery.key = ["header:Webhook-Id", "json:id"]`, unheld(5), false},
		{"a key in the document before one in the head", `delivery.key = ["json:id", "header:Webhook-Id"]`, unheld(5), true},
		{"a hash that leaves paths out", `delivery.ignore = "sent_at"`, noKey(5), true},
		{"a hash that leaves paths out, key in the head", `delivery.ignore = "sent_at"`, unheld(5), false},
		{"created in the document", `delivery.created = "json:at"`, unheld(5), true},
		{"what a webhook is stands in the body", `delivery.match.json.a = 1`, unheld(5), true},
		{"no webhook", "delivery.match.json.a = 1\n" + rule(`when.attempt = 1`), get, false},
		{"no webhook by its host", "delivery.match.host = \"a.test\"\n" + rule(`when.attempt = 1`), noKey(5), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, parse(t, test.text).NeedsBody(post(test.change)))
		})
	}
}

// What NeedsBody does not hold back is decided the same as if it had been held.
func TestUnheldIsDecidedAlike(t *testing.T) {
	for _, keys := range []string{``, `match.path = "/claims/*"`, `when.nth = 1`, `match.size = ">1B"`, "when.chance = 0.5\nwhen.chance_per = \"host\""} {
		s := parse(t, rule(keys))
		held := post()
		streamed := post(unheld(held.Size))
		require.False(t, s.NeedsBody(streamed))
		require.Equal(t, decide(s, held, newCounts(), 0), decide(s, streamed, newCounts(), 0), keys)
	}
}
