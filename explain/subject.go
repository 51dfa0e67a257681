package explain

import (
	"cmp"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// SubjectOf is what is to be decided of a request: its URL in absolute form, the rest as it stands. The error is of a URL that is none.
func SubjectOf(method, rawURL string, header map[string][]string, body []byte) (scenario.Subject, error) {
	at, err := url.Parse(rawURL)
	if err != nil {
		return scenario.Subject{}, err
	}
	port, _ := strconv.Atoi(at.Port()) // 0 without one
	if port == 0 {
		port = map[string]int{"https": 443}[at.Scheme]
	}
	if port == 0 {
		port = 80
	}
	path := at.EscapedPath()
	if path == "" {
		path = "/"
	}
	return scenario.Subject{
		Moment: scenario.Request, Placement: scenario.Forward, Client: netip.AddrFrom4([4]byte{127, 0, 0, 1}), Method: strings.ToUpper(method),
		Scheme: at.Scheme, Host: strings.ToLower(at.Hostname()), Port: port, Path: path, RawQuery: at.RawQuery, Header: header,
		Body: body, BodyHeld: true, BodyWhole: true, Size: int64(len(body)),
	}, nil
}

// subjectOf is what was decided of a logged attempt, as far as its record holds it: a body that it does not hold whole was not looked at.
func subjectOf(a *deliveries.Attempt) (scenario.Subject, error) {
	body, whole := bodyOf(a.Request)
	subject, err := SubjectOf(a.Method, a.URL, a.Request.Header, body)
	if err != nil {
		return subject, err
	}
	subject.Placement, subject.Tunnelled = scenario.Placement(a.Placement), a.Tunnelled
	if client, err := netip.ParseAddrPort(a.Client); err == nil {
		subject.Client = client.Addr()
	}
	subject.Size, subject.BodyHeld, subject.BodyWhole = cmp.Or(a.Request.Announced, a.Request.Bytes), whole, whole
	subject.Key, subject.Attempt = a.Key, a.Attempt
	return subject, nil
}

// bodyOf is a logged body; whole is false when it is not all of it.
func bodyOf(m deliveries.Message) (body []byte, whole bool) {
	switch logged := m.Body.(type) {
	case string:
		body = []byte(logged)
	case map[string]any:
		text, _ := logged["base64"].(string)
		body, _ = base64.StdEncoding.DecodeString(text) // what is none is not whole
	}
	return body, int64(len(body)) == m.Bytes && m.Announced == 0
}

// held leaves of a body what a proxy holds of it.
func held(subject *scenario.Subject, limit int64) {
	if subject.Size > limit {
		subject.Body, subject.BodyHeld, subject.BodyWhole = subject.Body[:min(int64(len(subject.Body)), limit)], true, false
	}
}
