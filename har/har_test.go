package har_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/har"
)

func attempt(number int, body any, came string) *deliveries.Attempt {
	no, sum := false, sha256.Sum256([]byte(came))
	return &deliveries.Attempt{
		Delivery: "5f2c", Start: time.Date(2026, 11, 24, 9, 0, number, 250_000_000, time.UTC), Attempt: number, ID: "a" + string(rune('0'+number)), Key: "wh_1",
		Outcome: deliveries.Rejected, Reached: deliveries.None, Delivered: &no, Method: "POST", URL: "http://hooks.test/claims/7?x=a%20b&token=sha256:2bb80d53",
		MS: deliveries.Times{FirstByte: 3.5, Total: 4}, Rules: []string{"outage"}, Faults: []string{"status"}, End: deliveries.Complete, EndedBy: deliveries.ByProxy,
		Request: deliveries.Message{Bytes: int64(len(came)), SHA256: hex.EncodeToString(sum[:]), Body: body, Header: map[string][]string{
			"Content-Type": {"application/json"}, "Authorization": {"sha256:c13e77fb"}, "X-Two": {"b", "a"},
		}},
		Answer: &deliveries.Answer{Status: 503, Bytes: 2, Header: map[string][]string{"Retry-After": {"30"}, "Content-Type": {"text/plain"}}},
	}
}

// attempts are one of each kind of ending and of body.
func attempts() []*deliveries.Attempt {
	yes := true
	answered := attempt(2, `{"n":1}`, `{"n":1}`)
	answered.Outcome, answered.Reached, answered.Delivered, answered.EndedBy, answered.Rules = deliveries.Acknowledged, deliveries.Whole, &yes, deliveries.ByTarget, nil
	answered.Answer.Status, answered.Target = 200, &deliveries.Target{Status: 200, Addr: "[2001:db8::7]:80"}
	hung := attempt(3, nil, `{"n":1}`)
	hung.Outcome, hung.Answer, hung.End, hung.EndedBy, hung.MS = deliveries.Unanswered, nil, deliveries.Silence, deliveries.BySender, deliveries.Times{Total: 10_000}
	cut := attempt(4, `{"token":"sha256:2d711642"}`, `{"token":"x"}`)
	cut.Outcome, cut.End = deliveries.Broken, deliveries.Cut
	cut.Answer.Header = map[string][]string{"Location": {"http://hooks.test/there"}}
	return []*deliveries.Attempt{hung, answered, attempt(1, map[string]any{"base64": "/w=="}, "\xff"), cut, attempt(5, nil, "")}
}

func TestStructure(t *testing.T) {
	for _, all := range [][]*deliveries.Attempt{nil, attempts()} {
		text, err := har.Of(all, "0.1")
		require.NoError(t, err)
		require.Empty(t, misfits(text))
	}
}

// What is no HAR 1.2 is seen to be none.
func TestMisfits(t *testing.T) {
	text, err := har.Of(attempts(), "0.1")
	require.NoError(t, err)
	for _, tt := range []struct{ old, new, want string }{
		{`"version": "1.2",`, ``, ".log.version: missing"},
		{`"httpVersion": "HTTP/1.1"`, `"httpVersion": 1.1`, ".log.entries[0].request.httpVersion: 1.1 is no string"},
		{`"startedDateTime": "2026-11-24T09:00:01.25Z"`, `"startedDateTime": "yesterday"`, ".log.entries[0].startedDateTime: yesterday is no date"},
		{`"cache": {}`, `"cache": {"hits": 1}`, ".log.entries[0].cache.hits: not in HAR 1.2"},
		{`"wait": 3.5`, `"wait": -2`, ".log.entries[0].timings.wait: -2 is no number"},
		{`"cookies": []`, `"cookies": null`, ".log.entries[0].request.cookies: <nil> is no cookie[]"},
	} {
		other := strings.Replace(string(text), tt.old, tt.new, 1)
		require.NotEqual(t, string(text), other)
		require.Equal(t, []string{tt.want}, misfits([]byte(other)))
	}
}

// entry is what is looked at below.
type entry struct {
	Time    float64
	Request struct {
		Headers, QueryString []pair
		PostData             *struct{ MimeType, Text, Comment string }
	}
	Response struct {
		Status              int
		StatusText, Comment string
		RedirectURL         string
	}
	Timings struct{ Send, Wait, Receive float64 }
	IP      string `json:"serverIPAddress"`
	Comment string
	Ours    struct {
		Attempt  int
		EndedBy  string `json:"ended_by"`
		Delivery string
	} `json:"_faultline"`
}

type pair struct{ Name, Value, Comment string }

func TestEntries(t *testing.T) {
	text, err := har.Of(attempts(), "0.1")
	require.NoError(t, err)
	var file struct{ Log struct{ Entries []entry } }
	require.NoError(t, json.Unmarshal(text, &file))
	of := file.Log.Entries
	require.Len(t, of, 5)

	for i, e := range of { // in the order in which they began, the whole time being the sum of its parts
		require.Equal(t, i+1, e.Ours.Attempt)
		require.InDelta(t, e.Time, e.Timings.Send+e.Timings.Wait+e.Timings.Receive, 1e-9)
	}
	require.Equal(t, []pair{
		{"Authorization", "sha256:c13e77fb", "redacted by faultline"}, {"Content-Type", "application/json", ""}, {"X-Two", "b", ""}, {"X-Two", "a", ""},
	}, of[0].Request.Headers)
	require.Equal(t, []pair{{"x", "a b", ""}, {"token", "sha256:2bb80d53", "redacted by faultline"}}, of[0].Request.QueryString)
	require.Equal(t, "faultline: outage", of[0].Comment)
	require.Equal(t, 503, of[0].Response.Status)
	require.Equal(t, "Service Unavailable", of[0].Response.StatusText)
	require.Equal(t, "/w==", of[0].Request.PostData.Text)
	require.Equal(t, "base64: it is no UTF-8", of[0].Request.PostData.Comment)

	require.Equal(t, `{"n":1}`, of[1].Request.PostData.Text)
	require.Empty(t, of[1].Request.PostData.Comment)
	require.Equal(t, "2001:db8::7", of[1].IP)

	require.Equal(t, 0, of[2].Response.Status)
	require.Equal(t, "no answer: silence by sender", of[2].Response.Comment)
	require.Empty(t, of[2].Request.PostData.Text)
	require.Equal(t, `not in the log: log.bodies = "full" keeps bodies`, of[2].Request.PostData.Comment)

	require.Equal(t, "not complete: cut by proxy", of[3].Response.Comment)
	require.Equal(t, "http://hooks.test/there", of[3].Response.RedirectURL)
	require.Equal(t, "not as it came: secrets in it are redacted, or its end is not in the log", of[3].Request.PostData.Comment)

	require.Nil(t, of[4].Request.PostData)
}
