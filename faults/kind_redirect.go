package faults

import (
	"io/fs"
	"net/url"
	"strings"

	"github.com/faultline/faultline/schema"
)

var redirectKind = Kind{
	Name: "redirect",
	Doc: "The request is read, then the sender is sent elsewhere: a status with Location and no body. `to = \"loop\"` sends it to where it came from, for ever. " +
		"At 301 and 302 many clients go on with a GET that has lost the payload; 307 and 308 keep it.",
	Imitates: "an endpoint that has moved, http that became https, a login page in front of an API",
	Cousins:  "WireMock: `status` with a Location. Envoy: `redirect` of a route. toxiproxy: none.",
	Terminal: true,
	Main:     "to",
	OnAnswer: true,
	New:      func() Fault { return &redirect{code: 307} },
}

// redirect: a whole answer with Location.
type redirect struct {
	to   string
	code int
}

// redirectLoop is the value of to that sends a sender to where it came from.
const redirectLoop = "loop"

func (f *redirect) Fields() []schema.Field {
	return []schema.Field{
		schema.String(&f.to, "to", `where to: a URL, a path, or "loop"`).Needed(),
		schema.Int(&f.code, "code", 300, 308, "the status: 301, 302, 303, 307 or 308"),
	}
}

func (f *redirect) Check(v schema.Value, _ fs.FS) {
	switch f.code {
	case 301, 302, 303, 307, 308:
	default:
		v.Key("code").Reject("sends nobody anywhere", "one of 301, 302, 303, 307, 308", "")
	}
	if at, err := url.Parse(f.to); err != nil || f.to == "" || at.IsAbs() && at.Host == "" {
		v.Complain("leads nowhere", `to = "https://other.example.com/hook", a path, or "loop"`)
	}
}

func (f *redirect) Parts(at Occasion) []Part {
	to := f.to
	if to == redirectLoop && at.URL != nil {
		to = itself(at.URL())
	}
	return []Part{{Stage: StageTerminal, Ends: true, Step: Answer{Status: f.code, Header: map[string][]string{"Location": {to}}}}}
}

// itself is a reference to the URL that was asked for, from its last segment on (RFC 3986 5.2): behind a gateway the sender knows the target by another
// scheme, host and folder.
func itself(asked string) string {
	at, err := url.Parse(asked)
	if err != nil {
		return asked // what was read from a request can be read again
	}
	path := at.EscapedPath()
	last := "./" + path[strings.LastIndex(path, "/")+1:]
	if at.RawQuery != "" {
		last += "?" + at.RawQuery
	}
	return last
}

// Unnoticed says who loses the payload on the way, and takes the end of it for success.
func (f *redirect) Unnoticed() (by, mend string) {
	if f.code > 303 || f.to == redirectLoop {
		return "", ""
	}
	return "requests, aiohttp, urllib and Go go on with a GET that has lost the payload, and take its answer", "307 and 308 keep method and payload"
}
