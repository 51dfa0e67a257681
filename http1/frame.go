package http1

import (
	"iter"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// frame finds out how long the body is, and whether the connection ends with the request (RFC 9112 6.3, 9.3).
func frame(r *http.Request, head *Head) *Malformed {
	modern := r.ProtoAtLeast(1, 1)
	r.Close = closes(r.Header, modern)
	codings, coded := r.Header["Transfer-Encoding"]
	_, counted := r.Header["Content-Length"]
	head.Coded, head.Misframed = coded, coded && counted
	if coded {
		delete(r.Header, "Transfer-Encoding")
	}
	length, why := contentLength(r.Header)
	if why != nil {
		return why
	}
	head.Waits = modern && (coded || length > 0) && httpguts.HeaderValuesContainsToken(r.Header["Expect"], "100-continue")
	if !coded || !modern { // which knows none
		r.ContentLength = length
		return nil
	}
	if why := chunked(codings); why != nil {
		return why
	}
	delete(r.Header, "Content-Length")
	r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
	r.Trailer, why = announced(r.Header)
	return why
}

// chunked refuses all codings but this: one alone, and chunked. Whatever else there may be, who comes behind could take it for another framing.
func chunked(codings []string) *Malformed {
	if len(codings) == 1 && strings.EqualFold(codings[0], "chunked") {
		return nil
	}
	return &Malformed{http.StatusNotImplemented, "unsupported transfer encoding"}
}

// closes reports whether the connection ends with this message, or with the answer to it; modern is HTTP/1.1 (RFC 9112 9.3).
func closes(h http.Header, modern bool) bool {
	options := h["Connection"]
	if len(options) == 0 {
		return !modern
	}
	if httpguts.HeaderValuesContainsToken(options, "close") {
		return true
	}
	return !modern && !httpguts.HeaderValuesContainsToken(options, "keep-alive")
}

// contentLength is what the fields say; 0 where they say nothing. One that is repeated counts once.
func contentLength(h http.Header) (int64, *Malformed) {
	values := h["Content-Length"]
	if len(values) == 0 {
		return 0, nil
	}
	text := textproto.TrimString(values[0])
	for _, again := range values[1:] {
		if textproto.TrimString(again) != text {
			return 0, malformed("several Content-Length headers that differ: %.40q, %.40q", text, again)
		}
	}
	if len(values) > 1 {
		h["Content-Length"] = []string{text}
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, malformed("malformed Content-Length %.40q", text)
	}
	return int64(n), nil
}

// announced takes the names of the trailer out of the fields (RFC 9110 6.6.2).
func announced(h http.Header) (http.Header, *Malformed) {
	values, given := h["Trailer"]
	if !given {
		return nil, nil
	}
	delete(h, "Trailer")
	var trailer http.Header
	for name := range listed(values) {
		switch name {
		case "Transfer-Encoding", "Trailer", "Content-Length":
			return nil, malformed("a trailer cannot have %s", name)
		}
		if trailer == nil {
			trailer = make(http.Header)
		}
		trailer[name] = nil
	}
	return trailer, nil
}

// TrailerNames are the names in the values of a Trailer that a trailer may have.
func TrailerNames(values []string) (names []string) {
	for name := range listed(values) {
		if httpguts.ValidTrailerHeader(name) {
			names = append(names, name)
		}
	}
	return names
}

// listed are the names in values that list them, in the letters of net/http.
func listed(values []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, value := range values {
			for name := range strings.SplitSeq(value, ",") {
				if name = textproto.TrimString(name); name != "" && !yield(http.CanonicalHeaderKey(name)) {
					return
				}
			}
		}
	}
}
