package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errNotWhole is why what looks into a body leaves it alone.
var errNotWhole = errors.New("the body is larger than limits.body")

// ChangesBody reports whether the body may become another.
func (r Rewrite) ChangesBody() bool { return r.NewBody || r.looks() }

// looks reports whether the new body depends on the present one.
func (r Rewrite) looks() bool {
	return r.Template != nil || !r.NewBody && (len(r.SetJSON)+len(r.RemoveJSON) > 0 || r.SigningKey != nil)
}

// ApplyBody is the body after the rewrite; replaced says that it is not made of the present one's bytes. whole says that body is all of it; what cannot be
// done then, or at all, is not, and problems say why. body is not changed. What looks into a body that is packed by gzip (by p.Header) looks into what it unpacks to, which
// is packed again.
func (r Rewrite) ApplyBody(p Payload, body []byte, whole bool) (changed []byte, replaced bool, problems []error) {
	coding := strings.ToLower(strings.Join(p.Header["Content-Encoding"], ", "))
	reads := !r.NewBody && (r.Template != nil || len(r.SetJSON)+len(r.RemoveJSON) > 0)
	switch {
	case r.looks() && !whole:
		return body, false, []error{errNotWhole}
	case !reads || coding == "" || coding == "identity":
		return r.applyPlain(p, body)
	case coding != "gzip" && coding != "x-gzip":
		return body, false, []error{fmt.Errorf("the body is packed (%s)", coding)}
	}
	plain, err := unpacked(body)
	if err != nil {
		return body, false, []error{err}
	}
	changed, replaced, problems = r.applyPlain(p, plain)
	switch {
	case replaced:
		return changed, true, problems
	case bytes.Equal(changed, plain):
		return body, false, problems
	default:
		return packed(changed), false, problems
	}
}

// applyPlain is ApplyBody for a body that is whole and not packed.
func (r Rewrite) applyPlain(p Payload, body []byte) (changed []byte, replaced bool, problems []error) {
	switch {
	case r.NewBody:
		body, replaced = r.Body, true
	case r.Template != nil:
		made, err := r.Template.Make(p, body)
		if err != nil {
			return body, false, []error{err}
		}
		body, replaced = made, true
	}
	body, problems = r.applyJSON(body)
	return body, replaced, problems
}

func (r Rewrite) applyJSON(body []byte) (_ []byte, problems []error) {
	if len(r.SetJSON)+len(r.RemoveJSON) == 0 {
		return body, nil
	}
	if !json.Valid(body) {
		return body, []error{errors.New("the body is no JSON")}
	}
	for _, value := range r.SetJSON {
		if changed, err := setJSON(body, value); err != nil {
			problems = append(problems, err)
		} else {
			body = changed
		}
	}
	for _, path := range r.RemoveJSON {
		if changed, err := removeJSON(body, path); err != nil {
			problems = append(problems, err)
		} else {
			body = changed
		}
	}
	return body, problems
}

// ApplyHeader changes the fields in place. replaced says that the body is another one: its encoding is gone with it.
func (r Rewrite) ApplyHeader(header map[string][]string, replaced bool) {
	if replaced {
		delete(header, "Content-Encoding")
	}
	for _, name := range r.RemoveHeader {
		delete(header, name)
	}
	for name, values := range r.SetHeader {
		header[name] = slices.Clone(values)
	}
}
