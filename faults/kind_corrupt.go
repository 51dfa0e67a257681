package faults

import (
	"io/fs"

	"github.com/faultline/faultline/schema"
)

var corruptKind = Kind{
	Name: "corrupt",
	Doc: "The answer is whole and valid HTTP, and not what was sent: `bytes` of its body are inverted, at places that the seed picks; or, with `json`, it has its " +
		"length and is no JSON any more, as one of its brackets, commas or colons is a `~`. It is done to the target's own answer and to those of other faults, " +
		"and stays under the same Content-Encoding. Of a body whose length is not announced the first 4 KiB are held back, and what is changed lies in them; " +
		"so it does with `json`. An answer without a body, and with `json` one that is encoded or no JSON, is left alone, which the record says.",
	Imitates: "a broken cache, a proxy that mixes up encodings, a disk that lies",
	Limits:   "The framing and TLS stay sound, as a damage that HTTP itself shows is `malformed`.",
	Cousins:  "WireMock: `RANDOM_DATA_THEN_CLOSE` has no answer left. toxiproxy, Envoy: none.",
	Main:     "bytes",
	Bare:     true,
	OnAnswer: true,
	New:      func() Fault { return &corrupt{bytes: 1} },
}

// corrupt: another body of the same length.
type corrupt struct {
	bytes int
	json  bool
}

// maxCorrupt bounds what is remembered for an answer on its way.
const maxCorrupt = 1 << 16

func (f *corrupt) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.bytes, "bytes", 1, maxCorrupt, "how many bytes of the body are inverted"),
		schema.Bool(&f.json, "json", "the body is no JSON any more, by a single byte"),
	}
}

func (f *corrupt) Check(v schema.Value, _ fs.FS) {
	if given := v.Key("bytes"); f.json && given.Raw != nil {
		given.Reject("is not used with json", "", "one byte is enough to break it; leave bytes out")
	}
}

// Draws reports that places are drawn.
func (f *corrupt) Draws() bool { return true }

func (f *corrupt) Parts(at Occasion) []Part {
	step := Corrupt{Bytes: f.bytes, JSON: f.json}
	if at.Draw != nil {
		step.Draw = at.Draw("corrupt")
	}
	return []Part{{Stage: StageAnswerCorruption, Step: step}}
}

// Unnoticed says that no client looks whether a body is what was sent.
func (f *corrupt) Unnoticed() (by, mend string) {
	if f.json {
		return "to a client the answer is whole, and only who reads its JSON notices", ""
	}
	return "to a client the answer is whole, and only who checks its body notices", "json = true breaks it for all who read JSON"
}
