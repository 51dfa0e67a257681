package http1

import (
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Head is what net/http leaves out of a Request.
type Head struct {
	Host      string // as the sender wrote it, also beside an absolute form; "": none
	Coded     bool   // there is a Transfer-Encoding
	Misframed bool   // there is a Content-Length besides (RFC 9112 6.3)
	Waits     bool   // the sender waits for a 100 before it sends its body (RFC 9110 10.1.1)
}

// Malformed is a head that is none of HTTP/1.1.
type Malformed struct {
	Status int    // that answers a request with it: 400, or 501
	Text   string // what is wrong, for who sent it
}

func (m *Malformed) Error() string { return m.Text }

func malformed(format string, args ...any) *Malformed {
	return &Malformed{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// Parse fills r, which has nothing of a request yet, from a head, but for its Body. A target with a % that begins no escape is the target's own affair (RFC 9112
// 3.2): RequestURI has it as it came, and URL with the % escaped. Any version is parsed, and framed if it is HTTP/1. The error is a *Malformed.
func Parse(r *http.Request, text string) (Head, error) {
	line, rest := cutLine(text)
	if why := requestLine(r, line); why != nil {
		return Head{}, why
	}
	var why *Malformed
	if r.Header, why = fields(rest); why != nil {
		return Head{}, why
	}
	if r.ProtoMajor != 1 {
		return Head{}, nil
	}
	var head Head
	if why := frame(r, &head); why != nil {
		return Head{}, why
	}
	if why := host(r, &head); why != nil {
		return Head{}, why
	}
	return head, nil
}

// cutLine cuts the first line off, without its end.
func cutLine(text string) (line, rest string) {
	line, rest, _ = strings.Cut(text, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

// RequestLine reports what is wrong with the first line of a request. The error is a *Malformed.
func RequestLine(line string) error {
	line, _ = cutLine(line)
	if why := requestLine(new(http.Request), line); why != nil {
		return why
	}
	return nil
}

// requestLine parses method, target and version (RFC 9112 3).
func requestLine(r *http.Request, line string) *Malformed {
	method, rest, whole := strings.Cut(line, " ")
	target, version, more := strings.Cut(rest, " ")
	if !whole || !more {
		return malformed("malformed request line")
	}
	if !httpguts.ValidHeaderFieldName(method) { // a token as well (RFC 9110 5.6.2)
		return malformed("invalid method")
	}
	r.Method, r.RequestURI, r.Proto = method, target, version
	var known bool
	if r.ProtoMajor, r.ProtoMinor, known = http.ParseHTTPVersion(version); !known {
		return malformed("malformed HTTP version")
	}
	var err error
	if r.URL, err = parseTarget(method, target); err != nil {
		return malformed("malformed request target")
	}
	return nil
}

// parseTarget is the target of a request: in the authority form a CONNECT's, in any other else (RFC 9112 3.2).
func parseTarget(method, target string) (*url.URL, error) {
	if method == http.MethodConnect && !strings.HasPrefix(target, "/") {
		at, err := url.ParseRequestURI("http://" + target)
		if err == nil {
			at.Scheme = ""
		}
		return at, err
	}
	at, err := url.ParseRequestURI(target)
	if err == nil {
		return at, nil
	}
	escaped := escapePercents(target)
	if len(escaped) == len(target) {
		return nil, err
	}
	return url.ParseRequestURI(escaped)
}

// escapePercents writes each % that begins no escape as one (RFC 3986 2.1, 2.4).
func escapePercents(target string) string {
	var out strings.Builder
	for i := range len(target) {
		out.WriteByte(target[i])
		if target[i] == '%' && !(i+2 < len(target) && isHex(target[i+1]) && isHex(target[i+2])) {
			out.WriteString("25")
		}
	}
	return out.String()
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// manyFields is for how many there is room at first.
const manyFields = 100

// fields parses the fields of a head, or of a trailer, up to the empty line. A value that is folded over several lines is joined (RFC 9112 5.2).
func fields(text string) (http.Header, *Malformed) {
	lines := strings.Count(text, "\n")
	h, room := make(http.Header, min(lines, manyFields)), make([]string, lines)
	for {
		line, rest := cutLine(text)
		if line == "" {
			return h, nil
		}
		if continues(line) {
			return nil, malformed("a line that continues no field")
		}
		line, text = unfold(line, rest)
		name, value, found := strings.Cut(line, ":")
		if !found {
			return nil, malformed("a line without a colon")
		}
		if !httpguts.ValidHeaderFieldName(name) {
			return nil, malformed("invalid header name %.40q", name)
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			return nil, malformed("invalid value of header %.40q", name)
		}
		name = textproto.CanonicalMIMEHeaderKey(name)
		value = textproto.TrimString(value)
		if before, again := h[name]; again {
			h[name] = append(before, value)
			continue
		}
		room[0] = value
		h[name], room = room[:1:1], room[1:]
	}
}

// unfold joins a line with those that continue it, and gives what follows.
func unfold(line, rest string) (field, after string) {
	if !continues(rest) {
		return line, rest
	}
	var all strings.Builder
	all.WriteString(textproto.TrimString(line))
	for continues(rest) {
		line, rest = cutLine(rest)
		all.WriteString(" " + textproto.TrimString(line))
	}
	return all.String(), rest
}

// continues reports whether a line begins as one that continues another.
func continues(line string) bool {
	return line != "" && (line[0] == ' ' || line[0] == '\t')
}

// host takes the Host out of the fields, and judges it (RFC 9112 3.2).
func host(r *http.Request, head *Head) *Malformed {
	hosts := r.Header["Host"]
	delete(r.Header, "Host")
	switch {
	case len(hosts) > 1:
		return malformed("too many Host headers")
	case len(hosts) == 1:
		head.Host = hosts[0]
	case r.ProtoAtLeast(1, 1) && r.Method != http.MethodConnect:
		return malformed("missing required Host header")
	}
	if !httpguts.ValidHostHeader(head.Host) {
		return malformed("malformed Host header")
	}
	if r.Host = r.URL.Host; r.Host == "" {
		r.Host = head.Host
	}
	return nil
}
