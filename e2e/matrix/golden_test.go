package matrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/faults"
)

// golden is what docs/faults.md shows of a run.
const golden = "../../docs/clients.json"

// requireGolden compares what was seen with what the docs show, or writes it anew. Other versions of the clients may see other things: then the page, which
// names its versions, is still right.
func requireGolden(t *testing.T, o *outcome) {
	t.Helper()
	seen := o.seen(t)
	if *update {
		require.NoError(t, os.WriteFile(golden, encoded(t, seen), 0o644))
	}
	text, err := os.ReadFile(golden)
	require.NoError(t, err)
	var shown faults.Seen
	require.NoError(t, json.Unmarshal(text, &shown))
	if slices.Equal(shown.Clients, seen.Clients) {
		require.Equal(t, string(text), string(encoded(t, seen)), "make golden writes it anew")
		return
	}
	t.Logf("the docs are of other versions, and are not compared: %v, here %v", shown.Clients, seen.Clients)
}

// encoded has a line for each row, so that a change can be read.
func encoded(t *testing.T, seen faults.Seen) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("{\"Clients\": ")
	b.Write(compact(t, seen.Clients))
	b.WriteString(",\n\"Rows\": [\n")
	for i, row := range seen.Rows {
		if i > 0 {
			b.WriteString(",\n")
		}
		b.Write(compact(t, row))
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

func compact(t *testing.T, value any) []byte {
	t.Helper()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(value))
	return bytes.TrimSpace(b.Bytes())
}

// seen is the outcome as the docs show it. What is the same after deliver_first is left out.
func (o *outcome) seen(t *testing.T) faults.Seen {
	t.Helper()
	seen := faults.Seen{}
	versions := harness.Versions(t)
	for _, client := range harness.Clients() {
		name := string(client)
		if client == harness.Go {
			name = "Go"
		}
		seen.Clients = append(seen.Clients, faults.SeenClient{Name: name, Version: versions[client]})
	}
	for _, row := range o.rows {
		if strings.HasSuffix(row.name, deliveredToo) {
			continue
		}
		one := faults.SeenRow{Kind: row.kind, Fault: row.told(), Lines: o.lines(row)}
		if heard, has := o.wire[row.name]; has && !row.relaysUnchanged() {
			one.Wire = heard.shown(row)
		}
		seen.Rows = append(seen.Rows, one)
	}
	return seen
}

var (
	standIn    = regexp.MustCompile(`,? ?body = "0123456789"`)
	bareForm   = regexp.MustCompile(`^malformed = \{ as = (.*) \}$`)
	longString = regexp.MustCompile(`"[^"]{40,}"`)
)

// told is the fault in short.
func (r row) told() []string {
	lines := strings.Split(r.anywhere(r.fault), "\n")
	for i, line := range lines {
		line = standIn.ReplaceAllString(line, "")
		line = bareForm.ReplaceAllString(line, "malformed = $1")
		line = strings.Replace(line, "= { }", "= true", 1)
		lines[i] = longString.ReplaceAllString(line, `"…"`)
	}
	return lines
}

// anywhere is a text with common paths in place of the row's own.
func (r row) anywhere(text string) string {
	return strings.NewReplacer(r.path()+landed, "/elsewhere", r.path(), "/hook").Replace(text)
}

// relaysUnchanged reports whether there is nothing on the wire but the target's own answer.
func (r row) relaysUnchanged() bool {
	return r.relays && r.truth.first == "" && r.sound == "" && r.truth.says == healthy().says
}

// lines are what the clients have, placements in which they have the same in one.
func (o *outcome) lines(r row) []faults.SeenLine {
	var lines []faults.SeenLine
	for _, in := range []placement{gateway, forward, intercept, tunnel, listener} {
		if !r.is(in) {
			continue
		}
		cells := o.cells(r, in)
		at := slices.IndexFunc(lines, func(line faults.SeenLine) bool { return slices.Equal(line.Cells, cells) })
		if at < 0 {
			lines = append(lines, faults.SeenLine{Where: in.told(), Cells: cells})
			continue
		}
		lines[at].Where += ", " + in.told()
	}
	if r.in == nil && len(lines) == 1 {
		lines[0].Where = "everywhere"
	}
	for i := range lines {
		if r.second {
			lines[i].Where += ", 2nd attempt of a connection"
		}
	}
	return lines
}

