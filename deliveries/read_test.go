package deliveries

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestReadBack: what is read is what was written, whatever it is.
func TestReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 7))
	dir := t.TempDir()
	w := begin(t, Config{Dir: dir, SegmentSize: 64 << 10})
	var written, read []Record
	for range 500 {
		record := randomRecord(r)
		require.NoError(t, w.Append(context.Background(), record))
		written = append(written, normal(record))
	}
	require.NoError(t, w.Close(context.Background()))
	for _, record := range all(t, dir) {
		if _, begins := record.(*Run); !begins {
			read = append(read, record)
		}
	}
	require.Equal(t, written, read)
	require.Greater(t, len(names(t, dir)), 3)
}

func randomRecord(r *rand.Rand) Record {
	switch r.IntN(7) {
	case 5:
		return &Change{Start: moment(r), Order: uint64(r.Int64()), What: ChangedRule, Revision: r.IntN(9), Rule: word(r), On: &no}
	case 0:
		return &Open{Delivery: word(r), Start: moment(r), Attempt: r.IntN(9), ID: word(r), Host: word(r), Rules: words(r), Key: word(r)}
	case 1:
		return &Amend{ID: word(r), Outcome: Broken, End: Reset, EndedBy: BySender}
	case 2:
		until := moment(r)
		return &Connect{
			Start: moment(r), Host: word(r), Client: word(r), Listener: word(r), Until: &until, Rules: words(r), Faults: words(r), End: Reset, Error: word(r),
		}
	case 3:
		return &Tunnel{Start: moment(r), Host: word(r), Up: r.Int64(), Down: r.Int64(), MS: TunnelTimes{r.Float64() * 1e6}, End: Complete}
	case 4:
		return &Other{Start: moment(r), Host: word(r), Method: word(r), Count: r.IntN(99), Bytes: r.Int64(), ByCode: map[string]int{word(r): r.IntN(9)}}
	default:
		return randomAttempt(r)
	}
}

func randomAttempt(r *rand.Rand) *Attempt {
	a := &Attempt{
		Delivery: word(r), Start: moment(r), Attempt: r.IntN(99), Outcome: Outcome(word(r)), Reached: Whole, Host: word(r),
		MS:  Times{r.Float64(), r.Float64() * 1e3, r.Float64() * 1e6, r.Float64() * 1e9},
		Key: word(r), KeyFrom: word(r), Endpoint: word(r), ID: word(r), Try: word(r), Created: word(r), Counted: "local", Placement: word(r),
		Client: word(r), Method: word(r), URL: word(r), Rules: words(r), Faults: words(r), Phase: word(r), Scenario: word(r),
		Request:   Message{Bytes: r.Int64(), SHA256: word(r), Header: map[string][]string{word(r): {word(r), word(r)}}},
		LeftAlone: words(r), End: Cut, EndedBy: ByTarget, Error: word(r),
	}
	if r.IntN(4) == 0 {
		a.Replay = word(r)
	}
	if r.IntN(4) == 0 {
		a.Request.Announced = r.Int64()
	}
	a.Revision, a.Tunnelled = r.IntN(3), r.IntN(4) == 0
	for range r.IntN(3) {
		a.Decided = append(a.Decided, Ruling{Order: uint64(r.Int64()), MS: r.Float64() * 1e3})
	}
	for range r.IntN(3) {
		a.Copies = append(a.Copies, Copy{Status: r.IntN(600), Bytes: r.Int64(), MS: r.Float64() * 1e3, Error: word(r), Addr: word(r)})
	}
	switch r.IntN(3) {
	case 0:
		a.Request.Body = word(r)
	case 1:
		a.Request.Body = map[string]any{"base64": "AAAA"}
	}
	if r.IntN(2) == 0 {
		a.Delivered = &yes
		for i := range a.Copies {
			a.Copies[i].Delivered = &no
		}
		a.Target = &Target{Status: r.IntN(600), Bytes: r.Int64(), MS: r.Float64() * 1e3, Error: word(r), Addr: word(r), Reused: true}
		wait := r.Int64()
		a.Answer = &Answer{Status: r.IntN(600), Bytes: r.Int64(), RetryAfterMS: &wait, Header: map[string][]string{word(r): {word(r)}}}
	}
	return a
}

