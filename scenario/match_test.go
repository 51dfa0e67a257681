package scenario_test

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

func host(name string, port int) func(*scenario.Subject) {
	return func(subj *scenario.Subject) { subj.Host, subj.Port = name, port }
}

func path(p string) func(*scenario.Subject) { return func(subj *scenario.Subject) { subj.Path = p } }

// What each key of a match holds for, as the documentation says it.
func TestMatch(t *testing.T) {
	for _, test := range []struct {
		name   string
		keys   string
		change func(*scenario.Subject)
		want   bool
	}{
		{"nothing asked", ``, nil, true},

		{"host", `match.host = "hooks.example.com"`, nil, true},
		{"host, case-blind", `match.host = "Hooks.EXAMPLE.com"`, nil, true},
		{"host, another", `match.host = "example.com"`, nil, false},
		{"host, glob", `match.host = "*.example.com"`, nil, true},
		{"host, glob of any run", `match.host = "h*com"`, nil, true},
		{"host, glob needs its dot", `match.host = "*.example.com"`, host("example.com", 80), false},
		{"host, with the dot of the root", `match.host = "hooks.example.com"`, host("hooks.example.com.", 80), true},
		{"host, any of a list", `match.host = ["a.test", "hooks.example.com"]`, nil, true},
		{"host, none of a list", `match.host = ["a.test", "b.test"]`, nil, false},
		{"host without port holds for any port", `match.host = "hooks.example.com"`, host("hooks.example.com", 8443), true},
		{"host with port", `match.host = "hooks.example.com:8443"`, host("hooks.example.com", 8443), true},
		{"host with another port", `match.host = "hooks.example.com:8443"`, nil, false},
		{"host with the port filled in", `match.host = "hooks.example.com:80"`, nil, true},
		{"host with a glob of ports", `match.host = "*:8*"`, host("a.test", 8443), true},
		{"IPv6", `match.host = "[::1]"`, host("::1", 80), true},
		{"IPv6 with port", `match.host = "[::1]:9001"`, host("::1", 9001), true},
		{"IPv6 with another port", `match.host = "[::1]:9001"`, host("::1", 80), false},
		{"IPv6 is compared as text", `match.host = "[0:0:0:0:0:0:0:1]"`, host("::1", 80), false},

		{"path", `match.path = "/claims/7"`, nil, true},
		{"path, * stops at /", `match.path = "/*"`, nil, false},
		{"path, * within a segment", `match.path = "/claims/*"`, nil, true},
		{"path, ** crosses /", `match.path = "/**"`, nil, true},
		{"path, ** at the end holds for its parent", `match.path = "/claims/**"`, path("/claims"), true},
		{"path, ** in the middle", `match.path = "/a/**/z"`, path("/a/b/c/z"), true},
		{"path, ** in the middle of nothing", `match.path = "/a/**/z"`, path("/a/z"), true},
		{"path, not a prefix", `match.path = "/claims"`, nil, false},
		{"path, case matters", `match.path = "/Claims/7"`, nil, false},
		{"path as sent", `match.path = "/a%2Fb"`, path("/a%2Fb"), true},

		{"method", `match.method = "POST"`, nil, true},
		{"method in small letters", `match.method = "post"`, nil, true},
		{"method, another", `match.method = ["PUT", "PATCH"]`, nil, false},
		{"method, glob", `match.method = "P*"`, nil, true},

		{"scheme", `match.scheme = "http"`, nil, true},
		{"scheme, the other", `match.scheme = "https"`, nil, false},

		{"header", `match.header.webhook-id = "wh_1"`, nil, true},
		{"header, glob", `match.header = { Webhook-Id = "wh_*" }`, nil, true},
		{"header, another value", `match.header.Webhook-Id = "wh_2"`, nil, false},
		{"header, value in another case", `match.header.Webhook-Id = "WH_1"`, nil, false},
		{"header, any of its values", `match.header.X-Tags = "urgent"`, nil, true},
		{"header, any of a list", `match.header.X-Tags = ["never", "urgent"]`, nil, true},
		{"header, there at all", `match.header.X-Tags = "*"`, nil, true},
		{"header, missing", `match.header.X-None = "*"`, nil, false},
		{"header, false: absent", `match.header.X-None = false`, nil, true},
		{"header, false and there", `match.header.X-Tags = false`, nil, false},
		{"header, absent or a value", `match.header.X-Tags = [false, "urgent"]`, nil, true},
		{"header, two conditions", `match.header = { Webhook-Id = "*", X-Tags = "a" }`, nil, true},
		{"header, one of two fails", `match.header = { Webhook-Id = "*", X-Tags = "b" }`, nil, false},

		{"query", `match.query.tenant = "acme"`, nil, true},
		{"query, any of its values", `match.query.tenant = "bolt"`, nil, true},
		{"query, another value", `match.query.tenant = "corp"`, nil, false},
		{"query, false: absent", `match.query.other = false`, nil, true},
		{"query, empty is there", `match.query.empty = ""`, nil, true},
		{"query, escaped", `match.query.q = "a b"`, func(s *scenario.Subject) { s.RawQuery = "q=a%20b" }, true},

		{"json", `match.json = { type = "claim.paid" }`, nil, true},
		{"json, glob", `match.json.type = "claim.*"`, nil, true},
		{"json, another value", `match.json.type = "claim.open"`, nil, false},
		{"json, any of a list", `match.json.type = ["claim.open", "claim.paid"]`, nil, true},
		{"json, number by value", `match.json.amount = 100`, nil, true},
		{"json, number by value, written otherwise", `match.json.amount = 100`, body(`{"amount":1e2}`), true},
		{"json, decimal", `match.json.amount = 0.5`, body(`{"amount":0.50}`), true},
		{"json, whole number as decimal", `match.json.amount = 100.0`, nil, true},
		{"json, large numbers exactly", `match.json.id = 9007199254740993`, body(`{"id":9007199254740992}`), false},
		{"json, number is no string", `match.json.amount = "100"`, nil, false},
		{"json, string is no number", `match.json.amount = 100`, body(`{"amount":"100"}`), false},
		{"json, true", `match.json.paid = true`, nil, true},
		{"json, true is not 1", `match.json.amount = true`, nil, false},
		{"json, false by value", `match.json.open = false`, nil, true},
		{"json, false: absent", `match.json.nothing = false`, nil, true},
		{"json, false: null", `match.json.none = false`, nil, true},
		{"json, false and true there", `match.json.paid = false`, nil, false},
		{"json, there at all", `match.json.amount = "*"`, nil, true},
		{"json, null is not there", `match.json.none = "*"`, nil, false},
		{"json, path", `match.json."claim.id" = "c7"`, nil, true},
		{"json, path as tables", `match.json.claim.id = "c7"`, nil, true},
		{"json, path from the root", `match.json."$.claim.id" = "c7"`, nil, true},
		{"json, index", `match.json."claim.items[1].sku" = "y"`, nil, true},
		{"json, index beyond", `match.json."claim.items[2].sku" = "*"`, nil, false},
		{"json, index of an object", `match.json."claim[0]" = "*"`, nil, false},
		{"json, list at the root", `match.json."$[0].id" = 1`, body(`[{"id":1}]`), true},
		{"json, name with an escape", `match.json.type = "x"`, body(`{"\u0074ype":"x"}`), true},
		{"json, the first of two", `match.json.type = "x"`, body(`{"type":"x","type":"y"}`), true},
		{"json, body is none", `match.json.type = "*"`, body(`type=claim`), false},
		{"json, body is none, absent", `match.json.type = false`, body(`type=claim`), false},
		{"json, body not whole", `match.json.type = "claim.paid"`, func(s *scenario.Subject) { s.BodyWhole = false }, false},
		{"json, body not held", `match.json.type = "claim.paid"`, unheld(100), false},

		{"body", `match.body = 'claim\.(paid|open)'`, nil, true},
		{"body, another", `match.body = '^claim'`, nil, false},
		{"body, any of a list", `match.body = ['^claim', 'paid']`, nil, true},
		{"body, not whole", `match.body = 'paid'`, func(s *scenario.Subject) { s.BodyWhole = false }, false},

		{"client", `match.client = "10.0.0.7"`, nil, true},
		{"client, CIDR", `match.client = ["192.168.0.0/16", "10.0.0.0/8"]`, nil, true},
		{"client, another", `match.client = "10.0.0.8"`, nil, false},
		{"client, IPv4 in IPv6", `match.client = "10.0.0.0/8"`, func(s *scenario.Subject) { s.Client = netip.MustParseAddr("::ffff:10.0.0.7") }, true},
		{"client, unknown", `match.client = "0.0.0.0/0"`, func(s *scenario.Subject) { s.Client = netip.Addr{} }, false},

		{"placement", `match.placement = "forward"`, nil, true},
		{"placement, others", `match.placement = ["tunnel", "gateway"]`, nil, false},

		{"size", `match.size = ">3B"`, body("1234"), true},
		{"size, not so large", `match.size = ">64KiB"`, body("1234"), false},
		{"size, exactly", `match.size = 4`, body("1234"), true},
		{"size, any of a list", `match.size = ["<1B", ">3B"]`, body("1234"), true},
		{"size as announced", `match.size = ">64KiB"`, unheld(65537), true},
		{"size unknown", `match.size = ">1B"`, unheld(-1), false},
		{"size unknown, more than what is held", `match.size = ">3B"`, beyond("1234"), true},
		{"size unknown, perhaps less than asked", `match.size = ">1MiB"`, beyond("1234"), false},
		{"size unknown, surely not so small", `match.size = "<=4B"`, beyond("1234"), false},
		{"size unknown, body held whole", `match.size = ">1B"`, func(s *scenario.Subject) { s.Size = -1 }, true},

		{"all must hold", "match.host = \"hooks.example.com\"\nmatch.path = \"/claims/*\"\nmatch.method = \"POST\"", nil, true},
		{"one of all fails", "match.host = \"hooks.example.com\"\nmatch.path = \"/other\"", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			subj := post()
			if test.change != nil {
				test.change(subj)
			}
			require.Equal(t, test.want, fires(parse(t, rule(test.keys)), subj))
		})
	}
}

