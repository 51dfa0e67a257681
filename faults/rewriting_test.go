package faults_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// rewriteOf is the step of a rewrite as a rule writes it.
func rewriteOf(t *testing.T, keys string) faults.Rewrite {
	t.Helper()
	parts, problems := read(t, "rewrite = { "+keys+" }")
	require.Empty(t, problems)
	return parts[0].Step.(faults.Rewrite)
}

var payload = faults.Payload{
	Method: "POST", URL: "http://hooks.test/claims/7?x=1", Attempt: 3, Key: "wh_1", Header: faults.Header{"Webhook-Id": {"wh_1", "wh_2"}},
}

// What becomes of a body.
func TestRewriteBody(t *testing.T) {
	const claim = `{"type":"claim.paid","amount":100,"id":12345678901234567890,"claim":{"id":"c7","items":[{"sku":"x"},{"sku":"y"}],"none":null},"text":"a \"b\" <c>"}`
	for _, test := range []struct {
		name, keys, body string
		want             string
		problems         []string
	}{
		{"a new one", `body = "new"`, claim, "new", nil},
		{"an empty one", `body = ""`, claim, "", nil},
		{"a file", `body_file = "busy.json"`, "", `{"busy":true}`, nil},
		{"fields alone", `set_header = { X-A = "1" }`, claim, claim, nil},

		{"a value", `json_set = { amount = 5 }`, claim, strings.Replace(claim, "100", "5", 1), nil},
		{"a value by a dotted key", `json_set = { claim.id = "c8" }`, claim, strings.Replace(claim, "c7", "c8", 1), nil},
		{"a value by a quoted path", `json_set = { "$.claim.items[1].sku" = "z" }`, claim, strings.Replace(claim, `"y"`, `"z"`, 1), nil},
		{"one of another type", `json_set = { claim.items = false }`, `{"claim":{"items":[1]}}`, `{"claim":{"items":false}}`, nil},
		{"a list of tables", `json_set = { items = [{ id = 1 }, { id = 2.5 }] }`, `{}`, `{"items":[{"id":1},{"id":2.5}]}`, nil},
		{"an empty table", `json_set = { meta = {} }`, `{"a":1}`, `{"a":1,"meta":{}}`, nil},
		{"what is not there", `json_set = { a.b.c = true }`, `{"x":1}`, `{"x":1,"a":{"b":{"c":true}}}`, nil},
		{"into an array that is not there", `json_set = { "a[2].b" = 1 }`, `{}`, `{"a":[null,null,{"b":1}]}`, nil},
		{"at the end of an array", `json_set = { "a[1]" = 2 }`, `{"a":[1]}`, `{"a":[1,2]}`, nil},
		{"beyond the end of an array", `json_set = { "a[3]" = 2 }`, `{"a":[1]}`, `{"a":[1,null,null,2]}`, nil},
		{"in an array that is all", `json_set = { "[0].id" = 2 }`, `[{"id":1}]`, `[{"id":2}]`, nil},
		{"through null", `json_set = { claim.none.x = 1 }`, claim, strings.Replace(claim, "null", `{"x":1}`, 1), nil},
		{"a name that is a number", `json_set = { "a.0" = 1 }`, `{"a":{}}`, `{"a":{"0":1}}`, nil},
		{"a name that is a number, not there", `json_set = { "a.0.-1" = 1 }`, `{}`, `{"a":{"0":{"-1":1}}}`, nil},
		{"of two members of one name the first", `json_set = { a = 3 }`, `{"a":1,"a":2}`, `{"a":3,"a":2}`, nil},
		{"text with all in it", `json_set = { a = "<\"é\\\n>&" }`, `{"a":1}`, `{"a":"<\"é\\\n>&"}`, nil},
		{"several", `json_set = { b = 2, a = 1 }`, `{}`, `{"a":1,"b":2}`, nil},
		{"what lies about it stays", `json_set = { a = 2 }`, " { \"b\" : 1.0e5 ,\n \"a\" : 1 } ", " { \"b\" : 1.0e5 ,\n \"a\" : 2 } ", nil},

		{"without a value", `json_remove = "amount"`, claim, strings.Replace(claim, `"amount":100,`, "", 1), nil},
		{"without the first element", `json_remove = "claim.items[0]"`, claim, strings.Replace(claim, `{"sku":"x"},`, "", 1), nil},
		{"without the last one", `json_remove = ["claim.items[1]", "text"]`, claim, strings.NewReplacer(`,{"sku":"y"}`, "", `,"text":"a \"b\" <c>"`, "").Replace(claim), nil},
		{"without the only member", `json_remove = "a"`, `{"a":1}`, `{}`, nil},
		{"set, then removed", `json_set = { a = 1, b = 2 }, json_remove = "a"`, `{}`, `{"b":2}`, nil},
		{"a new one, then set", `body = "{}", json_set = { a = 1 }`, "not JSON", `{"a":1}`, nil},

		{"no JSON", `json_set = { a = 1 }`, "a=1", "a=1", []string{"the body is no JSON"}},
		{"no body", `json_set = { a = 1 }`, "", "", []string{"the body is no JSON"}},
		{"through a text", `json_set = { type.x = 1, amount = 1 }`, claim, strings.Replace(claim, "100", "1", 1), []string{"type.x leads through what is no object"}},
		{"a name in an array", `json_set = { claim.items.x = 1 }`, claim, claim, []string{"claim.items.x leads through what is no object"}},
		{"an index in an object", `json_set = { "claim[0]" = 1 }`, claim, claim, []string{"claim[0] leads through what is no array"}},
		{"in what is no object at all", `json_set = { a = 1 }`, `null`, `null`, []string{"a leads through what is no object"}},
		{"too far beyond an array", `json_set = { "a[200000]" = 1 }`, `{"a":[]}`, `{"a":[]}`, []string{"a[200000]: cannot pad array for key '200000', has 0 elements, limit is 100000"}},
		{"without what is not there", `json_remove = ["nothing", "claim.items[2]", "amount.x"]`, claim, claim, []string{
			"nothing is not there", "claim.items[2] is not there", "amount.x leads through what is no object",
		}},

		{"a template", `template = '{{.Method}} {{.URL}} {{.Attempt}} {{.Key}} {{.Header.Get "webhook-id"}} {{index .Header "Webhook-Id"}}'`, claim,
			"POST http://hooks.test/claims/7?x=1 3 wh_1 wh_1 [wh_1 wh_2]", nil},
		{"a template over the payload", `template = '{"id":{{.Body.id}},"first":{{json (index .Body.claim.items 0)}},"text":{{json .Body.text}}}'`, claim,
			`{"id":12345678901234567890,"first":{"sku":"x"},"text":"a \"b\" <c>"}`, nil},
		{"a template over text", `template = '<{{.Body}}>'`, "a=1", "<a=1>", nil},
		{"a template, then set", `template = '{"n":{{.Body.amount}}}', json_set = { m = 1 }`, claim, `{"n":100,"m":1}`, nil},
		{"a template of what is not there", `template = "{{.Body.nothing}}"`, claim, claim, []string{
			`template: line 1:7: executing "template" at <.Body.nothing>: map has no entry for key "nothing"`,
		}},
		{"a template of what is no object", `template = "{{.Body.id}}"`, "text", "text", []string{
			`template: line 1:7: executing "template" at <.Body.id>: can't evaluate field id in type interface {}`,
		}},
		{"a template that makes too much", `template = '{{range $i := 300}}{{range $j := 300}}{{$.URL}}{{end}}{{end}}'`, "x", "x", []string{"template: it makes more than 1MiB"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			was := []byte(test.body)
			got, replaced, problems := rewriteOf(t, test.keys).ApplyBody(payload, was, true)

			require.Equal(t, test.want, string(got))
			require.Equal(t, test.body, string(was))
			var texts []string
			for _, err := range problems {
				texts = append(texts, err.Error())
			}
			require.Equal(t, test.problems, texts)
			require.Equal(t, !strings.HasPrefix(test.keys, "json") && !strings.HasPrefix(test.keys, "set") && test.problems == nil, replaced)
		})
	}
}

