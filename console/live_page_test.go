package console

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/deliveries"
)

// What senders and files have chosen stands in the page as text.
func TestLivePageEscapes(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>"'`
	r := NewRecent()
	a := ago("d1", 1, 0, deliveries.Rejected, no())
	a.Key, a.Method, a.Endpoint, a.Rules, a.Outcome = evil, evil, "http://a.test/"+evil, []string{evil}, evil
	observe(r, a)
	d := newDesk()
	d.revision.Name, d.rule.Name, d.rule.Faults, d.phase = evil, evil, []string{evil}, evil
	got := ask(t, "GET", "http://"+serve(t, NewMetrics(Config{Version: evil, Control: d, Recent: r})), nil)
	require.Equal(t, 200, got.status)
	require.NotContains(t, got.body, "<img")
	require.Equal(t, 11, strings.Count(got.body, "&lt;img src=x onerror=alert(1)&gt;"), "every place of it")
}

// The page shows what is in force, and links to the rest.
func TestLivePageShowsWhatIsInForce(t *testing.T) {
	d := newDesk()
	d.revision.Seed, d.off = 42, true
	r := NewRecent()
	a := ago("d1", 2, 0, deliveries.Unanswered, no())
	a.End = deliveries.Reset
	observe(r, a)
	got := ask(t, "GET", "http://"+serve(t, NewMetrics(Config{
		Control: d, Recent: r,
		Live:  func() Live { return Live{InFlight: map[string]int{"held": 2, "target": 1}} },
		Log:   func() LogStats { return LogStats{Records: 7, Lost: 1} },
		Ready: func() Readiness { return Readiness{Log: errors.New("no space left on device")} },
	})), nil)
	for _, want := range []string{
		"old", "111111111111", "42", "fine since ", "off: plain forwarding", "3, 2 of them held", "7 records, 1 lost: no space left on device",
		"first two fail", "key of d1", "http://a.test/d1", "unanswered reset", "10.000 ms", "0.0 %", "1 unanswered",
		"This page knows the last 1 attempts, from ",
	} {
		require.Contains(t, got.body, want)
	}
	for _, path := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(got.body, -1) {
		if path[1] != "/api/v1/events" { // which has no end
			require.Equal(t, 200, ask(t, "HEAD", "http://"+serve(t, NewMetrics(Config{Control: d}))+path[1], nil).status, path[1])
		}
	}
}

// Without an API there is nothing to be switched, and the page says what there is.
func TestLivePageWithoutControl(t *testing.T) {
	got := ask(t, "GET", "http://"+serve(t, NewMetrics(Config{})), nil)
	require.Equal(t, 200, got.status)
	require.Contains(t, got.body, `href="/metrics"`)
	require.Contains(t, got.body, "No attempt yet.")
	require.NotContains(t, got.body, "/api/v1/")
	require.NotContains(t, got.body, `id="switches"`)
}

// A browser lets the page have its style and its script, and nothing else: there is nothing else.
func TestLivePageLoadsNothingFromElsewhere(t *testing.T) {
	got := ask(t, "GET", "http://"+serve(t, NewMetrics(Config{Control: newDesk()})), nil)
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(got.body)
	sum := sha256.Sum256([]byte(style[1]))
	require.Equal(t, "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", got.header.Get("Content-Security-Policy"))
	require.Equal(t, []string{`<script src="/page.js" defer></script>`}, regexp.MustCompile(`<script.*?</script>`).FindAllString(got.body, -1))
	for _, foreign := range []string{"<link", "<img", "<iframe", " style=", " onclick=", "@import", "url("} {
		require.NotContains(t, got.body, foreign)
	}
	for _, markup := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "setHTML", "eval(", "Function(", "localStorage", "sessionStorage", "cookie", "://"} {
		require.NotContains(t, pageScript, markup)
	}
}

func TestWordsOfTheLivePage(t *testing.T) {
	since := time.Date(2026, 11, 24, 2, 0, 0, 0, time.Local)
	half := 0.5
	answered := func(end deliveries.End, answer *deliveries.Answer) *deliveries.Attempt {
		return &deliveries.Attempt{Outcome: deliveries.Broken, End: end, Answer: answer}
	}
	tests := []struct{ name, got, want string }{
		{"no phases", phaseText(Phase{}), "there are none"},
		{"between phases", phaseText(Phase{Names: []string{"a"}}), "none is on"},
		{"a phase", phaseText(Phase{Name: "a", Since: &since, Names: []string{"a"}}), "a since 02:00:00"},
		{"nothing under way", flightText(map[string]int{"held": 0}), "0"},
		{"something under way", flightText(map[string]int{"target": 1, "answer": 1}), "2"},
		{"something held", flightText(map[string]int{"target": 1, "held": 1}), "2, 1 of them held"},
		{"a log", logText(logState{Records: 3}), "3 records"},
		{"a log with a hole", logText(logState{Records: 3, Lost: 2}), "3 records, 2 lost"},
		{"a log that cannot be written", logText(logState{Error: "disk full"}), "0 records: disk full"},
		{"no memory", reachText(memory{}), "No attempt yet."},
		{"all in memory", reachText(memory{Attempts: 2, From: &since}), "This page knows the last 2 attempts, from 2026-11-24 02:00:00 on."},
		{"more than in memory", reachText(memory{Attempts: 2, Forgotten: 3, From: &since}),
			"This page knows the last 2 attempts, from 2026-11-24 02:00:00 on; 3 before them are in the log alone."},
		{"a complete answer", saw(answered(deliveries.Complete, &deliveries.Answer{Status: 503})), "broken 503"},
		{"a cut answer", saw(answered(deliveries.Cut, &deliveries.Answer{Status: 200})), "broken cut"},
		{"no answer", saw(answered(deliveries.Refused, nil)), "broken refused"},
		{"outcomes", countsText(map[deliveries.Outcome]int{deliveries.Aborted: 1, deliveries.Acknowledged: 2, deliveries.Broken: 0}), "2 acknowledged, 1 aborted"},
		{"a duration", milliseconds(1.25), "1.250 ms"},
		{"a duration that there may be", milliseconds(&half), "0.500 ms"},
		{"no duration", milliseconds((*float64)(nil)), ""},
		{"a short text", shortened(strings.Repeat("ä", maxShown)), strings.Repeat("ä", maxShown)},
		{"a long text", shortened(strings.Repeat("ä", maxShown+1)), strings.Repeat("ä", maxShown) + "…"},
	}
	for _, test := range tests {
		require.Equal(t, test.want, test.got, test.name)
	}
}
