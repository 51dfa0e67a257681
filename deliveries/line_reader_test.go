package deliveries

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLineReader: what faultline writes about attempts is taken, whatever its values, its white space and the order of its members; and it is read as
// encoding/json reads it.
func TestLineReader(t *testing.T) {
	forms := []struct {
		name string
		form func(t *testing.T, line []byte) string
	}{
		{"as written", func(_ *testing.T, line []byte) string { return string(line) }},
		{"with white space", func(t *testing.T, line []byte) string {
			var spaced bytes.Buffer
			require.NoError(t, json.Indent(&spaced, line, "\r", " \t"))
			return spaced.String()
		}},
		{"in another order", func(t *testing.T, line []byte) string {
			var members map[string]json.RawMessage
			require.NoError(t, json.Unmarshal(line, &members))
			sorted, err := json.Marshal(members)
			require.NoError(t, err)
			return string(sorted)
		}},
		{"with members left out", func(t *testing.T, line []byte) string {
			var members map[string]any
			require.NoError(t, json.Unmarshal(line, &members))
			for _, of := range []any{members["request"], members["answer"], members["target"], members["ms"], members} {
				if of, is := of.(map[string]any); is {
					maps.DeleteFunc(of, func(name string, _ any) bool { return name != "v" && name != "event" && len(line)%len(name) == 0 })
				}
			}
			left, err := json.Marshal(members)
			require.NoError(t, err)
			return string(left)
		}},
	}
	for _, tt := range forms {
		t.Run(tt.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 7))
			whole, lean := newLineReader(true), newLineReader(false)
			for range 500 {
				record := randomRecord(r)
				require.NoError(t, stamp(record, "run", "proxy"))
				written, err := encode(record)
				require.NoError(t, err)
				line := tt.form(t, written)
				want, err := decode([]byte(line))
				require.NoError(t, err)
				p, q := new(parts), new(parts)
				taken := whole.read(line, p)
				require.Equal(t, aboutAttempts(record.event()), taken, line)
				require.Equal(t, taken, lean.read(line, q))
				if taken {
					require.Equal(t, want, p.record(), line)
					require.Equal(t, withoutHeaders(want), q.record(), line)
				}
			}
		})
	}
}

func aboutAttempts(e Event) bool { return e == EventAttempt || e == EventOpen || e == EventAmend }

func withoutHeaders(record Record) Record {
	a, ok := record.(*Attempt)
	if !ok {
		return record
	}
	lean := *a
	lean.Request.Header = nil
	if a.Answer != nil {
		answer := *a.Answer
		answer.Header = nil
		lean.Answer = &answer
	}
	return &lean
}

