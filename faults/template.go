package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/faultline/faultline/schema"
)

// Payload is what a template may look at.
type Payload struct {
	Method  string
	URL     string // whole, as it was addressed
	Attempt int    // its number within its delivery; 0: not known
	Key     string // the delivery's
	Header  Header // of the message that is rewritten
	Body    any    // parsed JSON, or the text that is none; set by Make
}

// Header is header fields by their canonical names.
type Header map[string][]string

// Get is the first value of a field, "" without one. Names are case-blind.
func (h Header) Get(name string) string {
	if values := h[CanonicalName(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Template makes a body of a payload. It is not changed once it was parsed, and may be used by many at once.
type Template struct{ parsed *template.Template }

// maxMade bounds what a template makes.
const maxMade = 1 << 20

// ParseTemplate reads a text/template. It has the functions of the language that only compute, and json.
func ParseTemplate(text string) (*Template, error) {
	parsed, err := template.New("template").Option("missingkey=error").Funcs(template.FuncMap{"json": toJSON}).Parse(text)
	if err != nil {
		return nil, plain(err)
	}
	return &Template{parsed}, nil
}

// plain is an error of a template without what is known: "template: template:3: …" begins with the line.
func plain(err error) error {
	return errors.New("line " + strings.TrimPrefix(strings.TrimPrefix(err.Error(), "template: "), "template:"))
}

// toJSON is a value as JSON.
func toJSON(value any) (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return strings.TrimSuffix(b.String(), "\n"), err
}

// Make makes a body of a payload and the present body. Numbers of a JSON body are kept as they are written.
func (t *Template) Make(p Payload, body []byte) ([]byte, error) {
	p.Body = string(body)
	if json.Valid(body) {
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if err := decoder.Decode(&p.Body); err != nil {
			return nil, fmt.Errorf("template: read the body: %w", err)
		}
	}
	var made bytes.Buffer
	err := t.parsed.Execute(&narrow{&made, maxMade}, p)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, fmt.Errorf("template: it makes more than %s", schema.FormatSize(maxMade))
	case err != nil:
		return nil, fmt.Errorf("template: %w", plain(err))
	}
	return made.Bytes(), nil
}

var errTooLarge = errors.New("larger than it may be")

// narrow writes so many bytes, and no more.
type narrow struct {
	to   io.Writer
	left int
}

func (b *narrow) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errTooLarge
	}
	return b.to.Write(p)
}
