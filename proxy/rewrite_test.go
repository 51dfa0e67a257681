package proxy_test

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/receiver"
	"github.com/faultline/faultline/scenario"
)

// requestOf is a request as it stood on the wire.
func requestOf(t *testing.T, raw string) (*http.Request, string) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	require.NoError(t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r, string(body)
}

// TestRewriteRequest: what the target gets; the delivery key, and the request in the record, are the sender's.
func TestRewriteRequest(t *testing.T) {
	const body = `{"id":"wh_7","amount":100,"items":[{"sku":"x"}]}`
	tests := []struct {
		name, rule string
		chunked    bool
		body       string
		header     map[string]string // what the target must see; "": not there
		leftAlone  []string
	}{
		{name: "fields", rule: `rewrite = { set_header = { X-A = "1", User-Agent = "other" }, remove_header = "X-B" }`, body: body, header: map[string]string{"X-A": "1", "User-Agent": "other", "X-B": ""}},
		{name: "fields of a chunked one", rule: `rewrite = { set_header = { X-A = "1" } }`, chunked: true, body: body, header: map[string]string{"X-A": "1"}},
		{name: "a value", rule: `rewrite = { json_set = { "items[0].sku" = "a longer one" } }`, body: strings.Replace(body, `"x"`, `"a longer one"`, 1)},
		{name: "a value of a chunked one", rule: `rewrite = { json_set = { amount = 1 } }`, chunked: true, body: strings.Replace(body, "100", "1", 1)},
		{name: "the key itself", rule: `rewrite = { json_remove = "id" }`, body: strings.Replace(body, `"id":"wh_7",`, "", 1)},
		{name: "a new body", rule: `rewrite = { body = "a=1", set_header = { Content-Type = "application/x-www-form-urlencoded" } }`, body: "a=1",
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": ""}},
		{name: "no body", rule: `rewrite = { body = "" }`, body: ""},
		{name: "a large body", rule: `rewrite = { body = "` + strings.Repeat("x", 100_000) + `" }`, body: strings.Repeat("x", 100_000)},
		{name: "a template", rule: `rewrite = { template = '{{.Method}} {{.Attempt}} {{.Key}} {{.Body.amount}} {{.Header.Get "X-B"}}' }`, body: "POST 1 wh_7 100 b"},
		{name: "one after another", rule: `rewrite = { json_set = { n = 1 }, set_header = { X-A = "1" } }
[[rule]]
name = "y"
rewrite = { template = "{{.Body.n}}{{.Header.Get \"X-A\"}}", remove_header = "X-A" }`, body: "11", header: map[string]string{"X-A": ""}},
		{name: "before it is late", rule: "latency = \"1ms\"\nrewrite = { body = \"late\" }", body: "late"},
		{name: "for a fault after the delivery", rule: "rewrite = { body = \"new\" }\ndeliver_first = true\nstatus = 200", body: "new"},
		{name: "what is not there", rule: `rewrite = { json_remove = "nothing" }`, body: body, leftAlone: []string{"rewrite: nothing is not there"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "[delivery]\nkey = \"json:id\"\n[[rule]]\nname = \"x\"\n"+tt.rule)
			request := wiretest.Post(target.Address(), "/hook", body, "X-B: b", "Content-Encoding: identity")
			if tt.chunked {
				head, _, _ := strings.Cut(request, "Content-Length")
				request = head + "Transfer-Encoding: chunked\r\n\r\n30\r\n" + body + "\r\n0\r\n\r\n"
			}
			status, _ := p.one(t, request)
			require.Equal(t, 200, status)

			r, got := requestOf(t, target.Requests()[0])
			require.Equal(t, tt.body, got)
			if tt.chunked {
				require.Equal(t, []string{"chunked"}, r.TransferEncoding)
			} else {
				require.Equal(t, int64(len(tt.body)), r.ContentLength)
			}
			for name, want := range tt.header {
				require.Equal(t, want, r.Header.Get(name), name)
			}
			require.Equal(t, []string{"1.1 faultline-test"}, r.Header["Via"])

			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, "wh_7", a.Key)
			require.Equal(t, int64(len(body)), a.Request.Bytes)
			require.Equal(t, sha256Hex(body), a.Request.SHA256)
			require.Equal(t, []string{"b"}, a.Request.Header["X-B"])
			require.NotContains(t, a.Request.Header, "X-A")
			require.Equal(t, deliveries.Whole, a.Reached)
			require.Equal(t, tt.leftAlone, a.LeftAlone)
		})
	}
}

