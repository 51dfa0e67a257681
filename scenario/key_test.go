package scenario_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/scenario"
)

const endpoint = "http://hooks.example.com/claims/7"

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestKey(t *testing.T) {
	for _, test := range []struct {
		name   string
		keys   string // of [delivery]
		change func(*scenario.Subject)
		want   scenario.Key
	}{
		{"default, Webhook-Id", ``, nil, scenario.Key{Value: "wh_1", From: "header:Webhook-Id", Scope: endpoint}},
		{"default, Svix-Id", ``, header("Svix-Id", "msg_1"), scenario.Key{Value: "msg_1", From: "header:Svix-Id", Scope: endpoint}},
		{"default, Idempotency-Key", ``, header("Idempotency-Key", "i1"), scenario.Key{Value: "i1", From: "header:Idempotency-Key", Scope: endpoint}},
		{"default, Ce-Id", ``, header("Ce-Id", "ce1"), scenario.Key{Value: "ce1", From: "header:Ce-Id", Scope: endpoint}},
		{"default, body", ``, func(s *scenario.Subject) { s.Header = nil; body("x")(s) },
			scenario.Key{Value: sha("x"), From: "body", Scope: endpoint, Body: true}},

		{"one source", `key = "header:x-tags"`, nil, scenario.Key{Value: "a", From: "header:X-Tags", Scope: endpoint}},
		{"first that is present", `key = ["header:X-None", "query:none", "json:none", "query:tenant"]`, nil,
			scenario.Key{Value: "acme", From: "query:tenant", Scope: endpoint}},
		{"an empty header is absent", `key = ["header:Webhook-Id", "json:type"]`, header("Webhook-Id", "", " "),
			scenario.Key{Value: "claim.paid", From: "json:type", Scope: endpoint}},
		{"a JSON null is absent", `key = ["json:none", "json:amount"]`, nil, scenario.Key{Value: "100", From: "json:amount", Scope: endpoint}},
		{"an empty JSON string is absent", `key = ["json:id", "json:n"]`, body(`{"id":"","n":1}`), scenario.Key{Value: "1", From: "json:n", Scope: endpoint}},
		{"JSON path", `key = "json:claim.items[1].sku"`, nil, scenario.Key{Value: "y", From: "json:claim.items[1].sku", Scope: endpoint}},
		{"body is tried last wherever it stands", `key = ["body", "header:Webhook-Id"]`, nil,
			scenario.Key{Value: "wh_1", From: "header:Webhook-Id", Scope: endpoint}},
		{"body is tried even when it is not named", `key = "header:X-None"`, body("x"),
			scenario.Key{Value: sha("x"), From: "body", Scope: endpoint, Body: true}},

		{"composite", `key = [["json:type", "json:claim.id"]]`, nil,
			scenario.Key{Value: "claim.paid,c7", From: "json:type,json:claim.id", Scope: endpoint}},
		{"composite, one part absent", `key = [["json:type", "json:none"], "header:Webhook-Id"]`, nil,
			scenario.Key{Value: "wh_1", From: "header:Webhook-Id", Scope: endpoint}},
		{"composite with the body", `key = [["header:Webhook-Id", "body"]]`, body("x"),
			scenario.Key{Value: "wh_1," + sha("x"), From: "header:Webhook-Id,body", Scope: endpoint}},
		{"composite, parts kept apart", `key = [["json:a", "json:b"]]`, body(`{"a":"1,2","b":"3\\"}`),
			scenario.Key{Value: `1\,2,3\\`, From: "json:a,json:b", Scope: endpoint}},

		{"per host", `per = "host"`, nil, scenario.Key{Value: "wh_1", From: "header:Webhook-Id", Scope: "hooks.example.com"}},
		{"per host with port", `per = "host"`, host("a.test", 8080), scenario.Key{Value: "wh_1", From: "header:Webhook-Id", Scope: "a.test:8080"}},
		{"for all", `per = "all"`, nil, scenario.Key{Value: "wh_1", From: "header:Webhook-Id"}},

		{"prefix of a large body", `key = "json:type"`, func(s *scenario.Subject) { body("xxx")(s); s.BodyWhole, s.Size = false, 5000 },
			scenario.Key{Value: sha("xxx") + ":5000", From: "body-prefix", Scope: endpoint, Body: true}},
		{"prefix of a large body of unknown length", ``, func(s *scenario.Subject) { s.Header = nil; body("xxx")(s); s.BodyWhole, s.Size = false, -1 },
			scenario.Key{Value: sha("xxx") + ":chunked", From: "body-prefix", Scope: endpoint, Body: true}},
		{"a long value counts by its hash", ``, header("Webhook-Id", strings.Repeat("k", 257)),
			scenario.Key{Value: "sha256:" + sha(strings.Repeat("k", 257)), From: "header:Webhook-Id", Scope: endpoint}},
	} {
		t.Run(test.name, func(t *testing.T) {
			subj := post()
			if test.change != nil {
				test.change(subj)
			}
			key, known := parse(t, "[delivery]\n"+test.keys).Key(subj)
			require.True(t, known)
			require.Equal(t, test.want, key)
		})
	}
}

// Composite keys of different parts are different.
func TestCompositeIsUnambiguous(t *testing.T) {
	s := parse(t, `delivery.key = [["json:a", "json:b"]]`)
	seen := map[string]string{}
	for _, text := range []string{
		`{"a":"x,y","b":"z"}`, `{"a":"x","b":"y,z"}`, `{"a":"x\\","b":"y,z"}`, `{"a":"x\\,y","b":"z"}`, `{"a":"x","b":"\\y,z"}`,
	} {
		key, known := s.Key(post(body(text)))
		require.True(t, known)
		require.NotContains(t, seen, key.Value, "%s and %s", text, seen[key.Value])
		seen[key.Value] = text
	}
}

