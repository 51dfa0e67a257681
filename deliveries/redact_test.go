package deliveries

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	sha  = "sha256:2bb80d53" // of "secret"
	shaB = "sha256:3e23e816" // of "b"
)

func redactor(t testing.TB, more ...string) *Redactor {
	t.Helper()
	r, err := NewRedactor(more)
	require.NoError(t, err)
	return r
}

func TestRedactHeader(t *testing.T) {
	tests := []struct {
		name, value string
		more        []string
		want        string
	}{
		{name: "Authorization", value: "secret", want: sha},
		{name: "Proxy-Authorization", value: "secret", want: sha},
		{name: "Cookie", value: "secret", want: sha},
		{name: "Set-Cookie", value: "secret", want: sha},
		{name: "X-Access-Token", value: "secret", want: sha},
		{name: "Webhook-Signature", value: "secret", want: sha},
		{name: "Client-Secret-Id", value: "secret", want: sha},
		{name: "X-Api-Key", value: "secret", want: sha},
		{name: "x_api_key", value: "secret", want: sha},
		{name: "AUTHORIZATION", value: "secret", want: sha},
		{name: "Webhook-Id", value: "secret", want: "secret"},
		{name: "Authorization-Hint", value: "secret", want: "secret"},
		{name: "X-Claim", value: "secret", more: []string{"x-cl*m"}, want: sha},
		{name: "X-Claim", value: "secret", more: []string{"header:X-Claim"}, want: sha},
		{name: "X-Claim", value: "secret", more: []string{"x-claim*claim"}, want: "secret"},
		{name: "Location", value: "https://u:p@h/cb?state=1&token=secret", want: "https://sha256:fd8f3144@h/cb?state=1&token=" + sha},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.want, func(t *testing.T) {
			given := map[string][]string{"Accept": {"*/*", "b"}, "Cookie": {"secret", "b"}}
			given[tt.name] = []string{tt.value}
			got := redactor(t, tt.more...).Header(given)
			require.Equal(t, tt.want, got[tt.name][0])
			require.Equal(t, []string{"*/*", "b"}, got["Accept"])
			if tt.name != "Cookie" {
				require.Equal(t, []string{sha, shaB}, got["Cookie"])
				require.Equal(t, []string{"secret", "b"}, given["Cookie"], "what was given is not changed")
			}
			require.Equal(t, []string{tt.value}, given[tt.name])
		})
	}
}

// TestRedactNothing: what holds no secret is not copied.
func TestRedactNothing(t *testing.T) {
	r := redactor(t)
	h := map[string][]string{"Content-Type": {"application/json"}, "Webhook-Id": {"wh_1"}}
	require.Zero(t, testing.AllocsPerRun(100, func() { r.Header(nil) }))
	got := r.Header(h)
	got["X"] = nil
	require.Contains(t, h, "X")
}

func TestRedactURL(t *testing.T) {
	tests := []struct{ url, want string }{
		{"http://h/claims/7?x=1", "http://h/claims/7?x=1"},
		{"http://h", "http://h"},
		{"http://h/a?token=secret", "http://h/a?token=" + sha},
		{"http://h/a?a=1&Api_Key=secret&b=%zz;&token=", "http://h/a?a=1&Api_Key=" + sha + "&b=%zz;&token="},
		{"http://h/a?%74oken=se%63ret#frag?token=x", "http://h/a?%74oken=" + sha + "#frag?token=x"},
		{"http://h/a?token", "http://h/a?token"},
		{"http://secret@h:80/a@b?c=d@e", "http://" + sha + "@h:80/a@b?c=d@e"},
		{"http://u:p@x@h", "http://sha256:a4239db1@h"},
		{"/claims?access_token=secret", "/claims?access_token=" + sha},
		{"mailto:secret@h", "mailto:secret@h"},
		{"", ""},
	}
	for _, tt := range tests {
		t.Run(tt.url, func(t *testing.T) {
			require.Equal(t, tt.want, redactor(t).URL(tt.url))
		})
	}
}

func TestRedactKey(t *testing.T) {
	tests := []struct{ from, value, want string }{
		{"header:Webhook-Id", "secret", "secret"},
		{"header:X-Api-Key", "secret", sha},
		{"query:token", "secret", sha},
		{"json:event_id", "secret", "secret"},
		{"json:auth.client_secret", "secret", sha},
		{"json:claim.iban", "secret", sha},
		{"json:claim", "secret", "secret"},
		{"json:type,json:auth.token", "secret", sha},
		{"body", "secret", "secret"},
		{"", "secret", "secret"},
		{"header:X-Api-Key", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.from, func(t *testing.T) {
			require.Equal(t, tt.want, redactor(t, "claim.iban").Key(tt.from, tt.value))
		})
	}
}

