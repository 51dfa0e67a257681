package faults

import (
	"slices"
	"strings"

	"github.com/faultline/faultline/schema"
)

// framing are the fields that say how a message is framed and how a connection goes on (RFC 9110 7.6.1, RFC 9112 6): whoever sends the answer sets
// them, nobody else.
var framing = [...]string{
	"Connection", "Content-Length", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

// readHeader reads a table of header fields, each a string or a list of them, with canonical names.
func readHeader(v schema.Value) map[string][]string {
	const want = "a table of header fields, each a string or a list of strings"
	if _, isTable := v.Raw.(map[string]any); !isTable {
		v.Reject("not a table", want, "")
		return nil
	}
	header := make(map[string][]string)
	for _, key := range v.Keys() {
		field := v.Key(key)
		values, ok := schema.ReadStrings(field)
		name := CanonicalName(key)
		switch {
		case !ok:
			field.Reject("not a header value", "a string or a list of strings", "")
		case !ValidName(key):
			field.RejectKey(key, "is no name of a header field", "letters, digits and hyphens; no spaces, no colon", "")
		case slices.Contains(framing[:], name):
			field.RejectKey(key, "is a framing field, which the proxy sets itself", "any other field", "faults that break the framing are kinds of their own")
		case slices.ContainsFunc(values, func(value string) bool { return !validValue(value) }):
			field.Reject("not a header value", "visible characters, spaces and tabs; no line break", "")
		case header[name] != nil:
			field.RejectKey(key, "is there twice, in another spelling", "one field with a list of values", "")
		default:
			header[name] = values
		}
	}
	return header
}

// CanonicalName is a header field's name as net/http keeps it: Webhook-Id for webhook-id.
func CanonicalName(name string) string {
	if !ValidName(name) {
		return name
	}
	letters := []byte(name)
	first := true
	for i, c := range letters {
		switch {
		case first && 'a' <= c && c <= 'z':
			letters[i] = c - 'a' + 'A'
		case !first && 'A' <= c && c <= 'Z':
			letters[i] = c - 'A' + 'a'
		}
		first = c == '-'
	}
	return string(letters)
}

// ValidName reports whether name may be a header field's: a token (RFC 9110 5.6.2).
func ValidName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		alnum := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !alnum && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

// validValue reports whether value may stand in a header field (RFC 9110 5.5).
func validValue(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return value == strings.Trim(value, " \t")
}