func TestWebhook(t *testing.T) {
	method := func(m string) func(*scenario.Subject) { return func(subj *scenario.Subject) { subj.Method = m } }
	for _, test := range []struct {
		name   string
		text   string
		change func(*scenario.Subject)
		want   bool
	}{
		{"default, POST", ``, nil, true},
		{"default, DELETE", ``, method("DELETE"), true},
		{"default, GET", ``, method("GET"), false},
		{"host", `delivery.match.host = "hooks.example.com"`, nil, true},
		{"host, another", `delivery.match.host = "a.test"`, nil, false},
		{"the methods stay when only a host is given", `delivery.match.host = "hooks.example.com"`, method("GET"), false},
		{"methods of one's own", `delivery.match.method = ["GET"]`, method("GET"), true},
		{"json", `delivery.match.json.type = "claim.*"`, nil, true},
		{"json, another", `delivery.match.json.type = "user.*"`, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			subj := post()
			if test.change != nil {
				test.change(subj)
			}
			require.Equal(t, test.want, parse(t, test.text).Webhook(subj))
		})
	}
}

// At connect only host, client and placement of [delivery] count.
func TestWebhookAtConnect(t *testing.T) {
	s := parse(t, "[delivery]\nmatch = { host = \"hooks.example.com\", path = \"/claims/*\", json = { type = \"x\" } }")
	require.True(t, s.Webhook(connect("hooks.example.com")))
	require.False(t, s.Webhook(connect("a.test")))
}

// Matching never fails, whatever the sender sends.
func FuzzMatch(f *testing.F) {
	s := parse(f, rule(`
match.host = "*.example.com"
match.path = "/claims/**"
match.header.X-A = "a*b"
match.query.q = "*x"
match.json = { "a.b[0]" = "x*", n = 5, gone = false }
match.body = "a+b"
match.size = ">1B"
`))
	f.Add("a.example.com", "/claims/7", "ab", "q=yx", `{"a":{"b":["xy"]},"n":5}`)
	f.Add("", "", "", "%zz;", `{"a":{"b":[`)
	f.Add("[::1]", "*", "\x00", "q=%", "[[[[[[")
	f.Fuzz(func(t *testing.T, host, path, value, query, text string) {
		subj := post(body(text), header("X-A", value))
		subj.Host, subj.Path, subj.RawQuery = host, path, query
		require.Equal(t, fires(s, subj), fires(s, subj))
	})
}
