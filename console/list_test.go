package console

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// ago is an attempt that began so long ago and took 10 ms.
func ago(delivery string, number int, since time.Duration, outcome deliveries.Outcome, delivered *bool) *deliveries.Attempt {
	return &deliveries.Attempt{
		ID: fmt.Sprintf("%s-%d", delivery, number), Delivery: delivery, Key: "key of " + delivery, Attempt: number, Start: time.Now().Add(-since),
		MS: deliveries.Times{Total: 10}, Outcome: outcome, Delivered: delivered, Host: "a.test", Endpoint: "http://a.test/" + delivery,
	}
}

// listed gets a list, whose members have to be JSON objects.
func listed(t *testing.T, r *Recent, path string) (items []map[string]any, next string) {
	t.Helper()
	got := ask(t, "GET", "http://"+serve(t, NewMetrics(Config{Control: newDesk(), Recent: r}))+path, nil)
	require.Equal(t, 200, got.status, got.body)
	var page map[string]any
	require.NoError(t, json.Unmarshal([]byte(got.body), &page))
	name, _, _ := strings.Cut(filepath.Base(path), "?")
	for _, item := range page[name].([]any) {
		items = append(items, item.(map[string]any))
	}
	next, _ = page["next"].(string)
	return items, next
}

// fields are one field of each item, in order.
func fields(items []map[string]any, name string) []any {
	var values []any
	for _, item := range items {
		values = append(values, item[name])
	}
	return values
}

// Attempts are as they stand in a log that was written, but for their bodies.
func TestAttemptsAreAsInTheLog(t *testing.T) {
	dir := t.TempDir()
	writer, _, err := deliveries.OpenWriter(deliveries.Config{Dir: dir, Run: "r1", Proxy: "p"}, deliveries.Run{})
	require.NoError(t, err)
	a := ago("d1", 1, time.Minute, deliveries.Acknowledged, yes())
	a.URL = "http://a.test/d1?a=<b>&c"
	a.Request = deliveries.Message{Bytes: 6, SHA256: "00", Header: map[string][]string{"X-<A>": {"<i>"}}, Body: "secret"}
	a.Answer = &deliveries.Answer{Status: 200}
	require.NoError(t, writer.Append(t.Context(), a))
	require.NoError(t, writer.Close(t.Context()))
	text, err := os.ReadFile(filepath.Join(dir, "000001.jsonl"))
	require.NoError(t, err)
	line := strings.Split(string(text), "\n")[1]
	want := strings.Replace(line, `"body":"secret"`, `"body":null`, 1)
	require.NotEqual(t, line, want)

	r := NewRecent()
	observe(r, a)
	got := ask(t, "GET", "http://"+serve(t, NewMetrics(Config{Control: newDesk(), Recent: r}))+"/api/v1/attempts", nil)
	require.Equal(t, fmt.Sprintf(`{"memory":{"attempts":1,"forgotten":0,"from":%q},"attempts":[%s],"next":null}`+"\n",
		a.Start.UTC().Format(time.RFC3339Nano), want), got.body)
}

// history are two deliveries at a.test and one at b.test:8080, the last of them a minute ago.
func history() *Recent {
	r := NewRecent()
	observe(r, ago("d1", 1, 30*time.Minute, deliveries.Rejected, no()))
	observe(r, ago("d2", 1, 20*time.Minute, deliveries.Unanswered, nil))
	observe(r, ago("d1", 2, 10*time.Minute, deliveries.Acknowledged, yes()))
	b := ago("d3", 1, time.Minute, deliveries.Rejected, no())
	b.Host, b.Endpoint = "b.test:8080", "http://b.test:8080/d3"
	observe(r, b)
	return r
}

