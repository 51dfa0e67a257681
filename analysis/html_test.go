package analysis_test

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
)

// drawn is the question of a page: all deliveries are settled.
func drawn(t testing.TB, keys string) analysis.Question {
	t.Helper()
	q := analysis.Question{Ended: true, Plots: true, Label: "claims-outage@3f2a6c01d9e4"}
	if keys != "" {
		q.Expect = expect(t, keys)
	}
	return q
}

// pageOf is the page of a log.
func pageOf(t testing.TB, log *analysis.Log, q analysis.Question) string {
	t.Helper()
	text, err := analysis.Judge(log, q).HTML()
	require.NoError(t, err)
	return string(text)
}

// holds requires a page to have a text.
func holds(t *testing.T, page, text string) {
	t.Helper()
	require.True(t, strings.Contains(html.UnescapeString(page), text), "%q is to be in the page", text)
}

// lacks requires a page not to have a text.
func lacks(t *testing.T, page, text string) {
	t.Helper()
	require.False(t, strings.Contains(page, text), "%q is not to be in the page", text)
}

// outage is a log of so many deliveries, a second apart, which fail for a minute and are retried in step.
func outage(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "wh_%03d host=h%d.test %ds  ", i, i%3, i)
		for at, wait := i, 1; at < 60; at, wait = at+wait, 2*wait {
			fmt.Fprintf(&b, "%s %ds ", [...]string{"503", "reset", "cut"}[i%3], wait)
		}
		b.WriteString("200\n")
	}
	return b.String()
}

// The same log gives the same page, in memory or from a file, in whatever order its deliveries came.
func TestPageIsTheSame(t *testing.T) {
	records := makeLog(t, outage(90)+"lost 5s 503 1s 503\n.open wh_open 30s")
	twelveRules(records)
	want := pageOf(t, logOf(records), drawn(t, `delivered = "100%"`))
	require.Equal(t, want, pageOf(t, logOf(records), drawn(t, `delivered = "100%"`)))
	require.Equal(t, want, pageOf(t, logIn(t, write(t, records)), drawn(t, `delivered = "100%"`)))
	slices.Reverse(records)
	require.Equal(t, want, pageOf(t, logOf(records), drawn(t, `delivered = "100%"`)))
}

// twelveRules gives faulted attempts one of twelve rules.
func twelveRules(records []deliveries.Record) {
	for i, r := range records {
		if a, is := r.(*deliveries.Attempt); is && len(a.Faults) > 0 {
			a.Rules = []string{fmt.Sprintf("rule %d", i%12)}
		}
	}
}

