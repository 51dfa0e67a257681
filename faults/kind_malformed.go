package faults

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/faultline/faultline/schema"
)

var malformedKind = Kind{
	Name: "malformed",
	Doc: "The answer is not sound HTTP: `garbage` (no status line), `chunk` (a bad chunk size), `gzip` (a body that is not what Content-Encoding says), " +
		"`huge_header` (one of 130,000 bytes), `many_headers` (300). The first two end with a FIN. It is always a stand-in that is " +
		"bent, also with `deliver_first`.",
	Imitates: "another protocol on the port, a middlebox that meddles, headers that grew too large",
	Cousins:  "WireMock: `MALFORMED_RESPONSE_CHUNK`, `RANDOM_DATA_THEN_CLOSE`. toxiproxy, Envoy: none.",
	Terminal: true,
	Main:     "as",
	OnAnswer: true,
	New:      func() Fault { return &malformed{standIn: newStandIn()} },
}

// malformed: an answer that clients fail on.
type malformed struct {
	standIn
	as malformation
}

type malformation string

const (
	garbage     malformation = "garbage"
	badChunk    malformation = "chunk"
	badGzip     malformation = "gzip"
	hugeHeader  malformation = "huge_header"
	manyHeaders malformation = "many_headers"
)

func (f *malformed) Fields() []schema.Field {
	return append([]schema.Field{
		schema.Enum(&f.as, "as", "what is wrong with the answer", garbage, badChunk, badGzip, hugeHeader, manyHeaders).Needed(),
	}, f.standIn.fields()...)
}

func (f *malformed) Check(v schema.Value, _ fs.FS) { f.standIn.check(v) }

// The sizes at which clients fail, and others do not (docs/faults.md).
const (
	hugeHeaderBytes  = 130_000
	manyHeadersCount = 300
)

func (f *malformed) Parts(Occasion) []Part {
	end := func(step Step) Part { return Part{Stage: StageTerminal, Step: step, Ends: true} }
	whole := f.answer()
	switch f.as {
	case garbage:
		return []Part{end(Raw{Body: []byte("\x00\x01 this is no answer\r\n\r\n")}), end(Finish{})}
	case badChunk:
		head := fmt.Sprintf("HTTP/1.1 %d Odd\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", f.code)
		return []Part{end(Raw{Status: f.code, Head: []byte(head), Body: []byte("xyz\r\n" + f.body + "\r\n0\r\n\r\n")}), end(Finish{})}
	case badGzip:
		whole.Header["Content-Encoding"] = []string{"gzip"}
	case hugeHeader:
		whole.Header["X-Huge"] = []string{strings.Repeat("x", hugeHeaderBytes)}
	case manyHeaders:
		for i := range manyHeadersCount {
			whole.Header[fmt.Sprintf("X-Many-%03d", i)] = []string{"x"}
		}
	default:
		panic(fmt.Sprintf("faults: malformed as %q", f.as))
	}
	return []Part{end(whole)}
}

// Unnoticed says who takes the answer for a sound one.
func (f *malformed) Unnoticed() (by, mend string) {
	switch f.as {
	case badGzip:
		return "urllib does not unpack, and takes it for a 200", "chunk and garbage are seen by every client"
	case hugeHeader:
		return "Go takes it for a 200", "chunk and garbage are seen by every client"
	case manyHeaders:
		return "httpx, curl and Go take it for a 200", "chunk and garbage are seen by every client"
	case garbage, badChunk:
		return "", ""
	default:
		panic(fmt.Sprintf("faults: malformed as %q", f.as))
	}
}