func TestLists(t *testing.T) {
	tests := []struct {
		name, path, field string
		want              []any
	}{
		{"attempts, the last first", "/api/v1/attempts", "id", []any{"d3-1", "d1-2", "d2-1", "d1-1"}},
		{"attempts of an outcome", "/api/v1/attempts?state=rejected", "id", []any{"d3-1", "d1-1"}},
		{"attempts at a host", "/api/v1/attempts?host=b.test", "id", []any{"d3-1"}},
		{"attempts of late", "/api/v1/attempts?since=15m", "id", []any{"d3-1", "d1-2"}},
		{"few attempts", "/api/v1/attempts?limit=2", "id", []any{"d3-1", "d1-2"}},
		{"all at once", "/api/v1/attempts?state=rejected&host=a.test&since=1h&limit=5", "id", []any{"d1-1"}},
		{"none", "/api/v1/attempts?host=c.test", "id", nil},
		{"deliveries, the last attempt first", "/api/v1/deliveries", "delivery", []any{"d3", "d1", "d2"}},
		{"their states", "/api/v1/deliveries", "state", []any{"open", "acknowledged", "open"}},
		{"deliveries of a state", "/api/v1/deliveries?state=acknowledged", "delivery", []any{"d1"}},
		{"deliveries at a host", "/api/v1/deliveries?host=a.test", "delivery", []any{"d1", "d2"}},
		{"deliveries of late", "/api/v1/deliveries?since=15m", "delivery", []any{"d3", "d1"}},
		{"all attempts of them", "/api/v1/deliveries?since=15m", "attempts", []any{1.0, 2.0}},
		{"few deliveries", "/api/v1/deliveries?limit=1", "delivery", []any{"d3"}},
		{"endpoints, the worst first", "/api/v1/endpoints", "endpoint", []any{"http://a.test/d2", "http://b.test:8080/d3", "http://a.test/d1"}},
		{"endpoints of deliveries of a state", "/api/v1/endpoints?state=open", "endpoint", []any{"http://a.test/d2", "http://b.test:8080/d3"}},
		{"endpoints at a host", "/api/v1/endpoints?host=b.test:8080", "endpoint", []any{"http://b.test:8080/d3"}},
		{"endpoints of late", "/api/v1/endpoints?since=15m", "attempts", []any{1.0, 1.0}},
		{"few endpoints", "/api/v1/endpoints?limit=1", "endpoint", []any{"http://a.test/d2"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			items, _ := listed(t, history(), test.path)
			require.Equal(t, test.want, fields(items, test.field))
		})
	}
}

// Wrong parameters are told with what is allowed, of each list its own.
func TestListsRefuse(t *testing.T) {
	tests := []struct{ path, want string }{
		{"/api/v1/attempts?state=open", `state "open", want one of acknowledged, rejected, broken, unanswered, aborted`},
		{"/api/v1/deliveries?state=rejected", `state "rejected", want one of acknowledged, open, lost`},
		{"/api/v1/endpoints?state=bad", `state "bad", want one of acknowledged, open, lost`},
		{"/api/v1/endpoints?sort=p99", `unknown parameter "sort", want state, host, since, limit or cursor`},
		{"/api/v1/events?host=a.test", `query "host=a.test", want none: events are not filtered`},
	}
	address := serve(t, NewMetrics(Config{Control: newDesk()}))
	for _, test := range tests {
		got := ask(t, "GET", "http://"+address+test.path, nil)
		require.Equal(t, 400, got.status, test.path)
		var p problem
		require.NoError(t, json.Unmarshal([]byte(got.body), &p))
		require.Equal(t, test.want, p.Detail)
	}
}

// Who follows the cursors comes by everything once, while more is recorded, and while what he would come to is forgotten.
func TestPaging(t *testing.T) {
	for _, list := range []string{"attempts", "deliveries", "endpoints"} {
		t.Run(list, func(t *testing.T) {
			r := NewRecent()
			for n := range 25 {
				observe(r, ago(fmt.Sprintf("d%02d", n), 1, time.Minute, deliveries.Rejected, no()))
			}
			var got []any
			for cursor := ""; ; {
				query := url.Values{"limit": {"10"}}
				if cursor != "" {
					query.Set("cursor", cursor)
				}
				items, next := listed(t, r, "/api/v1/"+list+"?"+query.Encode())
				got = append(got, fields(items, "endpoint")...)
				if next == "" {
					break
				}
				require.Len(t, items, 10)
				cursor = next
				if list != "endpoints" { // their order is not that of time
					observe(r, ago("new", 1, 0, deliveries.Rejected, no()))
				}
			}
			require.Len(t, got, 25)
			require.NotContains(t, got, "http://a.test/new")
			require.ElementsMatch(t, got, uniqueOf(got))
		})
	}
	r := newRecent(2)
	for n := range 5 {
		observe(r, ago(fmt.Sprintf("d%d", n), 1, 0, deliveries.Rejected, no()))
	}
	items, next := listed(t, r, "/api/v1/attempts?cursor=2")
	require.Empty(t, items)
	require.Empty(t, next)
}