// nodes are the elements of a page.
func nodes(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	var all []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

// elements are the names of those that are there, without the text.
func elements(t *testing.T, page string) []string {
	t.Helper()
	var names []string
	for _, n := range nodes(t, page) {
		names = append(names, n.Data)
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// What a sender, a target or a file has chosen is text, wherever it stands, and cannot push the page apart: there are no other elements and attributes than
// in the page of a log without it.
func TestPageTakesTextForText(t *testing.T) {
	records := func(evil string) []deliveries.Record {
		all := makeLog(t, outage(40)+"lost 5s 503 1s 503\ntwice 6s hidden 1s 200\nagain 7s 200 60s 200\nalone 8s 503\nown 9s down 1s 200")
		all = append(all, &deliveries.Gap{Run: "r1", Start: epoch, Until: epoch, Records: 1, Error: "full" + evil})
		for _, r := range all {
			a, is := r.(*deliveries.Attempt)
			if !is {
				continue
			}
			a.Key += evil
			a.Delivery += evil
			a.Host += evil
			a.Endpoint += evil
			a.Method += evil
			a.Error += evil
			for i := range a.Rules {
				a.Rules[i] += evil
			}
			for i := range a.Faults {
				a.Faults[i] += evil
			}
			if a.Target != nil {
				a.Target.Error += evil
			}
		}
		return all
	}
	ask := drawn(t, everything)
	plain := elements(t, pageOf(t, logOf(records("")), ask))
	require.NotContains(t, plain, "script")
	for _, evil := range []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, "</title></style></svg><script>alert(1)</script>", `{{.Title}}{{template "chart"}}`,
		`" style="position:fixed" x="`, "javascript:alert(1)", "--><script>alert(1)</script>", "`${alert(1)}`", "<![CDATA[<b>]]>",
	} {
		ask.Label = evil + "@3f2a6c01d9e4"
		page := pageOf(t, logOf(records(evil)), ask)
		require.Equal(t, plain, elements(t, page), evil)
		holds(t, page, evil[:8])
	}
}

// What would move a cursor, turn the direction of a text, or take a line of its own, is shown as such; what is long, in part.
func TestPageKeepsItsShape(t *testing.T) {
	long := strings.Repeat("k", 5000) + "end"
	page := pageOf(t, logOf(makeLog(t, "a\x1b[2J\u202eb 0s 503 1s 503\n"+long+" 1s 503 1s 503\nzero\x00\u200bwidth 2s 200")), drawn(t, ""))
	for _, r := range page {
		require.False(t, r < ' ' && r != '\n' || r == 0x7f || r == '\u202e' || r == '\u200b', "%q in the page", r)
	}
	holds(t, page, "a\uFFFD[2J\uFFFDb")
	holds(t, page, "kkk…kkk")
	holds(t, page, "end</code>")
	lacks(t, page, strings.Repeat("k", 301))
}

// A log that says what cannot be has a page all the same: times of any size, clocks that went back, outcomes of another version.
func TestPageOfNonsense(t *testing.T) {
	records := makeLog(t, "a 0s 503 1s 503 1s 200\nb 1s 503 1s 200\nc 2s 200\n.open d 3s")
	for i, change := range []func(*deliveries.Attempt){
		func(a *deliveries.Attempt) { a.MS.Total = math.MaxFloat64 },
		func(a *deliveries.Attempt) { a.MS.Total = -1e9 },
		func(a *deliveries.Attempt) { a.Start = time.Time{}.Add(time.Hour) },
		func(a *deliveries.Attempt) { a.Start = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) },
		func(a *deliveries.Attempt) { a.Outcome = "vanished" },
		func(a *deliveries.Attempt) { a.Start = a.Start.Add(-time.Hour) },
	} {
		changed := slices.Clone(records)
		for at := range changed {
			if a, is := changed[at].(*deliveries.Attempt); is && a.Key != "c" {
				one := *a
				change(&one)
				changed[at] = &one
			}
		}
		page := pageOf(t, logOf(changed), drawn(t, ""))
		require.Empty(t, regexp.MustCompile(`<[^>]*="-?(NaN|Inf)[^>]*>|<[^>]* (width|height)="-[^>]*>`).FindString(page), "change %d", i)
	}
}

// The page needs nothing else: it names no file and no address, and forbids itself to fetch any.
func TestPageNeedsNothingElse(t *testing.T) {
	page := pageOf(t, logOf(makeLog(t, outage(90))), drawn(t, ""))
	holds(t, page, `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`)
	lacks(t, page, "url(")
	lacks(t, page, "@import")
	for _, n := range nodes(t, page) {
		require.NotContains(t, []string{"script", "img", "iframe", "object", "embed", "audio", "video", "form", "base"}, n.Data)
		for _, a := range n.Attr {
			require.NotEqual(t, "src", a.Key)
			require.False(t, strings.HasPrefix(a.Key, "on"), a.Key)
			if a.Key == "href" {
				require.Regexp(t, `^(#[a-z]+|data:,)$`, a.Val)
			}
		}
	}
}

// A page does not grow with its log, and says what it has left out.
func TestPageIsBounded(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "wh_%05d host=h%02d.test %dms  %s200\n", i, i%60, 20*i, strings.Repeat("503 1s ", i%40))
		}
		return b.String()
	}
	records := makeLog(t, many(1000))
	twelveRules(records)
	page := pageOf(t, logOf(records), drawn(t, ""))
	require.Less(t, len(page), 500_000)
	for _, left := range []string{
		"Gaps and the policy: 840 of 19,500 gaps are drawn: of each attempt's those at even shares of all; gaps after attempt 14 are not drawn.",
		"Deliveries: 40 of 1,000 deliveries are drawn, of each group those with most attempts; where there are more than 32 attempts, the first of them and the last.",
		"Rules: 4 that fired less often.",
		"Endpoints: 10 that fared better.",
	} {
		holds(t, page, left)
	}
	holds(t, pageOf(t, logOf(makeLog(t, "a 0s 503 1s 200")), drawn(t, "")), "Nothing is left out")
}