// TestRewriteSigned: a receiver that knows the secret takes what was rewritten for genuine, and what was not signed anew for forged.
func TestRewriteSigned(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	for _, tt := range []struct {
		name, rule string
		want       bool
	}{
		{"signed anew", `rewrite = { json_set = { amount = 1 }, sign_file = "secret" }`, true},
		{"alone", `rewrite = { sign_file = "secret" }`, true},
		{"a new body", `rewrite = { body = "{}", sign_file = "secret" }`, true},
		{"not signed anew", `rewrite = { json_set = { amount = 1 } }`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rules, problems := scenario.Parse("test.toml", "[[rule]]\nname = \"x\"\n"+tt.rule, fstest.MapFS{"secret": {Data: []byte(secret)}})
			require.Empty(t, problems)
			p := start(t, "")
			p.Reload(rules)
			var got *receiver.Signature
			_, address := receiving(t, p, receiver.Config{Secrets: []string{secret}, Received: func(payload receiver.Payload) { got = payload.Signature }}, nil)
			sender := wiretest.Dial(t, address)
			sender.Send(fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nWebhook-Id: wh_1\r\nWebhook-Timestamp: %d\r\nWebhook-Signature: v1,AAAA\r\nContent-Length: 14\r\n\r\n{\"amount\": 10}", time.Now().Unix()))
			resp, _ := sender.Answer("POST")
			require.Equal(t, 200, resp.StatusCode)
			p.journal.attempts(t, 1)
			require.Equal(t, tt.want, got.OK, got.Problem)
		})
	}
}

// TestRewriteAnswer: what the sender sees of the target's own answer, of one of ours, of one that is cut; the record has what was sent and what came.
func TestRewriteAnswer(t *testing.T) {
	const body = `{"received":true,"n":1}`
	own := answerOf(body, "X-Own: 1", "Content-Type: application/json")
	tests := []struct {
		name, rule, target string
		body               string
		header             map[string]string
		leftAlone          []string
	}{
		{name: "fields", rule: `rewrite = { on = "response", set_header = { X-A = "1" }, remove_header = ["X-Own", "content-type"] }`, target: own, body: body,
			header: map[string]string{"X-A": "1", "X-Own": "", "Content-Type": ""}},
		{name: "a value", rule: `rewrite = { on = "response", json_set = { n = 12345 } }`, target: own, body: `{"received":true,"n":12345}`},
		{name: "a value of unknown length", rule: `rewrite = { on = "response", json_set = { n = 12345 } }`, target: chunkedAnswer(body[:7], body[7:]), body: `{"received":true,"n":12345}`},
		{name: "a new body", rule: `rewrite = { on = "response", body = "" }`, target: answerOf("zipped", "Content-Encoding: gzip"), body: "", header: map[string]string{"Content-Encoding": ""}},
		{name: "a body where there was none", rule: `rewrite = { on = "response", body = "new" }`, target: answerOf(""), body: "new"},
		{name: "a template", rule: `rewrite = { on = "response", template = '{{.Body.n}} {{.Attempt}} {{.Key}} {{.Header.Get "X-Own"}}' }`, target: own, body: "1 1 wh_1 1"},
		{name: "our own", rule: "status = { code = 200, body = '{\"n\":1}', header = { X-Own = \"1\" } }\nrewrite = { on = \"response\", json_set = { n = 2 }, set_header = { Retry-After = \"7\" }, remove_header = [\"X-Own\", \"Date\"] }",
			body: `{"n":2}`, header: map[string]string{"Retry-After": "7", "X-Own": "", "Date": "", "Content-Type": ""}},
		{name: "then corrupted", rule: "corrupt = 100\nrewrite = { on = \"response\", body = \"\\u0001\\u0002\" }", target: own, body: "\xfe\xfd"},
		{name: "by the target's answer", rule: "match.response = 200\nrewrite = { on = \"response\", body = \"new\" }", target: own, body: "new"},
		{name: "no JSON", rule: `rewrite = { on = "response", json_set = { n = 2 }, set_header = { X-A = "1" } }`, target: answerOf("ok"), body: "ok", header: map[string]string{"X-A": "1"},
			leftAlone: []string{"rewrite: the body is no JSON"}},
		{name: "no body can be there", rule: `rewrite = { on = "response", body = "x", set_header = { X-A = "1" } }`, target: "HTTP/1.1 204 No Content\r\n\r\n", body: "", header: map[string]string{"X-A": "1"},
			leftAlone: []string{"rewrite: the answer has no body"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(tt.target))
			p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule)
			sender := wiretest.Dial(t, p.address)
			sender.Send(wiretest.Post(target.Address(), "/hook", "{}", "Webhook-Id: wh_1"))
			resp, got := sender.Answer("POST")
			require.Equal(t, tt.body, got)
			for name, want := range tt.header {
				require.Equal(t, want, resp.Header.Get(name), name)
			}
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, deliveries.Acknowledged, a.Outcome)
			require.Equal(t, int64(len(tt.body)), a.Answer.Bytes)
			require.Equal(t, tt.leftAlone, a.LeftAlone)
			if tt.target != "" {
				_, sent, _ := strings.Cut(tt.target, "\r\n\r\n")
				if !strings.Contains(tt.target, "chunked") {
					require.Equal(t, int64(len(sent)), a.Target.Bytes)
				}
				sender.Send(wiretest.Post(target.Address(), "/hook", "{}", "Webhook-Id: wh_1"))
				sender.Answer("POST")
				require.Equal(t, 1, target.Connections(), "the target was heard to its end")
			}
		})
	}
}