// TestLineReaderLeaves: what is odd is left to encoding/json, be it right or wrong.
func TestLineReaderLeaves(t *testing.T) {
	const head = `{"v":1,"event":"attempt",`
	tests := []struct{ name, line string }{
		{"nothing", ``},
		{"no object", `[1]`},
		{"half a line", head + `"id":"x"`},
		{"more behind it", head + `"id":"x"} {}`},
		{"a zero byte behind it", head + `"id":"x"}` + "\x00"},
		{"another version", `{"v":2,"event":"attempt"}`},
		{"no version", `{"event":"attempt"}`},
		{"no event", `{"v":1,"id":"x"}`},
		{"another event", `{"v":1,"event":"gap"}`},
		{"a member of another version", head + `"mood":"good"}`},
		{"a name in other letters", head + `"ID":"x"}`},
		{"a name with an escape", head + `"i\u0064":"x"}`},
		{"a member twice", head + `"id":"x","id":"y"}`},
		{"header fields twice", head + `"request":{"header":{"A":["1"]},"header":{"B":["2"]}}}`},
		{"null for a text", head + `"id":null}`},
		{"null for a list", head + `"rules":null}`},
		{"null in a list", head + `"rules":[null]}`},
		{"a number for a text", head + `"id":7}`},
		{"a text for a number", head + `"seq":"7"}`},
		{"less than zero", head + `"attempt":-1}`},
		{"a leading zero", head + `"attempt":01}`},
		{"a part of one", head + `"attempt":1.5}`},
		{"an exponent", head + `"ms":{"total":1e3}}`},
		{"too many digits", head + `"seq":18446744073709551615}`},
		{"too many places", head + `"ms":{"total":0.12345678901234567}}`},
		{"a point without places", head + `"ms":{"total":1.}}`},
		{"no digits", head + `"seq":}`},
		{"another member of an object", head + `"ms":{"lunch":1}}`},
		{"a time with an offset", head + `"start":"2026-11-24T01:53:51+01:00"}`},
		{"a time that is none", head + `"start":"2026-11-31T01:53:51Z"}`},
		{"an hour that is none", head + `"start":"2026-11-24T24:00:00Z"}`},
		{"ten places of a second", head + `"start":"2026-11-24T01:53:51.1234567890Z"}`},
		{"a fraction without digits", head + `"start":"2026-11-24T01:53:51.Z"}`},
		{"half a letter", head + `"id":"\ud83e"}`},
		{"an escape that is none", head + `"id":"\x"}`},
		{"an escape that ends", head + `"id":"\`},
		{"hexadecimal that is none", head + `"id":"\u00zz"}`},
		{"hexadecimal that ends", head + `"id":"\u00`},
		{"no UTF-8", head + "\"id\":\"\xff\"}"},
		{"a newline in a text", head + "\"id\":\"a\nb\"}"},
		{"a newline in a text with escapes", head + "\"id\":\"\\na\nb\"}"},
		{"no body", head + `"request":{"body":}}`},
		{"a body of another kind", head + `"request":{"body":[1]}}`},
		{"a comma too many", head + `"rules":["a",]}`},
		{"a comma missing", head + `"rules":["a" "b"]}`},
		{"half a word", head + `"delivered":tru}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, headers := range []bool{true, false} {
				require.False(t, newLineReader(headers).read(tt.line, new(parts)))
			}
		})
	}
}

// TestLineReaderSkips: header fields that are not wanted are held against the grammar all the same.
func TestLineReaderSkips(t *testing.T) {
	tests := []struct {
		name, header string
		want         bool
	}{
		{"none", `{}`, true},
		{"some", `{"A":["1","2"],"B":[]}`, true},
		{"escapes", `{"\"\\\/\b":["\u00e4\ud83e\n"]}`, false}, // halves of letters
		{"other escapes", `{"\"\\\/\b\f":["\u00e4\n\r\t"]}`, true},
		{"no UTF-8", "{\"A\":[\"\xff\"]}", true},
		{"a control character", "{\"A\":[\"\x01\"]}", false},
		{"no end", `{"A":["1`, false},
		{"a number", `{"A":[1]}`, false},
		{"null", `null`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := `{"v":1,"event":"attempt","request":{"header":` + tt.header + `}}`
			require.Equal(t, tt.want, newLineReader(false).read(line, new(parts)))
		})
	}
}

// TestLineMembers: they are those of the records, in their order.
func TestLineMembers(t *testing.T) {
	known := newLineMembers()
	for typ, members := range map[reflect.Type][]lineMember{
		reflect.TypeFor[Attempt](): known.attempt, reflect.TypeFor[Times](): known.times, reflect.TypeFor[Message](): known.request,
		reflect.TypeFor[Target](): known.target, reflect.TypeFor[Copy](): known.copy, reflect.TypeFor[Answer](): known.answer,
	} {
		var want, got []string
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			want = append(want, name)
		}
		for _, m := range members {
			got = append(got, m.name)
		}
		require.Equal(t, want, got, typ.Name())
	}
}

// FuzzLineReader: whatever a line is, what is taken is what encoding/json makes of it.
func FuzzLineReader(f *testing.F) {
	for _, record := range exampleRecords() {
		line, err := encode(record)
		require.NoError(f, err)
		f.Add(string(line))
	}
	f.Add(`{"v":1,"event":"open","id":"\u00e4\n","start":"2026-11-24T01:53:51.5Z"} `)
	f.Add(`{"v":1,"event":"attempt","answer":{}}`)
	f.Add(`{"event":"amend" , "v" : 1,"outcome":"\/"}`)
	f.Add(`{"v":1,"event":"attempt","ms":{"total":0.0005},"copies":[{"delivered":null}],"request":{"body":{"base64":"AA"},"header":{"A":[],"A":["b"]}}}`)
	f.Fuzz(func(t *testing.T, line string) {
		for headers, made := range map[bool]func(Record) Record{true: func(r Record) Record { return r }, false: withoutHeaders} {
			p := new(parts)
			if !newLineReader(headers).read(line, p) {
				continue
			}
			want, err := decode([]byte(line))
			require.NoError(t, err)
			require.Equal(t, made(want), p.record())
		}
	})
}
