package scenario

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/tidwall/gjson"

	"github.com/faultline/faultline/schema"
)

// Match says which attempts: all that is given must hold, of a list any. The zero Match holds for every attempt.
type Match struct {
	Host      []string // globs, lower case; with :port they compare the port, too
	Path      []string // globs in which * stops at / and ** crosses it
	Method    []string
	Scheme    []string
	Header    []fieldCondition
	Query     []fieldCondition
	JSON      []jsonCondition
	Body      []*regexp.Regexp
	Client    []netip.Prefix
	Placement []Placement
	Size      []schema.Comparison
	// Response is the target's own answer: a rule that asks for it is decided at Response, and nowhere else.
	Response schema.Statuses
}

// fieldCondition is what a header field or a query parameter must be.
type fieldCondition struct {
	name   string
	absent bool
	globs  []string
}

// jsonCondition is what a place in a JSON body must be: any of wants.
type jsonCondition struct {
	path  jsonPath
	wants []any // string (a glob, or equal), int64, float64, true; false: absent, null or false
}

// miss says which condition fails first, with what was asked and what was there; "" when all hold.
func (m *Match) miss(v *view) string {
	if miss := m.missConnection(v); miss != "" {
		return miss
	}
	if miss := m.missHead(v); miss != "" {
		return miss
	}
	if miss := m.missBody(v); miss != "" {
		return miss
	}
	return m.missResponse(v)
}

// missConnection looks at what is known before the request: host, client, placement.
func (m *Match) missConnection(v *view) string {
	switch {
	case !holdsAny(m.Host, func(glob string) bool { return matchHost(glob, v.Subject) }):
		return v.why(func() string { return fmt.Sprintf("host %s:%d is not %s", v.Host, v.Port, strings.Join(m.Host, ", ")) })
	case !holdsAny(m.Client, func(p netip.Prefix) bool { return p.Contains(v.Client.Unmap()) }):
		return v.why(func() string { return fmt.Sprintf("client %s is not in %s", v.Client, listed(m.Client)) })
	case !holdsAny(m.Placement, func(p Placement) bool { return p == v.Placement }):
		return v.why(func() string { return fmt.Sprintf("placement %s is not %s", v.Placement, listed(m.Placement)) })
	}
	return ""
}

// missHead looks at what stands in a request's head.
func (m *Match) missHead(v *view) string {
	switch {
	case !holdsAny(m.Method, func(glob string) bool { return matchGlob(glob, v.Method) }):
		return v.why(func() string { return fmt.Sprintf("method %s is not %s", v.Method, strings.Join(m.Method, ", ")) })
	case !holdsAny(m.Scheme, func(scheme string) bool { return scheme == v.Scheme }):
		return v.why(func() string { return fmt.Sprintf("scheme %s is not %s", v.Scheme, strings.Join(m.Scheme, ", ")) })
	case !holdsAny(m.Path, func(glob string) bool { return doublestar.MatchUnvalidated(glob, v.Path) }):
		return v.why(func() string { return fmt.Sprintf("path %s is not %s", v.Path, strings.Join(m.Path, ", ")) })
	}
	for _, c := range m.Header {
		if values := v.Header[c.name]; !c.holds(values) {
			return v.why(func() string { return fmt.Sprintf("header %s is %s, not %s", c.name, found(values), c.wanted()) })
		}
	}
	for _, c := range m.Query {
		if values := v.parameters()[c.name]; !c.holds(values) {
			return v.why(func() string { return fmt.Sprintf("query %s is %s, not %s", c.name, found(values), c.wanted()) })
		}
	}
	if v.Size >= 0 && !m.holdsSize(v.Size) {
		return v.why(func() string { return fmt.Sprintf("size %d is not %s", v.Size, listed(m.Size)) })
	}
	return ""
}

// MissUnheld is why a match does not hold that asks for a body which is not there.
const MissUnheld = "the body was not looked at"

// missBody looks at what only the body tells. On a body that is not held whole nothing of it holds.
func (m *Match) missBody(v *view) string {
	if !m.asksBody(v) {
		return ""
	}
	switch {
	case !v.BodyHeld:
		return MissUnheld
	case !v.BodyWhole && len(m.Body)+len(m.JSON) > 0:
		return "the body is larger than limits.body"
	case !v.BodyWhole && !m.holdsBeyond(int64(len(v.Body))):
		return v.why(func() string { return fmt.Sprintf("size over %d is not surely %s", len(v.Body), listed(m.Size)) })
	case !v.BodyWhole:
		return ""
	case !m.holdsSize(int64(len(v.Body))):
		return v.why(func() string { return fmt.Sprintf("size %d is not %s", len(v.Body), listed(m.Size)) })
	case !holdsAny(m.Body, func(re *regexp.Regexp) bool { return re.Match(v.Body) }):
		return v.why(func() string { return "the body does not match " + listed(m.Body) })
	}
	for _, c := range m.JSON {
		if miss := c.miss(v); miss != "" {
			return miss
		}
	}
	return ""
}