// redactJSON redacts a text that comes in parts of some size.
func redactJSON(r *Redactor, text string, size int) string {
	var got strings.Builder
	redaction := jsonRedaction{redactor: r, to: &got}
	for part := range slices.Chunk([]byte(text), size) {
		_, _ = redaction.Write(part) // a strings.Builder takes all
	}
	redaction.end()
	return got.String()
}

func TestRedactJSON(t *testing.T) {
	more := []string{"$.claim.iban", "items[1].id", "json:pin", "[0].x", "ssn"}
	tests := []struct{ name, text, want string }{
		{"none", `{"a":1}`, `{"a":1}`},
		{"a name", `{"token":"secret"}`, `{"token":"` + sha + `"}`},
		{"space is kept", " {\n \"token\" : \"secret\" , \"b\":[ 1 ] }\n", " {\n \"token\" : \"" + sha + "\" , \"b\":[ 1 ] }\n"},
		{"deep", `{"a":[{"b":{"clientSecret":"secret","c":2}}]}`, `{"a":[{"b":{"clientSecret":"` + sha + `","c":2}}]}`},
		{"a name with an escape", `{"t\u006fken":"secret"}`, `{"t\u006fken":"` + sha + `"}`},
		{"a value with an escape", `{"token":"se\u0063ret"}`, `{"token":"` + sha + `"}`},
		{"a number", `{"token":12345,"a":1}`, `{"token":"sha256:5994471a","a":1}`},
		{"an object", `{"secrets":{"a":["}"]},"b":1}`, `{"secrets":"sha256:b739d237","b":1}`},
		{"a path", `{"claim":{"iban":"secret","id":1},"iban":"open"}`, `{"claim":{"iban":"` + sha + `","id":1},"iban":"open"}`},
		{"an index", `{"items":[{"id":"open"},{"id":"secret"}]}`, `{"items":[{"id":"open"},{"id":"` + sha + `"}]}`},
		{"an index at the top", `[{"x":"secret"},{"x":"open"}]`, `[{"x":"` + sha + `"},{"x":"open"}]`},
		{"a path of one name", `{"pin":"secret","a":{"pin":"open"}}`, `{"pin":"` + sha + `","a":{"pin":"open"}}`},
		{"an extra name at any depth", `{"a":{"SSN":"secret"}}`, `{"a":{"SSN":"` + sha + `"}}`},
		{"two", `{"token":"secret","a":"token","secret":"secret"}`, `{"token":"` + sha + `","a":"token","secret":"` + sha + `"}`},
		{"cut in a secret", `{"a":1,"token":"sec`, `{"a":1,"token":"sha256:cbf75f6f"`},
		{"cut behind a name", `{"a":1,"token":`, `{"a":1,"token":`},
		{"cut in a secret object", `{"secret":{"a":"b`, `{"secret":"sha256:63415036"`},
		{"no JSON", `token=secret`, `token=secret`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for size := 1; size <= len(tt.text); size++ {
				require.Equal(t, tt.want, redactJSON(redactor(t, more...), tt.text, size), "in parts of %d bytes", size)
			}
		})
	}
}

func TestNewRedactorErrors(t *testing.T) {
	tests := []struct{ entry, want string }{
		{"", `redact "": want a header name or a JSON path`},
		{"*", `redact "*": want a header name or a JSON path`},
		{"header:", `redact "header:": want a header name or a JSON path`},
		{"a..b", `redact "a..b": want a path of names and indices, such as items[0].id`},
		{"items[*].id", `redact "items[*].id": want a path of names and indices, such as items[0].id`},
		{"json:", `redact "json:": want a path of names and indices, such as items[0].id`},
		{"a.[0]", `redact "a.[0]": want a path of names and indices, such as items[0].id`},
	}
	for _, tt := range tests {
		t.Run(tt.entry, func(t *testing.T) {
			_, err := NewRedactor([]string{tt.entry})
			require.EqualError(t, err, tt.want)
		})
	}
}

// FuzzRedactJSON: whatever a body is, a secret that encoding/json would find is gone, and what it is else stays.
func FuzzRedactJSON(f *testing.F) {
	for _, seed := range []string{`{"token":"s3cr3t"}`, `[{"a":{"token":{"x":"s3cr3t"}}}]`, `{"token":"s3cr3t`, `{"a":"\"token\":","b":"\\"}`, `{{{"token":1`, `{"`} {
		f.Add(seed)
	}
	r := redactor(f)
	f.Fuzz(func(t *testing.T, text string) {
		got := redactJSON(r, text, max(1, len(text)))
		require.Equal(t, got, redactJSON(r, text, 1), "byte by byte")
		if secretFree(text) {
			require.Equal(t, text, got)
			return
		}
		requireRedacted(t, text, got)
	})
}
