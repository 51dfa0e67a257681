package scenario_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// Without a file nothing is injected, and webhooks are still told from other traffic.
func TestEmpty(t *testing.T) {
	s := scenario.Empty()
	require.True(t, s.Webhook(post()))
	require.False(t, s.NeedsBody(post(unheld(5))))
	require.Equal(t, "forward, relay", said(decide(s, post(), newCounts(), 0).Plan))
	require.Equal(t, "forward, relay", said(decide(s, connect("a.test"), newCounts(), 0).Plan))
	require.Equal(t, "", s.Label())
	require.Empty(t, s.Hosts())
	require.Equal(t, 7*24*time.Hour, s.Delivery.ForgetAfter)
	require.Empty(t, scenario.Warnings(s))
}

// A file that says nothing is Empty, but for what tells files apart.
func TestEmptyFile(t *testing.T) {
	s := parse(t, "")
	want := scenario.Empty()
	require.Equal(t, "test", s.Name)
	require.Equal(t, "test@e3b0c44298fc", s.Label())
	require.Equal(t, want.Proxy, s.Proxy)
	require.Equal(t, want.Delivery, s.Delivery)
	require.False(t, s.SeedGiven)
	require.Nil(t, s.Expect)
}

func TestHosts(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"none", rule(``), nil},
		{"of [delivery]", "delivery.match.host = [\"b.test:8443\", \"*.a.test\"]\n" + rule(`match.host = "x.a.test"`), []string{"b.test", "*.a.test"}},
		{"of the rules", rule(`match.host = ["b.test", "[::1]:9001"]`) + "[[rule]]\nname = \"s\"\nmatch.host = \"b.test\"\nstatus = 500", []string{"[::1]", "b.test"}},
		{"of enabled rules", rule("match.host = \"b.test\"\nenabled = false"), nil},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, parse(t, test.text).Hosts()) })
	}
}

func TestSettings(t *testing.T) {
	s := parse(t, `
		proxy = { listen = "127.0.0.1:0", admin = "localhost:9", open = true, signs = "all" }
		log = { dir = "d", segment = "1MiB", keep = "2MiB", sync = "always", bodies = "first 4KiB", redact = ["X-A", "json:a"], required = true }
		target.timeout = "5s"
		limits = { header = "8KiB", body = "2MiB", connections = 5, held = 6, hold = "1m", deliveries = 7 }
	`)
	require.Equal(t, scenario.Proxy{Listen: "127.0.0.1:0", Admin: "localhost:9", Open: true, Signs: "all"}, s.Proxy)
	require.Equal(t, scenario.Log{
		Dir: "d", Segment: 1 << 20, Keep: 2 << 20, Sync: "always", Bodies: "first 4KiB", Redact: []string{"X-A", "json:a"}, Required: true,
	}, s.Log)
	require.Equal(t, scenario.Target{Timeout: 5 * time.Second}, s.Target)
	require.Equal(t, scenario.Limits{Header: 8 << 10, Body: 2 << 20, Connections: 5, Held: 6, Hold: time.Minute, Deliveries: 7}, s.Limits)
}

func TestDefaultSettings(t *testing.T) {
	s := parse(t, ``)
	require.Equal(t, scenario.Proxy{Listen: "127.0.0.1:3128", Admin: "127.0.0.1:9128", Signs: "errors"}, s.Proxy)
	require.Equal(t, scenario.Log{Dir: "faultline-log", Segment: 64 << 20, Keep: 10 << 30, Sync: "interval 100ms", Bodies: "hash"}, s.Log)
	require.Equal(t, scenario.Target{}, s.Target)
	require.Equal(t, scenario.Limits{
		Header: 256 << 10, Body: 1 << 20, Connections: 10_000, Held: 10_000, Hold: 10 * time.Minute, Deliveries: 1_000_000,
	}, s.Limits)
}

func TestWarnings(t *testing.T) {
	const hosts = "delivery.match.host = \"a.test\"\n"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"none", hosts + rule(``), nil},
		{"no host", rule(``), []string{
			"test.toml: delivery.match.host: neither [delivery] nor a rule names a host: every POST, PUT, PATCH and DELETE of the worker is a webhook\n" +
				"  hint: match.host = [\"hooks.example.com\"] keeps faults away from other traffic",
		}},
		{"chance of 0", hosts + rule(`when.chance = "0%"`), []string{
			"test.toml:5: rule[0].when.chance: is 0: the rule never fires\n  hint: enabled = false leaves it out",
		}},
		{"never read", hosts + rule(``) + "[[rule]]\nname = \"s\"\nstatus = 501", []string{
			"test.toml:7: rule[1]: can never fire: the rule \"r\" above it fires at every attempt, and ends the reading\n  hint: move it up",
		}},
		{"read below a rule that may not fire", hosts + rule(`when.attempt = 1`) + "[[rule]]\nname = \"s\"\nstatus = 501", nil},
		{"read below a disabled rule", hosts + rule(`enabled = false`) + "[[rule]]\nname = \"s\"\nstatus = 501", nil},
		{"read below a shaping rule", hosts + "[[rule]]\nname = \"r\"\nlatency = \"1s\"\n[[rule]]\nname = \"s\"\nstatus = 501", nil},
		{"what a tunnel cannot show", hosts + rule(`match.placement = "tunnel"`), []string{
			"test.toml:3: rule[0]: can never fire: in a tunnel only refuse, connect_timeout, tls, cut_tunnel, latency, bandwidth act\n  hint: " + connectKnows,
		}},
		{"what no CONNECT shows", hosts + "[[rule]]\nname = \"r\"\nmatch.placement = [\"forward\", \"gateway\"]\ntls = \"expired\"", []string{
			"test.toml:2: rule[0]: can never fire: it is decided at a CONNECT, and match.placement has none where one comes\n  hint: tunnel and intercept are those",
		}},
		{"read where no CONNECT comes", hosts + "[[rule]]\nname = \"r\"\ntls = \"expired\"\n[[rule]]\nname = \"s\"\nstatus = 501", nil},
		{"[expect]", hosts + "[expect]\ndelivered = \"100%\"", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var texts []string
			for _, p := range scenario.Warnings(parse(t, test.text)) {
				texts = append(texts, p.Error())
			}
			require.Equal(t, test.want, texts)
		})
	}
}

// Paths in a scenario are read from its folder, once.
func TestBodyFile(t *testing.T) {
	files := fstest.MapFS{"answers/busy.json": {Data: []byte(`{"busy":true}`)}}
	s, problems := scenario.Parse("dir/x.toml", "[[rule]]\nname = \"r\"\nstatus = { code = 500, body_file = \"answers/busy.json\" }", files)
	require.Empty(t, problems)
	require.Equal(t, "x", s.Name)
	require.Equal(t, faults.Answer{Status: 500, Body: []byte(`{"busy":true}`)}, decide(s, post(), newCounts(), 0).Plan.Steps[0])
}
