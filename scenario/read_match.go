package scenario

import (
	"errors"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/faultline/faultline/schema"
)

// fields are the keys of a match.
func (m *Match) fields() []schema.Field {
	return []schema.Field{
		listOf(&m.Host, "host", wantHost, "globs of hosts, case-blind; with :port the port is compared, too; IPv6 as [::1]", readHost).
			Shaped(schema.Some(schema.Pattern(`^[^/ \t\n@?#]+$`))),
		listOf(&m.Path, "path", wantPath, "globs of paths: * stops at /, ** crosses it; /claims/** holds for /claims, too", readPath).
			Shaped(schema.Some(schema.Pattern(`^[/*?\[{\\]`))),
		listOf(&m.Method, "method", wantMethod, "methods", readMethod).
			Shaped(schema.Some(schema.Pattern(`^[A-Za-z*-]+$`))),
		listOf(&m.Scheme, "scheme", "http, https", "the target's scheme", oneOf("http", "https")).
			Shaped(schema.Some(schema.Words("http", "https"))),
		conditions(&m.Header, "header", "a table of header fields, each a glob, a list of them, or false (absent); any value may hold", canonicalField),
		conditions(&m.Query, "query", "a table of query parameters, as header", func(name string) (string, error) { return name, nil }),
		schema.Func("json", "table", "a table", "a table of paths in a JSON body, each a value, a glob, false (absent, null or false), or a list of them", m.readJSON).
			Shaped(schema.Named(schema.Shape{})),
		listOf(&m.Body, "body", wantRegexp, "regular expressions (RE2) that the body matches", readRegexp).Shaped(schema.Some(schema.Shape{"type": "string"})),
		listOf(&m.Client, "client", wantClient, "addresses or CIDRs of senders", readPrefix).
			Shaped(schema.Some(schema.Pattern(`^[0-9A-Fa-f:.]+(/[0-9]+)?$`))),
		listOf(&m.Placement, "placement", "forward, tunnel, intercept, gateway, receiver", "where the attempt came in", oneOf(Forward, Tunnel, Intercept, Gateway, Receiver)).
			Shaped(schema.Some(schema.Words(Forward, Tunnel, Intercept, Gateway, Receiver))),
		listOf(&m.Size, "size", wantComparison, `comparisons of the request body's size: ">64KiB"`, readSize).
			Shaped(schema.Some(schema.Either(schema.Pattern(`^(<|<=|>|>=)? *[0-9]`), schema.Whole(0)))),
		schema.StatusSet(&m.Response, "response", "the target's own answer: the rule is decided when its head is there, unless a terminal fault or a pass acted before").
			Checked(func(v schema.Value) {
				if m.Response.Interim() {
					v.Reject("can never hold: interim answers (1xx) are passed on as they come", "a status from 200, or a class from \"2xx\"", "")
				}
			}),
	}
}

// listOf is a field of one value, or of a list of which any may hold.
func listOf[T any](to *[]T, key, allowed, doc string, read func(v schema.Value) (T, error)) schema.Field {
	return schema.Func(key, "value or list", allowed, doc, func(v schema.Value) {
		if values, isList := v.List(); isList && len(values) == 0 {
			v.Reject("is an empty list: nothing can hold", allowed, "leave it out, and anything does")
		}
		each(v, func(value schema.Value) error {
			one, err := read(value)
			if err == nil {
				*to = append(*to, one)
			}
			return err
		})
	})
}

// each reads one value, or every one of a list.
func each(v schema.Value, read func(schema.Value) error) {
	values, isList := v.List()
	if !isList {
		values = []schema.Value{v}
	}
	for _, value := range values {
		if err := read(value); err != nil {
			reject(value, err)
		}
	}
}

// wrong is why a value is not what it should be.
type wrong struct{ what, want, hint string }

func (w *wrong) Error() string { return w.what }

func reject(v schema.Value, err error) {
	var w *wrong
	if errors.As(err, &w) {
		v.Reject(w.what, w.want, w.hint)
		return
	}
	v.Reject(err.Error(), "", "")
}

// hintOf is the hint of an error that is a *wrong.
func hintOf(err error) string {
	var w *wrong
	if errors.As(err, &w) {
		return w.hint
	}
	return ""
}

// text is the string of a value.
func text(v schema.Value, want string) (string, error) {
	s, isText := v.Raw.(string)
	if !isText {
		return "", &wrong{what: "not a string", want: want}
	}
	return s, nil
}

const wantHost = `a glob of hosts such as "hooks.example.com", "*.partner.test" or "other.test:8443"`