// A body of which only a part is known is changed by what does not look into it, and by nothing else.
func TestRewritePartOfABody(t *testing.T) {
	for keys, want := range map[string]string{
		`body = "new"`: "new", `body = "{}", json_set = { a = 1 }`: `{"a":1}`,
		`json_set = { a = 1 }`: "", `json_remove = "a"`: "", `template = "x"`: "",
	} {
		got, replaced, problems := rewriteOf(t, keys).ApplyBody(payload, []byte(`{"a":`), false)
		if want == "" {
			require.Equal(t, `{"a":`, string(got), keys)
			require.False(t, replaced)
			require.EqualError(t, problems[0], "the body is larger than limits.body")
			continue
		}
		require.Equal(t, want, string(got), keys)
		require.True(t, replaced)
	}
}

func TestRewriteHeader(t *testing.T) {
	step := rewriteOf(t, `set_header = { x-a = ["1", "2"], Content-Type = "text/plain" }, remove_header = ["X-B", "authorization"]`)
	header := map[string][]string{"X-A": {"0"}, "X-B": {"b"}, "Authorization": {"s"}, "X-C": {"c"}, "Content-Encoding": {"gzip"}}
	step.ApplyHeader(header, false)
	require.Equal(t, map[string][]string{"X-A": {"1", "2"}, "X-C": {"c"}, "Content-Type": {"text/plain"}, "Content-Encoding": {"gzip"}}, header)
	header["X-A"][0] = "changed"
	step.ApplyHeader(header, true)
	require.Equal(t, map[string][]string{"X-A": {"1", "2"}, "X-C": {"c"}, "Content-Type": {"text/plain"}}, header, "another body is not encoded, and nothing is shared")
	rewriteOf(t, `set_header = { Content-Encoding = "br" }`).ApplyHeader(header, true)
	require.Equal(t, []string{"br"}, header["Content-Encoding"])
}