// word is a text with everything that JSON escapes.
func word(r *rand.Rand) string {
	letters := []string{"a", `"`, `\`, "<", "&", "\n", "\x00", "\u2028", "ü", "🦊", "{", "}", `","seq":0`, `,"start":"`}
	var text strings.Builder
	for range r.IntN(6) {
		text.WriteString(letters[r.IntN(len(letters))])
	}
	return text.String()
}

func words(r *rand.Rand) []string {
	var all []string
	for range r.IntN(3) {
		all = append(all, word(r))
	}
	return all
}

func moment(r *rand.Rand) time.Time { return time.Unix(r.Int64N(1<<32), r.Int64N(1e9)) }

// TestReadBadLines: what cannot be read is named, and the rest is read.
func TestReadBadLines(t *testing.T) {
	dir := t.TempDir()
	good := `{"v":1,"event":"amend","id":"x"}`
	tests := []struct{ name, line, want string }{
		{"garbage", "garbage", "invalid character 'g' looking for beginning of value"},
		{"half a line", `{"v":1,"event":"amend","id":`, "unexpected end of JSON input"},
		{"wrong type", `{"v":1,"event":"amend","id":7}`, "json: cannot unmarshal number into Go struct field Amend.id of type string"},
		{"another version", `{"v":2,"event":"amend"}`, "line has v 2, want 1"},
		{"another kind", `{"v":1,"event":"surprise"}`, `line has event "surprise", which this version does not know`},
		{"zeros", "\x00\x00", `invalid character '\x00' looking for beginning of value`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, "000001.jsonl")
			require.NoError(t, os.WriteFile(path, []byte(good+"\n\n"+tt.line+"\n"+good+"\n"+tt.line), 0o644))
			var errs []string
			var ids string
			for record, err := range Read(dir) {
				if err != nil {
					var bad *BadLine
					require.ErrorAs(t, err, &bad)
					errs = append(errs, err.Error())
					continue
				}
				ids += record.(*Amend).ID
			}
			require.Equal(t, "xx", ids)
			require.Equal(t, []string{path + ":3: " + tt.want, path + ":5: line without an end: " + tt.want}, errs)
		})
	}
}

// TestReadOrder: folders and files, in the order given, segments by name; no run line is needed; other files are left alone.
func TestReadOrder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a/000002.jsonl", "a/000001.jsonl", "a/000001.jsonl.torn", "a/writer.lock", "a/sub/000001.jsonl", "b.log"} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		// The last line has no end, as in a file that somebody made.
		require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, "{\"event\":\"amend\", \"v\":1, \"id\":%q}", name), 0o644))
	}
	var ids []string
	for record, err := range Read(filepath.Join(dir, "b.log"), filepath.Join(dir, "a")) {
		require.NoError(t, err)
		ids = append(ids, record.(*Amend).ID)
	}
	require.Equal(t, []string{"b.log", "a/000001.jsonl", "a/000002.jsonl"}, ids)
}

func TestReadStops(t *testing.T) {
	dir := t.TempDir()
	write(t, Config{Dir: dir}, attempt("a"), attempt("b"))
	n := 0
	for range Read(dir, dir) {
		n++
		break
	}
	require.Equal(t, 1, n)
}

func TestReadErrors(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	tests := []struct{ name, path, want string }{
		{"missing", missing, "read log: stat " + missing + ": no such file or directory"},
		{"no segments", dir, fmt.Sprintf("read log: no segments (*.jsonl, *.jsonl.zst) in %q", dir)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var errs []error
			for record, err := range Read(tt.path, dir) {
				require.Nil(t, record)
				errs = append(errs, err)
			}
			require.Len(t, errs, 1)
			require.EqualError(t, errs[0], tt.want)
			require.False(t, errors.As(errs[0], new(*BadLine)))
		})
	}
}

// FuzzDecode: a line that can be read is, written again, read as the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(runLine))
	f.Add([]byte(`{"v":1,"event":"attempt","delivery":"d","start":"2026-11-24T01:53:51.5+01:00","ms":{"total":1.00049}}`))
	f.Add([]byte(`{"v":1,"event":"gap","start":"2026-11-24T01:53:51Z","until":"0001-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		record, err := decode(line)
		if err != nil || oddNames(line) {
			return
		}
		again, err := encode(record)
		if err != nil {
			return // a time that JSON has no form for
		}
		got, err := decode(again)
		require.NoError(t, err, string(again))
		require.Equal(t, record, got)
	})
}

// oddNames tells whether an object names a member twice, or in letters that encoding/json takes for others: what is written again is another line then, and
// faultline writes no such.
func oddNames(line []byte) bool {
	seen := map[string]bool{}
	for members := json.NewDecoder(bytes.NewReader(line)); ; {
		token, err := members.Token()
		if err != nil {
			return false
		}
		if name, ok := token.(string); ok {
			if seen[name] || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
				return true
			}
			seen[name] = true
			var value json.RawMessage
			if members.Decode(&value) != nil {
				return false
			}
		}
	}
}