var tags = regexp.MustCompile(`<[^>]*>`)

// sentences are what the page says of its plots, and why some are not there.
func sentences(page string) []string {
	var all []string
	for _, found := range regexp.MustCompile(`(?s)<figure[^>]*>\s*<h2>.*?</h2>\s*(<(?:figcaption|p)>.*?</(?:figcaption|p)>)`).FindAllStringSubmatch(page, -1) {
		all = append(all, html.UnescapeString(tags.ReplaceAllString(found[1], "")))
	}
	return all
}

// Under each plot stands what there is to be seen in it.
func TestPageSaysWhatIsToBeSeen(t *testing.T) {
	tests := []struct {
		name, log string
		want      []string
	}{
		{"an outage", outage(90), []string{
			"393 attempts in 1m31s, of which 77% failed. The busiest 1 s began at 09:00:31 with 6 attempts; 100% of these failed. Faults from 09:00:00 to 09:01:00.",
			"100% of the 303 gaps that a policy can be told by lie where the policy (exponential 1 s x2, no jitter) puts them, or up to 2 s above, as a worker may come late.",
			"90 deliveries: 60 acknowledged after retries, 30 acknowledged at once.",
			"Half of the attempts took no more than 10 ms (p50), 99 in 100 no more than 10 ms (p99).",
			"Of 20 retries after the outage of h2.test that ended at 09:00:59, 3 (15%) came within one second, 960 ms after its end.",
		}},
		{"one attempt", "a 0s 200", []string{
			"1 attempt in 10 ms, of which 0% failed. At no time did half of the attempts meet a fault.",
			"No attempt was followed by another whose wait was the sender's own, so there is no policy to be seen.",
			"1 delivery: 1 acknowledged at once.",
			"Half of the attempts took no more than 10 ms (p50), 99 in 100 no more than 10 ms (p99).",
			"No outage of one host ended with 20 deliveries waiting for a retry, so how they come back together cannot be seen.",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, sentences(pageOf(t, logOf(makeLog(t, tt.log)), drawn(t, ""))))
		})
	}
}

// An empty log has a page, too.
func TestPageOfNothing(t *testing.T) {
	page := pageOf(t, &analysis.Log{}, drawn(t, ""))
	holds(t, page, "no attempt came through faultline")
	lacks(t, page, "<figure")
}

// Of several senders each has its policy, and its gaps.
func TestPageOfSeveralSenders(t *testing.T) {
	a := place{"10.0.0.1", "a.test", "/c"}.put(crowdNamed(t, "constant").log(t, 1, 60), "a")
	b := place{"10.0.0.1", "b.test", "/c"}.put(crowdNamed(t, "exponential").log(t, 51, 60), "b")
	page := pageOf(t, logOf(slices.Concat(a, b)), drawn(t, ""))
	for _, want := range []string{
		"<li><strong>host a.test: constant 5 s", "<li><strong>host b.test: exponential", "<h2>Gaps and the policy of host a.test</h2>", "<h2>Gaps and the policy of host b.test</h2>",
	} {
		holds(t, page, want)
	}
}
