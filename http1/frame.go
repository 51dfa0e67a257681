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
	r.Close = closes(r)
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
	modern := r.ProtoAtLeast(1, 1)
	head.Waits = modern && (coded || length > 0) && httpguts.HeaderValuesContainsToken(r.Header["Expect"], "100-continue")
	if !coded || !modern { // which knows none
		r.ContentLength = length
		return nil
	}
	// One alone, and chunked: whatever else there may be, who comes behind could take it for another framing.
	if len(codings) != 1 || !strings.EqualFold(codings[0], "chunked") {
		return &Malformed{http.StatusNotImplemented, "Unsupported transfer encoding"}
	}
	delete(r.Header, "Content-Length")
	r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
	return announce(r)
}

// closes reports whether the sender wants no answer after this one.
func closes(r *http.Request) bool {
	options := r.Header["Connection"]
	if len(options) == 0 {
		return !r.ProtoAtLeast(1, 1)
	}
	if httpguts.HeaderValuesContainsToken(options, "close") {
		return true
	}
	return !r.ProtoAtLeast(1, 1) && !httpguts.HeaderValuesContainsToken(options, "keep-alive")
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
			return 0, malformed("several Content-Length headers that differ")
		}
	}
	if len(values) > 1 {
		h["Content-Length"] = []string{text}
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0, malformed("malformed Content-Length")
	}
	return int64(n), nil
}

// announce takes the names of the trailer out of the fields (RFC 9110 6.6.2).
func announce(r *http.Request) *Malformed {
	values, given := r.Header["Trailer"]
	if !given {
		return nil
	}
	delete(r.Header, "Trailer")
	for name := range listed(values) {
		switch name {
		case "Transfer-Encoding", "Trailer", "Content-Length":
			return malformed("a trailer cannot have %s", name)
		}
		if r.Trailer == nil {
			r.Trailer = make(http.Header)
		}
		r.Trailer[name] = nil
	}
	return nil
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
