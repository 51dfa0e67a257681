package faults

import (
	"io/fs"
	"slices"

	"github.com/faultline/faultline/schema"
)

var rewriteKind = Kind{
	Name: "rewrite",
	Doc: "The target gets another request than was sent, or (on = \"response\") the sender another answer than was given, by the target or by a fault: other " +
		"fields, another body, other values in its JSON. In this order: a new body, `json_set`, `json_remove`, `remove_header`, `set_header`, the signature; Content-Length " +
		"follows, and a new body has no Content-Encoding unless it is given one. Several rewrites follow each other in the order of the file. The delivery key, " +
		"and the request in the record, are those of what was sent. What looks into a body that is packed by gzip looks into what it unpacks to, and packs it again. A body that is no JSON or larger than limits.body is left alone by what looks into it, " +
		"and so is a template's that it cannot be made of; the record says so. A body is held back as a whole for that.",
	Imitates: "an endpoint of another version, a gateway that adds or drops fields, a payload that changed on its way",
	Cousins:  "WireMock: response templating and transformers, by a stub. Envoy: header mutation, Lua. toxiproxy: none.",
	OnAnswer: true,
	New:      func() Fault { return &rewrite{on: onRequest} },
}

// rewrite: another request, or another answer.
type rewrite struct {
	on     rewriteOn
	header map[string][]string
	remove []string

	body, bodyFile, template string
	signFile                 string
	given                    []string // of these
	set                      []JSONValue
	cut                      []schema.JSONPath

	bytes  []byte // body, or what body_file holds
	parsed *Template
	key    []byte // in sign_file
}

// rewriteOn is which of the two messages is changed.
type rewriteOn string

const (
	onRequest  rewriteOn = "request"
	onResponse rewriteOn = "response"
)

func (f *rewrite) Fields() []schema.Field {
	fieldTable := schema.Named(schema.OneOrMore(schema.Shape{"type": "string"}))
	give := func(field schema.Field) schema.Field {
		return field.Then(func() { f.given = append(f.given, field.Key) })
	}
	return []schema.Field{
		schema.Enum(&f.on, "on", "what is rewritten: what the target gets (request), or what the sender is shown (response)", onRequest, onResponse),
		schema.Func("set_header", "table", "a table", "header fields in place of those of their names, each a string or a list", func(v schema.Value) {
			f.header = readHeader(v)
			for _, key := range v.Keys() {
				checkPassed(v.Key(key), key)
			}
		}).Shaped(fieldTable),
		schema.Strings(&f.remove, "remove_header", "names of header fields that are left out").Checked(func(v schema.Value) { f.checkRemoved(v) }),
		schema.Func("json_set", "table", wantJSONValues,
			"values by JSON path; what is not there is made, arrays are filled up with null; a table below a key is a path, in a list it is an object",
			func(v schema.Value) { f.set = readJSONValues(v, "") }).Shaped(schema.Shape{"type": "object"}),
		schema.Func("json_remove", "list of strings", "JSON paths such as a.b or items[0].id", "JSON paths whose values are left out", func(v schema.Value) { f.cut = readJSONPaths(v) }),
		give(schema.String(&f.body, "body", "a new body")),
		give(schema.String(&f.bodyFile, "body_file", "a file with the new body, relative to the scenario's folder and inside it")),
		give(schema.String(&f.template, "template", "a Go text/template that makes the new body, of at most 1 MiB: .Body (parsed JSON, or else the text), .Header, .Method, "+
			".URL, .Attempt, .Key; json writes a value as JSON; what is not there is an error")),
		schema.String(&f.signFile, "sign_file", "a file with the secret (whsec_…), relative to the scenario's folder and inside it: the request is signed anew by it, as "+
			"Standard Webhooks has it, over its Webhook-Id, its Webhook-Timestamp and the new body"),
	}
}

// checkPassed reports a field that no message passes on, or that is not a fault's to set.
func checkPassed(v schema.Value, key string) {
	switch CanonicalName(key) {
	case "Host":
		v.Complain("says where a request goes, which no fault changes", "")
	case "Expect", "Proxy-Authenticate", "Proxy-Authorization":
		v.Complain("is between a sender and its proxy, and goes no further", "")
	}
}

func (f *rewrite) checkRemoved(v schema.Value) {
	for i, name := range f.remove {
		f.remove[i] = CanonicalName(name)
		if !ValidName(name) {
			v.Reject("is no name of a header field", "letters, digits and hyphens; no spaces, no colon", "")
		}
		if slices.Contains(framing[:], f.remove[i]) {
			v.Reject("is a framing field, which the proxy sets itself", "", "faults that break the framing are kinds of their own")
		}
		checkPassed(v, name)
	}
}

func (f *rewrite) Check(v schema.Value, files fs.FS) {
	if len(v.Keys()) == 0 || slices.Equal(v.Keys(), []string{"on"}) {
		v.Complain("changes nothing", `give it one of set_header, remove_header, json_set, json_remove, body, body_file, template, sign_file`)
	}
	for name := range f.header {
		if slices.Contains(f.remove, name) {
			v.Key("remove_header").Reject("has a field that set_header sets", "", "set_header takes the place of what was there: leave it out of one of the two")
		}
	}
	if len(f.given) > 1 {
		v.Key(f.given[1]).Reject("is one body too many", "one of body, body_file, template", "")
		return
	}
	f.checkBody(v, files)
	f.checkSigning(v, files)
}

func (f *rewrite) checkSigning(v schema.Value, files fs.FS) {
	if f.signFile == "" {
		return
	}
	if f.on == onResponse {
		v.Key("sign_file").Complain("signs requests: answers carry no signature", "")
		return
	}
	secret, err := readInside(files, f.signFile)
	if err == nil {
		f.key, err = signingKey(string(secret))
	}
	if err != nil {
		v.Key("sign_file").Reject(err.Error(), "a file in the scenario's folder with a secret such as whsec_…", "")
	}
}

func (f *rewrite) checkBody(v schema.Value, files fs.FS) {
	var err error
	f.bytes = []byte(f.body)
	if f.bodyFile != "" {
		if f.bytes, err = readInside(files, f.bodyFile); err != nil {
			v.Key("body_file").Reject(err.Error(), "a file in the scenario's folder", "")
		}
	}
	if slices.Contains(f.given, "template") {
		if f.parsed, err = ParseTemplate(f.template); err != nil {
			v.Key("template").Complain("is no template: "+err.Error(), "see https://pkg.go.dev/text/template")
		}
	}
}

// Outbound is what would have it rewrite the answer.
func (f *rewrite) Outbound() string {
	if f.on == onRequest {
		return `on = "response"`
	}
	return ""
}

func (f *rewrite) Parts(Occasion) []Part {
	step := Rewrite{
		Answer: f.on == onResponse, SetHeader: f.header, RemoveHeader: f.remove, Template: f.parsed, SetJSON: f.set, RemoveJSON: f.cut, SigningKey: f.key,
	}
	if len(f.given) > 0 && f.parsed == nil {
		step.Body, step.NewBody = f.bytes, true
	}
	stage := StageRequestRewrite
	if step.Answer {
		stage = StageAnswerRewrite
	}
	return []Part{{Stage: stage, Step: step}}
}
