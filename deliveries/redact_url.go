package deliveries

import (
	"net/url"
	"strings"
)

// URL gives a URL without its userinfo and without the secrets of its query (RFC 3986 3.2.1, 3.4). All else stays byte for byte; it need not be a
// valid URL.
func (r *Redactor) URL(text string) string {
	rest, fragment, hasFragment := strings.Cut(text, "#")
	rest, query, hasQuery := strings.Cut(rest, "?")
	clean := cleanUserinfo(rest)
	if hasQuery {
		clean += "?" + r.query(query)
	}
	if hasFragment {
		clean += "#" + fragment
	}
	return clean
}

func cleanUserinfo(text string) string {
	begin := strings.Index(text, "//")
	if begin < 0 {
		return text
	}
	begin += len("//")
	end := len(text)
	if slash := strings.IndexByte(text[begin:], '/'); slash >= 0 {
		end = begin + slash
	}
	at := strings.LastIndexByte(text[begin:end], '@')
	if at < 0 {
		return text
	}
	return text[:begin] + redacted(text[begin:begin+at]) + text[begin+at:]
}

func (r *Redactor) query(text string) string {
	parts := strings.Split(text, "&")
	for i, part := range parts {
		name, value, found := strings.Cut(part, "=")
		if found && value != "" && r.secret(unescaped(name)) {
			parts[i] = name + "=" + redacted(unescaped(value))
		}
	}
	return strings.Join(parts, "&")
}

// unescaped is the text itself where its escapes cannot be read.
func unescaped(text string) string {
	plain, err := url.QueryUnescape(text)
	if err != nil {
		return text
	}
	return plain
}
