package scenario_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// How fast a body is to come in before the rules are decided: by those that are sure to fire.
func TestUpload(t *testing.T) {
	slow := func(keys string) string {
		return "[[rule]]\nname = \"slow\"\n" + keys + "\nbandwidth.up = \"64KiB/s\"\n"
	}
	const slower = "[[rule]]\nname = \"slower\"\nbandwidth.up = \"1KiB/s\"\n"
	for _, test := range []struct {
		name, text string
		want       int64
	}{
		{"no rule", ``, 0},
		{"always", slow(``), 64 << 10},
		{"by the head", slow(`match.path = "/claims/*"`), 64 << 10},
		{"for another path", slow(`match.path = "/x"`), 0},
		{"disabled", slow(`enabled = false`), 0},
		{"by the body", slow(`match.json.type = "claim.paid"`), 0},
		{"by the attempt", slow(`when.attempt = 1`), 0},
		{"by its count", slow(`when.times = 1`), 0},
		{"for a while", slow(`when.for = "1m"`), 0},
		{"the answer alone", "[[rule]]\nname = \"r\"\nbandwidth.down = \"1KiB/s\"", 0},
		{"the lowest of two", slow(``) + slower, 1 << 10},
		{"the lowest of two, the other way round", slower + slow(``), 1 << 10},
		{"above what ends the reading", slow(`last = true`) + slower, 64 << 10},
		{"beside what ends the attempt", slow(`status = 500`) + slower, 64 << 10},
		{"below what ends the reading", rule(``) + slow(``), 0},
		{"below what may end it", rule(`when.attempt = 2`) + slow(``), 0},
		{"below what does not", rule(`match.path = "/x"`) + slow(``), 64 << 10},
		{"where the body says whether it is a webhook", "delivery.match.json.a = 1\n" + slow(``), 0},
		{"decided at the CONNECT", slow(`tls = "expired"`), 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, parse(t, test.text).Upload(post(unheld(5))))
		})
	}
}
