package sender

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/faultline/faultline/deliveries"
)

// Request is what an attempt of a log sent, to be sent again.
type Request struct {
	Method, URL string
	Header      http.Header
	Body        []byte
}

// RequestOf is what an attempt sent, as the log has it: method, URL, body, and the fields that belong to it and not to its connection (RFC 9110 7.6.1), marked with
// deliveries.ReplayHeader. Fields that are given stand in place of its own. An error says what the log does not have.
func RequestOf(a *deliveries.Attempt, given http.Header) (Request, error) {
	body, whole := a.Request.Whole()
	r := Request{Method: a.Method, URL: a.URL, Body: body, Header: endToEnd(a.Request.Header)}
	for name, values := range given {
		r.Header[name] = values
	}
	redacted := redactedFields(r.Header)
	switch {
	case !whole:
		return r, errors.New("its body is not in the log as it came")
	case cutOff(a):
		return r, errors.New("its body may not have come whole")
	case redactedURL(a.URL):
		return r, errors.New("a secret in its URL is redacted")
	case len(redacted) > 0:
		return r, fmt.Errorf("%s redacted: give it by --header", strings.Join(redacted, ", "))
	}
	r.Header.Set(deliveries.ReplayHeader, a.ID)
	return r, nil
}

// endToEnd is a header without what belongs to a connection, and without what says how long the body is.
func endToEnd(h map[string][]string) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		out[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	drop := []string{"Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Host", "Expect"}
	for _, value := range out["Connection"] {
		drop = append(drop, strings.Split(value, ",")...)
	}
	for _, name := range drop {
		out.Del(strings.TrimSpace(name))
	}
	return out
}

// redactedFields are the names of those that stand for a secret.
func redactedFields(h http.Header) []string {
	var names []string
	for name, values := range h {
		if slices.ContainsFunc(values, deliveries.Redacted) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// redactedURL reports whether userinfo or a value of the query stands for a secret.
func redactedURL(url string) bool {
	parts := strings.FieldsFunc(url, func(r rune) bool { return strings.ContainsRune("/@?&=#", r) })
	return slices.ContainsFunc(parts, deliveries.Redacted)
}

// cutOff reports whether the sender, or a fault, may have ended the attempt before its body had come: its hash is that of what came.
func cutOff(a *deliveries.Attempt) bool {
	if length := a.Request.Header["Content-Length"]; len(length) > 0 {
		return length[0] != strconv.FormatInt(a.Request.Bytes, 10)
	}
	return a.Request.Bytes > 0 && a.Reached != deliveries.Whole && a.End != deliveries.Complete
}

// Send sends a request once, and waits for the end. The policy's Timeout alone counts.
func (s *Sender) Send(ctx context.Context, request Request) Attempt {
	return s.once(ctx, func(ctx context.Context) (*http.Response, error) { return s.send(ctx, request) })
}

func (s *Sender) send(ctx context.Context, request Request) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, request.Method, request.URL, bytes.NewReader(request.Body))
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	r.GetBody = nil // with it, the client could send the request again by itself
	r.Header = request.Header.Clone()
	if len(r.Header["User-Agent"]) == 0 {
		r.Header["User-Agent"] = []string{""} // else the client puts its own there
	}
	return s.do(r)
}
