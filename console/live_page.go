package console

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// The live page is whole without its script: it shows the state as of loading. The script goes on from there, and switches.
var (
	//go:embed live_page.html
	pageText string
	//go:embed live_page.js
	pageScript string
)

// pageRows is how many attempts and endpoints the page shows; its script keeps to the same.
const pageRows = 50

// pagePolicy lets our page load what is ours, and nothing else; nobody may frame it. The style stands in the page itself, and is told by its hash.
func pagePolicy() string {
	_, style, _ := strings.Cut(pageText, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// pageContent is what the page shows.
type pageContent struct {
	Version   string
	Clock     string
	Overview  *overview // nil without a Control
	Endpoints []endpoint
	Attempts  []*deliveries.Attempt
	Memory    memory
}

// livePage answers with the page, as things stand.
func livePage(cfg Config) http.HandlerFunc {
	page := template.Must(template.New("page").Funcs(pageWords()).Parse(pageText))
	return func(w http.ResponseWriter, _ *http.Request) {
		var text bytes.Buffer
		if err := page.Execute(&text, cfg.pageContent(time.Now())); err != nil {
			panic(fmt.Sprintf("console: write the page: %v", err)) // plain values into memory: cannot be
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		write(w, text.Bytes())
	}
}

func (c Config) pageContent(now time.Time) pageContent {
	all := c.Recent.all()
	grouped, _ := group(all, now)
	content := pageContent{Version: c.Version, Clock: now.Format(time.TimeOnly), Memory: all.memory}
	content.Endpoints = rank(grouped, time.Time{})
	content.Endpoints = content.Endpoints[:min(pageRows, len(content.Endpoints))]
	for _, p := range latest(all, filter{}, pageRows) {
		content.Attempts = append(content.Attempts, p.attempt())
	}
	if c.Control != nil {
		look := c.look()
		content.Overview = &look
	}
	return content
}

// pageWords are the page's words for values; its script has the same.
func pageWords() template.FuncMap {
	return template.FuncMap{
		"clock": func(t time.Time) string { return t.Local().Format(time.TimeOnly) },
		"join":  func(names []string) string { return shortened(strings.Join(names, ", ")) },
		"short": shortened,
		"ms":    milliseconds,
		"share": func(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) },
		"rated": func(share float64) string { return coloured(share == 1) },
		"shade": func(o deliveries.Outcome) string { return coloured(o == deliveries.Acknowledged) },
		"saw":   saw, "counts": countsText, "phase": phaseText, "flight": flightText, "log": logText, "reach": reachText,
	}
}

func coloured(good bool) string {
	if good {
		return "good"
	}
	return "bad"
}

// maxShown is how many characters of a text that others have chosen a cell shows.
const maxShown = 120

func shortened(text string) string {
	runes := []rune(text)
	if len(runes) <= maxShown {
		return text
	}
	return string(runes[:maxShown]) + "…"
}

func milliseconds(value any) string {
	switch ms := value.(type) {
	case float64:
		return fmt.Sprintf("%.3f ms", ms)
	case *float64:
		if ms == nil {
			return ""
		}
		return fmt.Sprintf("%.3f ms", *ms)
	default:
		panic(fmt.Sprintf("console: %T is no duration", value))
	}
}

// saw is what the sender saw: the status of a complete answer, else how it ended.
func saw(a *deliveries.Attempt) string {
	if a.End == deliveries.Complete && a.Answer != nil {
		return fmt.Sprintf("%s %d", a.Outcome, a.Answer.Status)
	}
	return fmt.Sprintf("%s %s", a.Outcome, a.End)
}

func countsText(byOutcome map[deliveries.Outcome]int) string {
	var parts []string
	for _, outcome := range outcomes() {
		if n := byOutcome[outcome]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, outcome))
		}
	}
	return strings.Join(parts, ", ")
}

func phaseText(p Phase) string {
	switch {
	case len(p.Names) == 0:
		return "there are none"
	case p.Name == "" || p.Since == nil:
		return "none is on"
	default:
		return shortened(p.Name) + " since " + p.Since.Local().Format(time.TimeOnly)
	}
}

func flightText(inFlight map[string]int) string {
	all := 0
	for _, n := range inFlight {
		all += n
	}
	if held := inFlight["held"]; held > 0 {
		return fmt.Sprintf("%d, %d of them held", all, held)
	}
	return strconv.Itoa(all)
}

func logText(l logState) string {
	text := fmt.Sprintf("%d records", l.Records)
	if l.Lost > 0 {
		text += fmt.Sprintf(", %d lost", l.Lost)
	}
	if l.Error != "" {
		text += ": " + l.Error
	}
	return text
}

func reachText(m memory) string {
	if m.From == nil {
		return "No attempt yet."
	}
	text := fmt.Sprintf("This page knows the last %d attempts, from %s on", m.Attempts, m.From.Local().Format(time.DateTime))
	if m.Forgotten > 0 {
		text += fmt.Sprintf("; %d before them are in the log alone", m.Forgotten)
	}
	return text + "."
}
