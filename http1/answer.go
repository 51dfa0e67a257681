package http1

import (
	"net/http"
	"strconv"
	"strings"
)

// ParseAnswer fills resp, which has nothing of an answer yet, from the head of one to a request of this method, but for its Body (RFC 9112 4, 6.3). Of the fields
// it leaves all but those of a framing that is another's: a Content-Length beside chunks. The error is a *Malformed.
func ParseAnswer(resp *http.Response, text, method string) error {
	line, rest := cutLine(text)
	if why := statusLine(resp, line); why != nil {
		return why
	}
	var why *Malformed
	if resp.Header, why = fields(rest); why != nil {
		return why
	}
	if why := frameAnswer(resp, method); why != nil {
		return why
	}
	return nil
}

// StatusLine reports what is wrong with the first line of an answer. The error is a *Malformed.
func StatusLine(line string) error {
	line, _ = cutLine(line)
	if why := statusLine(new(http.Response), line); why != nil {
		return why
	}
	return nil
}

// statusLine parses version, status and phrase (RFC 9112 4).
func statusLine(resp *http.Response, line string) *Malformed {
	version, status, whole := strings.Cut(line, " ")
	if !whole {
		return malformed("malformed status line")
	}
	resp.Proto, resp.Status = version, strings.TrimLeft(status, " ")
	code, _, _ := strings.Cut(resp.Status, " ")
	n, err := strconv.ParseUint(code, 10, 16)
	if len(code) != 3 || err != nil || n < 100 {
		return malformed("malformed status code %.40q", code)
	}
	resp.StatusCode = int(n)
	var known bool
	if resp.ProtoMajor, resp.ProtoMinor, known = http.ParseHTTPVersion(version); !known {
		return malformed("malformed HTTP version %.40q", version)
	}
	return nil
}

// frameAnswer finds out how long the body is, -1 where the head does not say, and whether the connection ends with it.
func frameAnswer(resp *http.Response, method string) *Malformed {
	resp.Close = closes(resp.Header, resp.ProtoAtLeast(1, 1))
	codings, coded := resp.Header["Transfer-Encoding"]
	_, counted := resp.Header["Content-Length"]
	length, why := contentLength(resp.Header)
	if why != nil {
		return why
	}
	if !counted {
		length = -1
	}
	if coded {
		delete(resp.Header, "Transfer-Encoding")
		if why := chunked(codings); why != nil {
			return why
		}
		if !resp.ProtoAtLeast(1, 1) { // its framing is faulty (RFC 9112 6.1)
			return malformed("Transfer-Encoding in HTTP/1.0")
		}
		resp.Close = resp.Close || counted // RFC 9112 6.3
		resp.TransferEncoding = []string{"chunked"}
		delete(resp.Header, "Content-Length")
		length = -1
		if resp.Trailer, why = announced(resp.Header); why != nil {
			return why
		}
	}
	switch {
	case method == http.MethodHead:
		resp.ContentLength = length
	case Bodiless(resp.StatusCode):
		resp.ContentLength = 0
	default:
		resp.ContentLength = length
		resp.Close = resp.Close || length < 0 && !coded
	}
	return nil
}

// Bodiless reports whether an answer of this status has no body, whatever its head says (RFC 9112 6.3).
func Bodiless(status int) bool {
	return status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}
