package scenario

import (
	"fmt"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// source is one place that a value of a delivery is taken from: header:NAME, query:NAME, json:PATH, body.
type source struct {
	from place
	name string   // of header and query
	path jsonPath // of json
}

type place string

const (
	inHeader place = "header"
	inQuery  place = "query"
	inJSON   place = "json"
	inBody   place = "body"
)

// presence is what is known of a source's value.
type presence int

const (
	absent  presence = iota
	present          // with a value that is not empty
	unknown          // only the body tells, and it was not looked at
)

const wantSource = `"header:NAME", "query:NAME", "json:PATH" or "body"`

// parseSource reads "header:Webhook-Id".
func parseSource(text string) (source, error) {
	from, name, named := strings.Cut(text, ":")
	s := source{from: place(from), name: name}
	switch {
	case s.from == inBody && !named:
		return s, nil
	case !named || name == "":
		return s, &wrong{"not a source", wantSource, ""}
	}
	switch s.from {
	case inHeader:
		if !faults.ValidName(name) {
			return s, &wrong{"not a name of a header field", wantSource, ""}
		}
		s.name = faults.CanonicalName(name)
		return s, nil
	case inQuery:
		return s, nil
	case inJSON:
		path, err := parseJSONPath(name)
		if err != nil {
			return s, &wrong{"not a JSON path", "names and indices such as json:a.b or json:items[0].id", ""}
		}
		s.path = path
		return s, nil
	default:
		return s, &wrong{"not a source", wantSource, ""}
	}
}

// String is the source as the file writes it.
func (s source) String() string {
	switch s.from {
	case inHeader, inQuery:
		return string(s.from) + ":" + s.name
	case inJSON:
		return "json:" + s.path.Text
	case inBody:
		return "body"
	default:
		panic("scenario: source in " + string(s.from))
	}
}

// value takes the source's value of an attempt; that of the body is asked for elsewhere. An empty header and a JSON null are absent.
func (s source) value(v *view) (string, presence) {
	switch s.from {
	case inHeader:
		return firstOf(v.Header[s.name])
	case inQuery:
		return firstOf(v.parameters()[s.name])
	case inJSON:
		return s.jsonValue(v)
	case inBody:
		return "", unknown
	default:
		panic("scenario: source in " + string(s.from))
	}
}

func firstOf(values []string) (string, presence) {
	for _, value := range values {
		if value = strings.TrimSpace(value); value != "" {
			return value, present
		}
	}
	return "", absent
}

func (s source) jsonValue(v *view) (string, presence) {
	if !v.BodyHeld || v.headOnly {
		return "", unknown
	}
	doc, ok := v.document()
	if !ok {
		return "", absent
	}
	value, found := s.path.find(doc)
	if text := value.String(); found && value.Type != gjson.Null && text != "" {
		return text, present
	}
	return "", absent
}

// sourceField is a field of one source.
func sourceField(to **source, key, doc string) schema.Field {
	return schema.Func(key, "source", wantSource, doc, func(v schema.Value) {
		s, err := readSource(v)
		if err == nil && s.from == inBody {
			err = &wrong{"not a source of this", `"header:NAME", "query:NAME" or "json:PATH"`, ""}
		}
		if err != nil {
			reject(v, err)
			return
		}
		*to = &s
	})
}

func readSource(v schema.Value) (source, error) {
	t, err := text(v, wantSource)
	if err != nil {
		return source{}, err
	}
	return parseSource(t)
}

// take is the value of an optional source, "" when there is none.
func take(s *source, subj *Subject) string {
	if s == nil {
		return ""
	}
	value, is := s.value(look(subj, false))
	if is != present {
		return ""
	}
	return value
}

// nameOf is an optional source as the file writes it, "" when there is none.
func nameOf(s *source) string {
	if s == nil {
		return ""
	}
	return s.String()
}

// composite is one or several sources whose values together are a key.
type composite []source

func (c composite) String() string {
	texts := make([]string, len(c))
	for i, s := range c {
		texts[i] = s.String()
	}
	return strings.Join(texts, ",")
}

// value joins the parts unambiguously; it is present when all of them are.
func (c composite) value(v *view, body func() (string, presence)) (string, presence) {
	parts := make([]string, len(c))
	is := present
	for i, s := range c {
		part, partIs := s.value(v)
		if s.from == inBody {
			part, partIs = body()
		}
		switch partIs {
		case absent:
			return "", absent
		case unknown:
			is = unknown
		case present:
			parts[i] = part
		default:
			panic(fmt.Sprintf("scenario: presence %d", int(partIs)))
		}
	}
	if len(parts) == 1 {
		return parts[0], is
	}
	for i, part := range parts {
		parts[i] = escapePart.Replace(part)
	}
	return strings.Join(parts, ","), is
}

// escapePart keeps the comma between the parts of a composite key apart from those in them.
var escapePart = strings.NewReplacer(`\`, `\\`, `,`, `\,`)