// TestRewritePacked: packed bodies are rewritten both ways, under the same coding and with the length of what they become.
func TestRewritePacked(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(answerOf(gzipped(t, `{"ok":true}`), "Content-Encoding: gzip")))
	p := start(t, "[[rule]]\nname = \"x\"\nrewrite = { json_set = { sent = \"longer than it was\" } }\n[[rule]]\nname = \"y\"\nrewrite = { on = \"response\", json_set = { ok = \"no\" } }")
	sender := wiretest.Dial(t, p.address)
	sender.Send(wiretest.Post(target.Address(), "/hook", gzipped(t, `{"sent":1}`), "Content-Encoding: gzip"))
	resp, answered := sender.Answer("POST")

	r, got := requestOf(t, target.Requests()[0])
	require.Equal(t, `{"sent":"longer than it was"}`, gunzipped(t, got))
	require.Equal(t, int64(len(got)), r.ContentLength)
	require.Equal(t, `{"ok":"no"}`, gunzipped(t, answered))
	require.Equal(t, int64(len(answered)), resp.ContentLength)
	for _, header := range []http.Header{r.Header, resp.Header} {
		require.Equal(t, "gzip", header.Get("Content-Encoding"))
	}
	require.Empty(t, p.journal.attempts(t, 1)[0].LeftAlone)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func gunzipped(t *testing.T, body string) string {
	t.Helper()
	r, err := gzip.NewReader(strings.NewReader(body))
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

// TestRewriteBeyondLimit: a body that is larger than what is held is left alone by what looks into it; a new one takes its place all the same.
func TestRewriteBeyondLimit(t *testing.T) {
	large := `{"text":"` + strings.Repeat("x", 200_000) + `"}`
	small := func(c *proxy.Config) { c.Limits.Body = 1000 }
	for _, tt := range []struct {
		rule      string
		request   string
		answer    string
		leftAlone []string
	}{
		{rule: `rewrite = { json_set = { a = 1 } }`, request: large, answer: large, leftAlone: []string{"rewrite: the body is larger than limits.body"}},
		{rule: `rewrite = { template = "x" }`, request: large, answer: large, leftAlone: []string{"rewrite: the body is larger than limits.body"}},
		{rule: `rewrite = { body = "new" }`, request: "new", answer: large},
		{rule: `rewrite = { on = "response", json_set = { a = 1 } }`, request: large, answer: large, leftAlone: []string{"rewrite: the body is larger than limits.body"}},
		{rule: `rewrite = { on = "response", body = "new" }`, request: large, answer: "new"},
	} {
		target := wiretest.Listen(t, wiretest.Answering(answerOf(large)))
		p := start(t, "[[rule]]\nname = \"x\"\n"+tt.rule, small)
		_, got := p.one(t, wiretest.Post(target.Address(), "/hook", large))
		require.Equal(t, tt.answer, got)
		require.Equal(t, tt.request, bodyOf(t, target.Requests()[0]))
		a := p.journal.attempts(t, 1)[0]
		require.Equal(t, tt.leftAlone, a.LeftAlone)
		require.Equal(t, int64(len(large)), a.Request.Bytes)
		require.Equal(t, "body-prefix", a.KeyFrom)
	}
}

// TestRewriteOfWhatIsNotAsked: a request that no target gets is not rewritten, and nothing is said of it.
func TestRewriteOfWhatIsNotAsked(t *testing.T) {
	p := start(t, "[[rule]]\nname = \"x\"\nrewrite = { json_set = { a = 1 } }\nstatus = 503")
	status, _ := p.one(t, wiretest.Post("hooks.test", "/hook", "no JSON"))
	require.Equal(t, 503, status)
	require.Nil(t, p.journal.attempts(t, 1)[0].LeftAlone)
}

// TestRewriteASlowRequest: what takes the place of a body that came in too fast goes out at the rate.
func TestRewriteASlowRequest(t *testing.T) {
	target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
	p := start(t, "[[rule]]\nname = \"x\"\nwhen.attempt = 1\nbandwidth = { up = \"4000B/s\" }\nrewrite = { body = \""+padded("", 1600)+"\" }")
	begun := time.Now()
	status, _ := p.one(t, wiretest.Post(target.Address(), "/hook", "{}"))
	require.Equal(t, 200, status)
	requirePace(t, time.Since(begun), 1600, 4000)
}

// TestRewriteEverywhere: a rewrite is the same behind every door.
func TestRewriteEverywhere(t *testing.T) {
	rules := "[[rule]]\nname = \"x\"\nrewrite = { json_set = { a = 2 } }\n[[rule]]\nname = \"y\"\nrewrite = { on = \"response\", json_set = { b = 3 } }"
	for _, d := range doors() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			under(t, rules, d, wiretest.Answering(answerOf(`{"b":2}`)), func(t *testing.T, s *scene) {
				sender := s.enter()
				for range 2 {
					sender.Send(s.post("/hook", `{"a":1}`))
					_, got := sender.Answer("POST")
					require.Equal(t, `{"b":3}`, got)
				}
				for _, raw := range s.target.Requests() {
					require.Equal(t, `{"a":2}`, bodyOf(t, raw))
				}
			})
		})
	}
}