// missResponse looks at the target's own answer.
func (m *Match) missResponse(v *view) string {
	if m.Response.Empty() || m.Response.Has(v.Status) {
		return ""
	}
	return v.why(func() string { return fmt.Sprintf("the target's answer %d is not %s", v.Status, m.Response) })
}

// asksBody reports whether the match asks for anything that only the body of this attempt can tell.
func (m *Match) asksBody(v *view) bool {
	return len(m.Body) > 0 || len(m.JSON) > 0 || len(m.Size) > 0 && v.Size < 0
}

// asksRequest reports whether the match asks for anything that is not known at connect.
func (m *Match) asksRequest() bool {
	return len(m.Method)+len(m.Scheme)+len(m.Path)+len(m.Header)+len(m.Query)+len(m.JSON)+len(m.Body)+len(m.Size) > 0 || !m.Response.Empty()
}

// always reports whether the match holds for every webhook.
func (m *Match) always() bool {
	return !m.asksRequest() && len(m.Host)+len(m.Client)+len(m.Placement) == 0
}

// holdsBeyond reports whether the size holds for every body larger than this one: all that is known of one that is not held whole.
func (m *Match) holdsBeyond(size int64) bool {
	return holdsAny(m.Size, func(c schema.Comparison) bool {
		return (c.Op == schema.More || c.Op == schema.AtLeast) && c.Holds(size+1)
	})
}

func (m *Match) holdsSize(size int64) bool {
	return holdsAny(m.Size, func(c schema.Comparison) bool { return c.Holds(size) })
}

// holdsAny reports whether one of the alternatives holds; none given holds, too.
func holdsAny[T any](alternatives []T, holds func(T) bool) bool {
	return len(alternatives) == 0 || slices.ContainsFunc(alternatives, holds)
}

func listed[T any](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = fmt.Sprint(one)
	}
	return strings.Join(texts, ", ")
}

// matchHost compares the host alone, or with its port when the glob has one.
func matchHost(glob string, subj *Subject) bool {
	host := bareHost(subj)
	if globHasPort(glob) {
		return matchGlob(glob, host+":"+strconv.Itoa(subj.Port))
	}
	return matchGlob(glob, host)
}

// bareHost is the host as globs name it, without the root's dot, which DNS takes for none.
func bareHost(subj *Subject) string { return bracketed(strings.TrimSuffix(subj.Host, ".")) }

// globHasPort reports whether a host glob ends in a port; the colons of an IPv6 address stand in brackets.
func globHasPort(glob string) bool {
	return strings.LastIndexByte(glob, ':') > strings.LastIndexByte(glob, ']')
}

// bracketed is a host as it stands before a port: an IPv6 address in brackets.
func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// holds reports whether any of the values is as asked.
func (c fieldCondition) holds(values []string) bool {
	if c.absent && len(values) == 0 {
		return true
	}
	return slices.ContainsFunc(c.globs, func(glob string) bool {
		return slices.ContainsFunc(values, func(value string) bool { return matchGlob(glob, value) })
	})
}

func (c fieldCondition) wanted() string {
	wanted := slices.Clone(c.globs)
	if c.absent {
		wanted = append(wanted, "absent")
	}
	return strings.Join(wanted, ", ")
}

func found(values []string) string {
	if len(values) == 0 {
		return "absent"
	}
	return strconv.Quote(strings.Join(values, ", "))
}

func (c jsonCondition) miss(v *view) string {
	doc, ok := v.document()
	if !ok {
		return "the body is not JSON"
	}
	value, _ := c.path.find(doc) // absent is the zero Result: null
	if holdsAny(c.wants, func(want any) bool { return jsonHolds(want, value) }) {
		return ""
	}
	return v.why(func() string {
		return fmt.Sprintf("json %s is %s, not %s", c.path.Text, shortened(cmp.Or(value.Raw, "absent")), listed(c.wants))
	})
}

// jsonHolds compares a value of the scenario with one of the body: strings as globs or for equality, numbers and booleans by value. false also
// holds for what is absent or null.
func jsonHolds(want any, value gjson.Result) bool {
	switch want := want.(type) {
	case string:
		if isGlob(want) {
			return value.Type != gjson.Null && matchGlob(want, value.String())
		}
		return value.Type == gjson.String && value.Str == want
	case int64:
		return value.Type == gjson.Number && equalInt(value, want)
	case float64:
		return value.Type == gjson.Number && value.Num == want
	case bool:
		return want && value.Type == gjson.True || !want && (value.Type == gjson.False || value.Type == gjson.Null)
	default:
		panic(fmt.Sprintf("scenario: json condition of type %T", want))
	}
}

// equalInt compares whole numbers exactly, also those that a float64 cannot tell apart.
func equalInt(value gjson.Result, want int64) bool {
	if n, err := strconv.ParseInt(value.Raw, 10, 64); err == nil {
		return n == want
	}
	return value.Num == float64(want)
}

// shortened is a text for people, cut when it is long.
func shortened(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
