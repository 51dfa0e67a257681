package faults

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"time"

	"github.com/faultline/faultline/schema"
)

var statusKind = Kind{
	Name: "status",
	Doc: "The request is read, then a whole answer with this status is shown that the target never gave: Content-Length set, connection kept. " +
		"Retry-After counts from the moment of the answer.",
	Imitates: "an application error, a deployment, a maintenance page, a load balancer without a backend; and, with 2xx, an endpoint that says yes and loses it",
	Cousins:  "WireMock: `status`. Envoy: `abort.http_status` of the fault filter, `direct_response`. toxiproxy: none.",
	Terminal: true,
	Main:     "code",
	OnAnswer: true,
	New:      func() Fault { return &status{form: seconds} },
}

// status: a whole answer of our own.
type status struct {
	code       int
	body       string
	bodyFile   string
	header     map[string][]string
	retryAfter time.Duration
	form       retryAfterForm
	early      bool

	bytes []byte // body, or what body_file holds
}

// retryAfterForm is how Retry-After is written (RFC 9110 10.2.3).
type retryAfterForm string

const (
	seconds retryAfterForm = "seconds"
	date    retryAfterForm = "date"
)

func (f *status) Fields() []schema.Field {
	return []schema.Field{
		schema.Int(&f.code, "code", 200, 599, "the status").Needed(),
		schema.String(&f.body, "body", "the answer's body; empty without"),
		schema.String(&f.bodyFile, "body_file", "a file with the body, relative to the scenario's folder and inside it"),
		schema.Func("header", "table", "a table", "further header fields, each a string or a list", func(v schema.Value) { f.header = readHeader(v) }).
			Shaped(schema.Named(schema.OneOrMore(schema.Shape{"type": "string"}))),
		schema.Duration(&f.retryAfter, "retry_after", "what Retry-After announces, in whole seconds, rounded up"),
		schema.Enum(&f.form, "retry_after_as", "how Retry-After is written", seconds, date),
		schema.Bool(&f.early, "early", "answer before the request's body was read, as nginx answers 413"),
	}
}

func (f *status) Check(v schema.Value, files fs.FS) {
	f.checkRetryAfter(v)
	if f.body != "" && f.bodyFile != "" {
		v.Key("body_file").Reject("is one body too many", "body or body_file, not both", "")
		return
	}
	f.bytes = []byte(f.body)
	if f.bodyFile != "" {
		var err error
		if f.bytes, err = readInside(files, f.bodyFile); err != nil {
			v.Key("body_file").Reject(err.Error(), "a file in the scenario's folder", "")
			return
		}
	}
	if len(f.bytes) > 0 && (f.code == 204 || f.code == 304) {
		v.Reject("an answer "+strconv.Itoa(f.code)+" has no body", "a status of an answer with a body", "leave body and body_file out (RFC 9110 6.4.1)")
	}
}

func (f *status) checkRetryAfter(v schema.Value) {
	if v.Key("retry_after").Raw == nil {
		if as := v.Key("retry_after_as"); as.Raw != nil {
			as.Reject("says how to write a retry_after that is not there", "", "")
		}
		return
	}
	if f.retryAfter == 0 {
		v.Key("retry_after").Reject("is no time at all", "more than 0s", "")
	}
	if f.header["Retry-After"] != nil {
		v.Key("retry_after").Reject("is also given in header", "", "leave it out of one of the two")
	}
}

// maxBodyFile bounds what is held of a file for as long as the scenario is in force.
const maxBodyFile = 16 << 20

// readInside reads a file of the scenario's folder.
func readInside(files fs.FS, name string) ([]byte, error) {
	if path.IsAbs(name) || !fs.ValidPath(path.Clean(name)) {
		return nil, errors.New("leaves the scenario's folder")
	}
	if files == nil {
		return nil, errors.New("cannot be read (the scenario has no folder)")
	}
	info, err := fs.Stat(files, path.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("cannot be read (%w)", cause(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxBodyFile {
		return nil, fmt.Errorf("is no ordinary file of at most %s", schema.FormatSize(maxBodyFile))
	}
	data, err := fs.ReadFile(files, path.Clean(name))
	if err != nil {
		return nil, fmt.Errorf("cannot be read (%w)", cause(err))
	}
	return data, nil
}

// cause is an error without the path, which the problem shows already.
func cause(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func (f *status) Parts(Occasion) []Part {
	return []Part{{Stage: StageTerminal, Ends: true, Step: Answer{
		Status: f.code, Header: f.header, Body: f.bytes, RetryAfter: f.retryAfter, RetryAfterDate: f.form == date, Early: f.early,
	}}}
}

// Outbound is what would have it answer after the target has.
func (f *status) Outbound() string {
	if f.early {
		return "leave early out"
	}
	return ""
}