func readHost(v schema.Value) (string, error) {
	glob, err := text(v, wantHost)
	if err != nil {
		return "", err
	}
	hint := ""
	if strings.Contains(glob, "/") {
		hint = "no scheme and no path: those are match.scheme and match.path"
	}
	if colons := strings.Count(glob, ":"); colons > 1 && !strings.HasPrefix(glob, "[") {
		hint = "an IPv6 address stands in brackets: [::1]"
	}
	if glob == "" || strings.ContainsAny(glob, "/ \t\n@?#") || hint != "" || globHasPort(glob) && !portGlob(glob) {
		return "", &wrong{"not a host", wantHost, hint}
	}
	return strings.ToLower(glob), nil
}

// portGlob reports whether what follows the last colon is a port, or a glob of ports.
func portGlob(glob string) bool {
	port := glob[strings.LastIndexByte(glob, ':')+1:]
	if isGlob(port) {
		return true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}

const wantPath = `a glob of paths such as "/claims/*" or "/claims/**"`

func readPath(v schema.Value) (string, error) {
	glob, err := text(v, wantPath)
	switch {
	case err != nil:
		return "", err
	case !doublestar.ValidatePattern(glob):
		return "", &wrong{"not a glob", wantPath, ""}
	case glob == "" || !strings.ContainsAny(glob[:1], `/*?[{\`):
		return "", &wrong{"can never hold: a path begins with /", wantPath, `"/` + glob + `"`}
	case holdsQuery(glob):
		return "", &wrong{"has a query, which is no part of the path", wantPath, "match.query looks at the query"}
	case crossesInside(glob):
		return "", &wrong{"has a ** that does not stand alone between slashes", wantPath, ""}
	}
	return glob, nil
}

// holdsQuery reports whether a path was written with its query: /claims?x=1. A question mark alone stands for one character.
func holdsQuery(glob string) bool {
	_, query, found := strings.Cut(glob, "?")
	return found && strings.Contains(query, "=")
}

// crossesInside reports whether ** is only a part of a path's segment, where it would mean no more than *.
func crossesInside(glob string) bool {
	for segment := range strings.SplitSeq(glob, "/") {
		if strings.Contains(segment, "**") && segment != "**" && !strings.ContainsAny(segment, `{}[]\`) {
			return true
		}
	}
	return false
}

const wantMethod = `a method such as "POST"`

func readMethod(v schema.Value) (string, error) {
	method, err := text(v, wantMethod)
	if err != nil {
		return "", err
	}
	if method == "" || strings.ContainsFunc(method, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '*') }) {
		return "", &wrong{"not a method", wantMethod, ""}
	}
	return strings.ToUpper(method), nil
}

// oneOf reads one of several words.
func oneOf[T ~string](words ...T) func(schema.Value) (T, error) {
	return func(v schema.Value) (T, error) {
		want := "one of " + listed(words)
		word, err := text(v, want)
		if err != nil {
			return "", err
		}
		for _, allowed := range words {
			if word == string(allowed) {
				return allowed, nil
			}
		}
		return "", &wrong{"unknown value", want, ""}
	}
}

const wantRegexp = "a regular expression (RE2)"

func readRegexp(v schema.Value) (*regexp.Regexp, error) {
	pattern, err := text(v, wantRegexp)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, &wrong{"not a regular expression", wantRegexp, strings.TrimPrefix(err.Error(), "error parsing regexp: ")}
	}
	return re, nil
}

const wantClient = `an address or a CIDR such as "10.0.0.0/8"`

func readPrefix(v schema.Value) (netip.Prefix, error) {
	s, err := text(v, wantClient)
	if err != nil {
		return netip.Prefix{}, err
	}
	prefix, err := parsePrefix(s)
	if err != nil {
		return netip.Prefix{}, &wrong{"not an address", wantClient, ""}
	}
	return prefix, nil
}

// parsePrefix reads a CIDR, or an address, which is a CIDR of one. IPv4 is IPv4, also where it is written as IPv6.
func parsePrefix(s string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		return prefix, err
	}
	if mapped := prefix.Addr(); mapped.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(mapped.Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked(), nil
}

const wantComparison = `a comparison such as ">64KiB" or "<=1MiB", or a number of bytes`

func readSize(v schema.Value) (schema.Comparison, error) {
	if n, isNumber := v.Raw.(int64); isNumber && n >= 0 {
		return schema.ParseSizeComparison(strconv.FormatInt(n, 10))
	}
	s, err := text(v, wantComparison)
	if err != nil {
		return schema.Comparison{}, err
	}
	c, err := schema.ParseSizeComparison(s)
	if err != nil {
		return schema.Comparison{}, &wrong{"not a comparison of sizes", wantComparison, ""}
	}
	return c, nil
}
