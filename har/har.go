package har

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// Of is the archive of attempts, as a JSON text. version is faultline's.
func Of(attempts []*deliveries.Attempt, version string) ([]byte, error) {
	attempts = slices.SortedStableFunc(slices.Values(attempts), func(a, b *deliveries.Attempt) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	all := archive{log{Version: "1.2", Creator: creator{"faultline", version}, Entries: []entry{}}}
	for _, a := range attempts {
		all.Log.Entries = append(all.Log.Entries, entryOf(a))
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(all); err != nil {
		return nil, fmt.Errorf("encode HAR: %w", err)
	}
	return text.Bytes(), nil
}

// httpVersion is the one that faultline speaks with its senders (RFC 9112).
const httpVersion = "HTTP/1.1"

// unknown stands for a size that nobody has measured.
const unknown = -1

func entryOf(a *deliveries.Attempt) entry {
	e := entry{
		Started: a.Start.UTC().Format(time.RFC3339Nano), Request: requestOf(a), Response: responseOf(a),
		Faultline: faultline{
			Delivery: a.Delivery, Key: a.Key, ID: a.ID, Attempt: a.Attempt, Outcome: a.Outcome, Reached: a.Reached, Delivered: a.Delivered,
			Rules: texts(a.Rules), Faults: texts(a.Faults), Target: a.Target, End: a.End, EndedBy: a.EndedBy, Error: a.Error,
		},
	}
	e.Timings = timings{Wait: a.MS.Total}
	if a.MS.FirstByte > 0 && a.MS.FirstByte < a.MS.Total {
		e.Timings = timings{Wait: a.MS.FirstByte, Receive: a.MS.Total - a.MS.FirstByte}
	}
	e.Time = e.Timings.Wait + e.Timings.Receive // as the specification wants it: the sum, rounding included
	if a.Target != nil {
		if host, _, err := net.SplitHostPort(a.Target.Addr); err == nil {
			e.ServerIP = host
		}
	}
	if len(a.Rules) > 0 {
		e.Comment = "faultline: " + strings.Join(a.Rules, ", ")
	}
	return e
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func requestOf(a *deliveries.Attempt) request {
	return request{
		Method: a.Method, URL: a.URL, HTTPVersion: httpVersion, Cookies: []pair{}, Headers: headers(a.Request.Header), QueryString: query(a.URL),
		PostData: bodyOf(a), HeadersSize: unknown, BodySize: a.Request.Bytes,
	}
}

// headers are the fields by name; of one name in their order.
func headers(of map[string][]string) []pair {
	all := []pair{}
	for name, values := range of {
		for _, value := range values {
			all = append(all, marked(name, value))
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// marked is a pair; one that the log has redacted says so.
func marked(name, value string) pair {
	p := pair{Name: name, Value: value}
	if deliveries.Redacted(value) {
		p.Comment = "redacted by faultline"
	}
	return p
}

// query has the parameters in their order. One that cannot be unescaped is as it came.
func query(address string) []pair {
	all := []pair{}
	rest, _, _ := strings.Cut(address, "#")
	_, text, _ := strings.Cut(rest, "?")
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		all = append(all, marked(unescaped(name), unescaped(value)))
	}
	return all
}

func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}

// bodyOf is the body as far as the log has it; nil for an empty one.
func bodyOf(a *deliveries.Attempt) *postData {
	if a.Request.Bytes == 0 {
		return nil
	}
	p := &postData{MimeType: first(a.Request.Header, "Content-Type"), Params: []pair{}}
	switch body, whole := a.Request.Whole(); {
	case a.Request.Body == nil:
		p.Comment = `not in the log: log.bodies = "full" keeps bodies`
	case whole && isText(a.Request.Body):
		p.Text = string(body)
	case whole:
		p.Text, p.Comment = base64.StdEncoding.EncodeToString(body), "base64: it is no UTF-8"
	default:
		p.Text, p.Comment = string(body), "not as it came: secrets in it are redacted, or its end is not in the log"
	}
	return p
}

func isText(body any) bool {
	_, is := body.(string)
	return is
}

func responseOf(a *deliveries.Attempt) response {
	r := response{HTTPVersion: httpVersion, Cookies: []pair{}, Headers: []pair{}, HeadersSize: unknown, BodySize: unknown, Comment: a.Error}
	if a.Answer == nil {
		r.Comment = fmt.Sprintf("no answer: %s by %s", a.End, a.EndedBy)
		return r
	}
	r.Status, r.StatusText, r.Headers = a.Answer.Status, http.StatusText(a.Answer.Status), headers(a.Answer.Header)
	r.RedirectURL, r.BodySize = first(a.Answer.Header, "Location"), a.Answer.Bytes
	r.Content = content{Size: a.Answer.Bytes, MimeType: first(a.Answer.Header, "Content-Type"), Comment: "the log has no bodies of answers"}
	if a.End != deliveries.Complete {
		r.Comment = fmt.Sprintf("not complete: %s by %s", a.End, a.EndedBy)
	}
	return r
}

func first(header map[string][]string, name string) string {
	if values := header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}