// Paths that change from try to try stay out of the body's hash.
func TestIgnore(t *testing.T) {
	for _, test := range []struct {
		name   string
		ignore string
		a, b   string
		same   bool
	}{
		{"the value changes", `"sent_at"`, `{"id":1,"sent_at":"09:00"}`, `{"id":1,"sent_at":"09:01"}`, true},
		{"another value changes", `"sent_at"`, `{"id":1,"sent_at":"09:00"}`, `{"id":2,"sent_at":"09:00"}`, false},
		{"first of several", `"sent_at"`, `{"sent_at":1,"id":1}`, `{"sent_at":22,"id":1}`, true},
		{"the only one", `"sent_at"`, `{"sent_at":1}`, `{"sent_at":22}`, true},
		{"there and not there", `"sent_at"`, `{"id":1,"sent_at":1}`, `{"id":1}`, true},
		{"first and not there", `"sent_at"`, `{"sent_at":1,"id":1}`, `{"id":1}`, true},
		{"below", `"meta.at"`, `{"meta":{"at":{"s":1},"k":1}}`, `{"meta":{"at":{"s":2},"k":1}}`, true},
		{"in a list", `"items[1].at"`, `{"items":[{"at":1},{"at":1}]}`, `{"items":[{"at":1},{"at":2}]}`, true},
		{"several", `["at", "try"]`, `{"at":1,"id":5,"try":1}`, `{"at":2,"id":5,"try":2}`, true},
		{"no JSON", `"sent_at"`, `sent_at=1`, `sent_at=2`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := parse(t, "delivery.ignore = "+test.ignore+"\ndelivery.key = \"body\"")
			a, knownA := s.Key(post(body(test.a)))
			b, knownB := s.Key(post(body(test.b)))
			require.True(t, knownA && knownB)
			require.Equal(t, test.same, a == b, "%v and %v", a, b)
			require.Equal(t, "body", a.From)
		})
	}
}

// A key that only the body tells is not known before; a streamed body gives it by its hash.
func TestKeyOfUnheldBody(t *testing.T) {
	s := parse(t, ``)
	streamed := post(header("X", "y"), unheld(1))
	_, known := s.Key(streamed)
	require.False(t, known)

	held, known := s.Key(post(header("X", "y"), body("x")))
	require.True(t, known)
	require.Equal(t, held, s.BodyKey(streamed, sha256.Sum256([]byte("x"))))

	_, known = s.Key(post(unheld(1)))
	require.True(t, known, "the header is there")
}

func TestTryAndCreated(t *testing.T) {
	s := parse(t, "delivery.try = \"header:X-Try\"\ndelivery.created = \"json:created_at\"")
	subj := post(header("X-Try", "2"), body(`{"created_at":"2026-11-24T12:00:00Z"}`))
	require.Equal(t, "2", s.Try(subj))
	require.Equal(t, "2026-11-24T12:00:00Z", s.Created(subj))

	require.Equal(t, "", s.Try(post()))
	require.Equal(t, "", s.Created(post(unheld(5))))
	require.Equal(t, "", parse(t, ``).Try(subj))

	require.Equal(t, "header:X-Try", s.TrySource())
	require.Equal(t, "json:created_at", s.CreatedSource())
	require.Equal(t, "", parse(t, ``).TrySource())
	require.Equal(t, "", parse(t, ``).CreatedSource())
}

func TestEndpoint(t *testing.T) {
	for _, test := range []struct {
		scheme, host string
		port         int
		path, want   string
	}{
		{"http", "a.test", 80, "/x", "http://a.test/x"},
		{"https", "a.test", 443, "/x", "https://a.test/x"},
		{"http", "a.test", 443, "/x", "http://a.test:443/x"},
		{"https", "a.test", 8443, "/", "https://a.test:8443/"},
		{"http", "::1", 9001, "/a%2Fb", "http://[::1]:9001/a%2Fb"},
		{"http", "::1", 80, "/", "http://[::1]/"},
	} {
		require.Equal(t, test.want, scenario.Endpoint(&scenario.Subject{Scheme: test.scheme, Host: test.host, Port: test.port, Path: test.path}))
	}
}

func TestSuccess(t *testing.T) {
	require.True(t, parse(t, ``).Success(204))
	require.False(t, parse(t, ``).Success(302))
	require.True(t, parse(t, `delivery.success = [200, "3xx"]`).Success(302))
	require.False(t, parse(t, `delivery.success = [200, "3xx"]`).Success(204))
}

// A key is the same for the same bytes, and reading it never fails.
func FuzzKey(f *testing.F) {
	s := parse(f, `delivery = { key = ["header:X-A", "query:q", ["json:a", "json:b[0].c"], "json:d"], ignore = ["x", "y[0]", "z.z"] }`)
	f.Add("", "", `{"a":1,"b":[{"c":2}],"x":1}`)
	f.Add("v", "q=1", ``)
	f.Add("", "%", `{"d":null,"y":[1,2],"z":{"z":`)
	f.Add("", "", `{"x" : {} , "a":1}`)
	f.Fuzz(func(t *testing.T, value, query, text string) {
		subj := post(header("X-A", value), body(text))
		subj.RawQuery = query
		key, known := s.Key(subj)
		require.True(t, known)
		again, _ := s.Key(subj)
		require.Equal(t, key, again)
		require.NotEmpty(t, key.Value)
		require.LessOrEqual(t, len(key.Value), 256)
	})
}