func uniqueOf(values []any) []any {
	seen := make(map[any]bool)
	var unique []any
	for _, v := range values {
		if !seen[v] {
			unique = append(unique, v)
		}
		seen[v] = true
	}
	return unique
}

// States are those of the log; silence is told by the clock, and a long gap anywhere makes for more patience.
func TestDeliveriesSettle(t *testing.T) {
	tests := []struct {
		name    string
		records []deliveries.Record
		settle  float64
		state   string // of d1
		reason  string
	}{
		{"tried just now", []deliveries.Record{ago("d1", 1, 199*time.Second, deliveries.Rejected, no())}, 200_000, "open", ""},
		{"silent for long", []deliveries.Record{ago("d1", 1, 201*time.Second, deliveries.Rejected, no())}, 200_000, "lost", "never_retried"},
		{"silent for long after more", []deliveries.Record{
			ago("d1", 1, 310*time.Second, deliveries.Rejected, no()), ago("d1", 2, 300*time.Second, deliveries.Rejected, no()),
		}, 200_000, "lost", "gave_up"},
		{"others wait long, too", []deliveries.Record{
			ago("d2", 1, 600*time.Second, deliveries.Rejected, no()), ago("d1", 1, 300*time.Second, deliveries.Rejected, no()),
			ago("d2", 2, 500*time.Second-10*time.Millisecond, deliveries.Acknowledged, yes()),
		}, 300_000, "open", ""},
		{"acknowledged, however long ago", []deliveries.Record{ago("d1", 1, time.Hour, deliveries.Acknowledged, yes())}, 200_000, "acknowledged", ""},
		{"amended", []deliveries.Record{ago("d1", 1, 0, deliveries.Acknowledged, yes()), &deliveries.Amend{ID: "d1-1", Outcome: deliveries.Broken}}, 200_000, "open", ""},
		{"hanging", []deliveries.Record{&deliveries.Open{ID: "x", Delivery: "d1", Attempt: 1, Start: time.Now().Add(-time.Minute)}}, 200_000, "open", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewRecent()
			for _, record := range test.records {
				observe(r, record)
			}
			page := lists{r}.deliveries(filter{limit: 10}, time.Now())
			require.InDelta(t, test.settle, float64(page.SettleMS), 100)
			at := slices.IndexFunc(page.Deliveries, func(d shownDelivery) bool { return d.Delivery == "d1" })
			require.GreaterOrEqual(t, at, 0)
			require.Equal(t, test.state+test.reason, string(page.Deliveries[at].State)+string(page.Deliveries[at].Reason))
		})
	}
}

func TestDeliveryIsShown(t *testing.T) {
	now := at(20)
	r := newRecent(3)
	for n := range 4 { // the first is forgotten
		a := attempt(n+1, float64(n), deliveries.Acknowledged, yes())
		a.ID, a.Key, a.Endpoint = fmt.Sprint(n+1), "wh_1", "http://a.test/hook"
		if n == 3 {
			observe(r, &deliveries.Open{ID: "4", Delivery: "d1", Attempt: 4, Start: at(3), Key: "wh_1", Endpoint: "http://a.test/hook", Host: "a.test"})
			continue
		}
		observe(r, a)
	}
	require.Equal(t, []shownDelivery{{
		Delivery: "d1", Key: "wh_1", Endpoint: "http://a.test/hook", Host: "a.test", State: deliveries.StateAcknowledged,
		Attempts: 4, Partial: true, Outcomes: []deliveries.Outcome{deliveries.Acknowledged, deliveries.Acknowledged}, Unfinished: 1,
		First: at(1).UTC(), Last: at(3).UTC(), Delivered: true, Duplicated: true, RetriedAfterAck: true,
	}}, lists{r}.deliveries(filter{limit: 1}, now).Deliveries)
}