// The published example of Standard Webhooks, with the body that was signed made by the rewrite.
func TestRewriteSignature(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	require.NoError(t, err)
	header := map[string][]string{
		"Webhook-Id": {"msg_p5jXN8AQM9LWM0D4loKWxJek"}, "Webhook-Timestamp": {"1614265330"}, "Webhook-Signature": {"v1,of another body"},
	}
	require.NoError(t, faults.Rewrite{SigningKey: key}.ApplySignature(header, []byte(`{"test": 2432232314}`)))
	require.Equal(t, []string{"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, header["Webhook-Signature"])

	require.NoError(t, faults.Rewrite{}.ApplySignature(header, []byte("other")))
	require.Equal(t, []string{"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, header["Webhook-Signature"], "nothing asks for it")
	delete(header, "Webhook-Timestamp")
	require.EqualError(t, faults.Rewrite{SigningKey: key}.ApplySignature(header, nil), "it has no Webhook-Timestamp, which would be signed")
}

// Whatever the document and the path: a set value is there, a removed one is not, and the document stays JSON.
func FuzzRewriteJSON(f *testing.F) {
	for _, seed := range [][2]string{
		{`{"a":{"b":[1,{"c":"x"}]}}`, "a.b[1].c"}, {`[]`, "[3]"}, {`{"a\"b":1,"c":2}`, "c"}, {`{"":1,"a":null}`, "a.b"}, {`{"0":[[]]}`, "0[0][1]"}, {`{"a":":,{"}`, "a"}, {` [ 1 , 2 ] `, "[0]"},
		{`{"\u0061":1}`, "a"}, {`{"a:b":{"c":1}}`, "a:b.c"}, {`{"é":1}`, "é.x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, document, text string) {
		path, err := schema.ParseJSONPath(text)
		if err != nil || !json.Valid([]byte(document)) || !utf8.ValidString(text) || len(text) > 200 { // TOML has no other text
			return
		}
		if slices.ContainsFunc(path.Steps, func(s schema.JSONStep) bool { return s.Index > 100 }) {
			return // takes long, and shows nothing new
		}
		set := faults.Rewrite{SetJSON: []faults.JSONValue{{Path: path, Value: `"new"`}}}
		cut := faults.Rewrite{RemoveJSON: []schema.JSONPath{path}}
		got, _, problems := set.ApplyBody(payload, []byte(document), true)
		require.True(t, json.Valid(got), "%s became %s", document, got)
		if len(problems) > 0 {
			require.Equal(t, document, string(got))
			return
		}
		require.Contains(t, string(got), `"new"`)
		removed, _, problems := cut.ApplyBody(payload, got, true)
		require.Empty(t, problems)
		require.True(t, json.Valid(removed), "%s became %s", got, removed)
		require.Less(t, len(removed), len(got))
	})
}