func (p placement) told() string {
	switch p {
	case forward:
		return "HTTP_PROXY"
	case tunnel:
		return "tunnel"
	case intercept:
		return "opened"
	case gateway:
		return "gateway"
	case listener:
		return "own listener"
	default:
		panic("matrix: placement " + string(p))
	}
}

// cells are what each client has of a row, and what the failure itself gives where that is something else.
func (o *outcome) cells(r row, in placement) []string {
	cells := make([]string, len(harness.Clients()))
	for i, client := range harness.Clients() {
		at := cell{r.name, client}
		got, truth := o.through[in][at].told(r), o.truth(in)[at].told(r)
		if cells[i] = got; got != truth {
			cells[i] += ", not " + truth
		}
	}
	return cells
}

// told is what a client has, in short.
func (s saw) told(r row) string {
	var told string
	switch {
	case s.Error != "" && s.Error == "HTTPError":
		told = fmt.Sprintf("`%s` %d", s.Error, s.Status)
	case s.Error != "":
		told = "`" + inShort(s.Error) + "`"
	default:
		told = fmt.Sprint(s.Status) + s.bodyTold(r)
	}
	if len(s.Sent) > 1 {
		told += fmt.Sprintf(" ×%d", len(s.Sent))
	}
	if len(s.Landed) > 0 {
		told += " after a " + s.Landed[0]
	}
	return told
}

// bodyTold says what is wrong with a body that its client takes for a good one.
func (s saw) bodyTold(r row) string {
	switch {
	case r.sound != "":
		return ", " + s.Body
	case s.Body == partOfBody:
		return ", short body"
	case r.truth.answers(s.Body), len(s.Landed) > 0:
		return ""
	case s.Body == "":
		return ", no body"
	default:
		return ", short body"
	}
}

// answers reports whether this is the whole body of the failure's answer.
func (f failure) answers(body string) bool {
	_, size, complete := f.answered()
	return f.says == "" || complete && size == int64(len(body))
}

// inShort is a Go error without what net/http says of every one, and without what it quotes.
func inShort(text string) string {
	text = strings.TrimPrefix(text, "net/http: HTTP/1.x transport connection broken: ")
	text, _, _ = strings.Cut(text, ` "`)
	return text
}

// shown is what came, in lines that can be read, and what followed it.
func (c came) shown(r row) []string {
	const longest, most = 100, 12
	var lines []string
	text := strings.TrimSuffix(r.anywhere(c.bytes), "\r\n")
	for i, line := range strings.Split(text, "\r\n") {
		if i == 0 && line == "" {
			continue
		}
		switch name, _, _ := strings.Cut(line, ": "); {
		case name == "Date":
			line = "Date: ..."
		case name == "Via":
			line = "Via: 1.1 ..."
		case name == "Retry-After":
			line = retryAfterTold(line)
		case len(line) > longest:
			line = fmt.Sprintf("%s... (%d bytes)", line[:20], len(line))
		}
		lines = append(lines, strings.ReplaceAll(strings.Trim(strconv.QuoteToASCII(line), `"`), `\"`, `"`))
	}
	if len(lines) > most {
		left := len(lines) - most
		lines = slices.Concat(lines[:most/2], []string{fmt.Sprintf("... %d more lines", left)}, lines[len(lines)-most/2:])
	}
	return append(lines, map[string]string{
		endKept: "(the connection is kept)", endFIN: "(FIN)", endRST: "(RST)", endSilence: "(nothing more)",
	}[c.end])
}

// retryAfterTold is the field as it is at the first moment.
func retryAfterTold(line string) string {
	_, value, _ := strings.Cut(line, ": ")
	switch _, err := strconv.Atoi(value); {
	case err != nil:
		return "Retry-After: (the date in an hour)"
	case roughly(value) != value:
		return "Retry-After: 3600"
	}
	return line
}
