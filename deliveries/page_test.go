package deliveries

import (
	"flag"
	"os"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write goldens anew")

// TestPage: docs/log.md says what the code says. Its lines are written by a Writer, its tables are the comments of the fields and constants in the
// source, and its recipes are run by TestRecipes.
func TestPage(t *testing.T) {
	const page = "../docs/log.md"
	want := renderPage(t)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want, string(got), "make golden writes it anew")
}

func renderPage(t *testing.T) string {
	t.Helper()
	said := readSource(t)
	lines := exampleLines(t)
	page, err := template.New("log.md.tmpl").Funcs(template.FuncMap{
		"kinds":   func() []kindOfLine { return kindsOfLine() },
		"line":    func(kind Event) string { return lines[kind] },
		"says":    said.synopsis,
		"fields":  func(name string) (string, error) { return said.fieldTable(name) },
		"sets":    func() []set { return sets() },
		"values":  func(s set) (string, error) { return said.valueTable(s) },
		"recipes": recipes,
	}).ParseFiles("testdata/log.md.tmpl")
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, page.Execute(&b, nil))
	return b.String()
}

// kindOfLine is a kind of line and the type that it is written from.
type kindOfLine struct {
	Event Event
	Type  string
}

// kindsOfLine are in the order of the page.
func kindsOfLine() []kindOfLine {
	return []kindOfLine{
		{EventAttempt, "Attempt"}, {EventRun, "Run"}, {EventOpen, "Open"}, {EventAmend, "Amend"}, {EventConnect, "Connect"}, {EventTunnel, "Tunnel"},
		{EventOther, "Other"}, {EventGap, "Gap"}, {EventChange, "Change"},
	}
}

// set is a closed set of values, and the field that the page names it by.
type set struct{ Type, Name string }

func sets() []set {
	return []set{{"Outcome", "outcome"}, {"Reached", "reached"}, {"End", "end"}, {"Party", "ended_by"}, {"What", "what"}}
}

// exampleLines gives a line of each kind, as a Writer writes it.
func exampleLines(t *testing.T) map[Event]string {
	t.Helper()
	dir := t.TempDir()
	writeExample(t, dir)
	lines := map[Event]string{}
	for line := range strings.Lines(text(t, dir, "000001.jsonl")) {
		kind, err := kindOf([]byte(line))
		require.NoError(t, err)
		if lines[kind] == "" {
			lines[kind] = strings.TrimSuffix(line, "\n")
		}
	}
	require.Len(t, lines, len(kindsOfLine()))
	return lines
}
