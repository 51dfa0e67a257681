package faults_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// files is the folder of a scenario.
func files() fs.FS {
	return fstest.MapFS{
		"busy.json":       {Data: []byte(`{"busy":true}`)},
		"secret":          {Data: []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")},
		"empty":           {Data: []byte("\n")},
		"cut":             {Data: []byte("whsec_MfK?")},
		"answers/ok.json": {Data: []byte(`{}`)},
		"folder/x":        {Data: []byte("x")},
		"large":           {Data: make([]byte, 16<<20+1)},
	}
}

// read reads the faults of a rule, as `status = 503`.
func read(t *testing.T, text string) (parts []faults.Part, problems []string) {
	t.Helper()
	return readAt(t, text, faults.Occasion{Rule: "a rule"})
}

func readAt(t *testing.T, text string, at faults.Occasion) (parts []faults.Part, problems []string) {
	t.Helper()
	all, problems := readFaults(t, text)
	if len(problems) > 0 {
		return nil, problems
	}
	for _, fault := range all {
		parts = append(parts, fault.Parts(at)...)
	}
	return parts, nil
}

func readFaults(t *testing.T, text string) (all []faults.Fault, problems []string) {
	t.Helper()
	var table map[string]any
	_, err := toml.Decode(text, &table)
	require.NoError(t, err)
	document := &schema.Document{Name: "test.toml"}
	for _, kind := range faults.Kinds() {
		if v := document.Root(table).Key(kind.Name); v.Raw != nil {
			all = append(all, kind.Read(v, files()))
		}
	}
	for _, p := range document.Problems() {
		problems = append(problems, p.Error())
	}
	return all, problems
}

// sound is the one fault of a sound text.
func sound(t *testing.T, text string) faults.Fault {
	t.Helper()
	all, problems := readFaults(t, text)
	require.Empty(t, problems)
	require.Len(t, all, 1)
	return all[0]
}

func path(text string) schema.JSONPath {
	parsed, err := schema.ParseJSONPath(text)
	if err != nil {
		panic(err)
	}
	return parsed
}

// What each fault, in each of its forms, comes to.
func TestPlans(t *testing.T) {
	second := faults.Wait{Rule: "a rule", For: time.Second}
	for _, test := range []struct {
		name         string
		text         string
		deliverFirst bool
		want         []faults.Step
	}{
		{"no fault", ``, false, []faults.Step{faults.Forward{}, faults.Relay{}}},
		{"nothing to deliver first for", ``, true, []faults.Step{faults.Forward{}, faults.Relay{}}},

		{"latency", `latency = "1s"`, false, []faults.Step{second, faults.Forward{}, faults.Relay{}}},
		{"latency as a table", `latency = { delay = "1s" }`, false, []faults.Step{second, faults.Forward{}, faults.Relay{}}},
		{"latency at response", `latency = { delay = "1s", at = "response" }`, false, []faults.Step{faults.Forward{}, second, faults.Relay{}}},

		{"bandwidth", `bandwidth = { up = "64KiB/s", down = "1B/s" }`, false, []faults.Step{faults.Throttle{Up: 64 << 10, Down: 1}, faults.Forward{}, faults.Relay{}}},
		{"bandwidth of all that comes before and after", "refuse = true\nbandwidth.up = \"2kB/s\"", false, []faults.Step{faults.Throttle{Up: 2000}, faults.Reset{}}},
		{"bandwidth before anything else", "latency = \"1s\"\ninformational = true\nbandwidth.up = \"1B/s\"", false,
			[]faults.Step{faults.Throttle{Up: 1}, faults.Interim{Status: 103, Count: 1}, second, faults.Forward{}, faults.Relay{}}},

		{"rewrite", `rewrite = { set_header = { x-a = "1" }, remove_header = "x-b", json_set = { a.b = 1 }, json_remove = "c" }`, false, []faults.Step{
			faults.Rewrite{
				SetHeader: map[string][]string{"X-A": {"1"}}, RemoveHeader: []string{"X-B"}, Body: nil,
				SetJSON: []faults.JSONValue{{Path: path("a.b"), Value: "1"}}, RemoveJSON: []schema.JSONPath{path("c")},
			}, faults.Forward{}, faults.Relay{},
		}},
		{"rewrite by a file, before it is late", "latency = \"1s\"\nrewrite.body_file = \"busy.json\"", false,
			[]faults.Step{faults.Rewrite{NewBody: true, Body: []byte(`{"busy":true}`)}, second, faults.Forward{}, faults.Relay{}}},
		{"rewrite the answer, then corrupt it", "corrupt = true\nrewrite = { on = \"response\", body = \"\" }", false,
			[]faults.Step{faults.Forward{}, faults.Rewrite{Answer: true, NewBody: true, Body: []byte{}}, faults.Corrupt{Bytes: 1}, faults.Relay{}}},
		{"rewrite a request that is not forwarded", "status = 500\nrewrite.body = \"\"", false, []faults.Step{faults.Answer{Status: 500, Body: []byte{}}}},
		{"rewrite a request that is delivered first", "status = 500\nrewrite.body = \"\"", true,
			[]faults.Step{faults.Rewrite{NewBody: true, Body: []byte{}}, faults.Deliver{}, faults.Answer{Status: 500, Body: []byte{}}}},

		{"duplicate", `duplicate = true`, false, []faults.Step{faults.Duplicate{More: 1}, faults.Forward{}, faults.Relay{}}},
		{"duplicate, rewritten and late", "duplicate = { copies = 3, apart = \"1m\" }\nlatency = \"1s\"\nrewrite.body = \"x\"", false, []faults.Step{
			faults.Rewrite{NewBody: true, Body: []byte("x")}, second, faults.Duplicate{More: 2, Apart: time.Minute}, faults.Forward{}, faults.Relay{},
		}},
		{"duplicate, then an acknowledgement lost", "duplicate = 2\nreset = true", true, []faults.Step{faults.Duplicate{More: 1}, faults.Deliver{}, faults.Reset{}}},
		{"duplicate what nobody gets", "duplicate = 2\nreset = true", false, []faults.Step{faults.Reset{}}},

		{"corrupt", `corrupt = true`, false, []faults.Step{faults.Forward{}, faults.Corrupt{Bytes: 1}, faults.Relay{}}},
		{"corrupt by more", `corrupt = 7`, false, []faults.Step{faults.Forward{}, faults.Corrupt{Bytes: 7}, faults.Relay{}}},
		{"corrupt JSON, before the answer is late", "corrupt.json = true\nlatency = { delay = \"1s\", at = \"response\" }", false,
			[]faults.Step{faults.Forward{}, faults.Corrupt{Bytes: 1, JSON: true}, second, faults.Relay{}}},
		{"corrupt what is injected", "corrupt = true\nstatus = 500", false, []faults.Step{faults.Corrupt{Bytes: 1}, faults.Answer{Status: 500, Body: []byte{}}}},
		{"corrupt what is never shown", "corrupt = true\nrefuse = true", false, []faults.Step{faults.Reset{}}},

		{"status", `status = 503`, false, []faults.Step{faults.Answer{Status: 503, Body: []byte{}}}},
		{"status with all of it", `status = { code = 429, body = "slow down", retry_after = "1500ms", header = { x-why = "rate", "SET-COOKIE" = ["a=1", "b=2"] } }`, false,
			[]faults.Step{faults.Answer{
				Status: 429, Body: []byte("slow down"), RetryAfter: 1500 * time.Millisecond,
				Header: map[string][]string{"X-Why": {"rate"}, "Set-Cookie": {"a=1", "b=2"}},
			}}},
		{"status with a date", `status = { code = 503, retry_after = "30s", retry_after_as = "date" }`, false,
			[]faults.Step{faults.Answer{Status: 503, Body: []byte{}, RetryAfter: 30 * time.Second, RetryAfterDate: true}}},
		{"status from a file", `status = { code = 500, body_file = "./answers/../busy.json" }`, false,
			[]faults.Step{faults.Answer{Status: 500, Body: []byte(`{"busy":true}`)}}},
		{"status early", `status = { code = 413, early = true }`, false, []faults.Step{faults.Answer{Status: 413, Body: []byte{}, Early: true}}},
		{"204", `status = 204`, false, []faults.Step{faults.Answer{Status: 204, Body: []byte{}}}},

		{"reset", `reset = true`, false, []faults.Step{faults.Reset{}}},
		{"reset at the head", `reset = { at = "head" }`, false, []faults.Step{faults.Reset{}}},
		{"reset in the request", `reset = { at = "request" }`, false, []faults.Step{faults.Reset{Midway: true}}},
		{"close", `close = true`, false, []faults.Step{faults.Finish{}}},
		{"close as a table", `close = {}`, false, []faults.Step{faults.Finish{}}},
		{"hang", `hang = true`, false, []faults.Step{faults.Hold{}, faults.Reset{}}},
		{"hang for a while", `hang = { for = "10m" }`, false, []faults.Step{faults.Hold{For: 10 * time.Minute}, faults.Reset{}}},
		{"hang for a while, bare", `hang = "5s"`, false, []faults.Step{faults.Hold{For: 5 * time.Second}, faults.Reset{}}},
		{"refuse", `refuse = true`, false, []faults.Step{faults.Reset{}}},
		{"refuse with a status", `refuse = { code = 502 }`, false, []faults.Step{faults.Answer{Status: 502}}},

		{"connect_timeout", `connect_timeout = true`, false, []faults.Step{faults.Hold{}, faults.Reset{}}},
		{"connect_timeout for a while", `connect_timeout = "30s"`, false, []faults.Step{faults.Hold{For: 30 * time.Second}, faults.Reset{}}},
		{"tls by a certificate", `tls = "expired"`, false, []faults.Step{faults.Present{Flaw: faults.Expired}}},
		{"tls for another host", `tls = { as = "wrong_host" }`, false, []faults.Step{faults.Present{Flaw: faults.WrongHost}}},
		{"tls of a stranger", `tls = "untrusted"`, false, []faults.Step{faults.Present{Flaw: faults.Untrusted}}},
		{"tls of its own", `tls = "self_signed"`, false, []faults.Step{faults.Present{Flaw: faults.SelfSigned}}},
		{"tls with an alert", `tls = "handshake_alert"`, false, []faults.Step{faults.Alert{}}},
		{"tls with a reset", `tls = "handshake_reset"`, false, []faults.Step{faults.Reset{}}},
		{"tls that hangs", `tls = "handshake_hang"`, false, []faults.Step{faults.Hold{}, faults.Reset{}}},
		{"cut after bytes", `cut_tunnel = "4KiB"`, false, []faults.Step{faults.Forward{}, faults.Cut{Bytes: 4096, As: faults.Severed}}},
		{"cut after a number of bytes", `cut_tunnel = { after = 5, as = "stall" }`, false, []faults.Step{faults.Forward{}, faults.Cut{Bytes: 5, As: faults.Stalled}}},
		{"cut after a time", `cut_tunnel = { after = "5m", as = "close" }`, false, []faults.Step{faults.Forward{}, faults.Cut{Time: 5 * time.Minute, As: faults.Shut}}},
		{"slow, then cut", "cut_tunnel = 5\nlatency = \"1s\"", false, []faults.Step{second, faults.Forward{}, faults.Cut{Bytes: 5, As: faults.Severed}}},
		{"tls that fails slowly", "tls = \"handshake_alert\"\nlatency = \"1s\"", false, []faults.Step{second, faults.Alert{}}},

		{"acknowledgement lost", `reset = true`, true, []faults.Step{faults.Deliver{}, faults.Reset{}}},
		{"delivered, then silence", `hang = true`, true, []faults.Step{faults.Deliver{}, faults.Hold{}, faults.Reset{}}},
		{"delivered, then refused", `refuse = true`, true, []faults.Step{faults.Deliver{}, faults.Reset{}}},
		{"slow, then an error", "status = 500\nlatency = \"1s\"", false, []faults.Step{second, faults.Answer{Status: 500, Body: []byte{}}}},
		{"slow after the target, then an error", "status = 500\nlatency = { delay = \"1s\", at = \"response\" }", true,
			[]faults.Step{faults.Deliver{}, second, faults.Answer{Status: 500, Body: []byte{}}}},
		{"slow before the target, then a lost acknowledgement", "reset = true\nlatency = \"1s\"", true,
			[]faults.Step{second, faults.Deliver{}, faults.Reset{}}},
		{"refused before it can be slow", "refuse = true\nlatency = \"1s\"", false, []faults.Step{faults.Reset{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			parts, problems := read(t, test.text)
			require.Empty(t, problems)

			plan := faults.Compile(parts, test.deliverFirst)

			require.Equal(t, test.want, plan.Steps)
			require.Equal(t, test.want[len(test.want)-1] != faults.Step(faults.Relay{}), plan.Terminal())
		})
	}
}

// What is left to be done when the target has answered: what acts on its answer of the rules before, and what the answer has brought.
func TestCompileAnswer(t *testing.T) {
	wait := func(rule string, stage faults.Stage) faults.Part {
		return faults.Part{Stage: stage, Step: faults.Wait{Rule: rule, For: time.Second}}
	}
	before := []faults.Part{wait("on the way", faults.StageRequestLatency), wait("a", faults.StageResponseLatency)}
	a := before[1].Step
	for _, test := range []struct {
		name, text string
		want       []faults.Step
	}{
		{"nothing more", ``, []faults.Step{a, faults.Relay{}}},
		{"latency", `latency = { delay = "1s", at = "response" }`, []faults.Step{a, faults.Wait{Rule: "a rule", For: time.Second}, faults.Relay{}}},
		{"bandwidth", `bandwidth.down = "1B/s"`, []faults.Step{faults.Throttle{Down: 1}, a, faults.Relay{}}},
		{"corrupt", `corrupt = true`, []faults.Step{faults.Corrupt{Bytes: 1}, a, faults.Relay{}}},
		{"an answer in its place", `status = 503`, []faults.Step{faults.HearOut{}, a, faults.Answer{Status: 503, Body: []byte{}}}},
		{"reset", `reset = true`, []faults.Step{faults.HearOut{}, a, faults.Reset{}}},
		{"hang", `hang = "1m"`, []faults.Step{faults.HearOut{}, a, faults.Hold{For: time.Minute}, faults.Reset{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			parts, problems := read(t, test.text)
			require.Empty(t, problems)
			require.Equal(t, test.want, faults.CompileAnswer(before, parts).Steps)
		})
	}
	parts, problems := read(t, `truncate = 3`)
	require.Empty(t, problems)
	plan := faults.CompileAnswer(before, parts)
	require.Len(t, plan.Steps, 3)
	require.Equal(t, a, plan.Steps[0])
	require.True(t, plan.Steps[1].(faults.Begin).Own)
	require.Equal(t, faults.Finish{}, plan.Steps[2])
}

// Faults of several rules act in the order of an attempt's life; delays add up, those of one stage in the order of the rules.
func TestCompileOrder(t *testing.T) {
	wait := func(rule string) faults.Step { return faults.Wait{Rule: rule, For: time.Second} }
	parts := []faults.Part{
		{Stage: faults.StageResponseLatency, Step: wait("after the target")},
		{Stage: faults.StageTerminal, Step: faults.Hold{}, Ends: true},
		{Stage: faults.StageTerminal, Step: faults.Reset{}, Ends: true},
		{Stage: faults.StageRequestLatency, Step: wait("first")},
		{Stage: faults.StageRequestLatency, Step: wait("second")},
	}
	require.Equal(t, []faults.Step{wait("first"), wait("second"), faults.Deliver{}, wait("after the target"), faults.Hold{}, faults.Reset{}},
		faults.Compile(parts, true).Steps)
	require.Equal(t, []faults.Step{wait("first"), wait("second"), wait("after the target"), faults.Hold{}, faults.Reset{}},
		faults.Compile(parts, false).Steps)

	// One that is turned away has waited in the queue before.
	parts = []faults.Part{
		{Stage: faults.StageRequestLatency, Step: wait("on the way")},
		{Stage: faults.StageAdmission, Step: faults.Answer{Status: 429}, Ends: true},
		{Stage: faults.StageAdmission, Step: wait("in the queue")},
		{Stage: faults.StageResponseLatency, Step: wait("never")},
	}
	require.Equal(t, []faults.Step{wait("on the way"), wait("in the queue"), faults.Answer{Status: 429}}, faults.Compile(parts, false).Steps)
}

func TestProblems(t *testing.T) {
	const wantDuration = `a duration such as "30s" (units ms, s, m, h, d)`
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"status true", `status = true`, []string{`status: not a number, got true, want a whole number from 200 to 599`}},
		{"status false", `status = false`, []string{`status: not a number, got false, want a whole number from 200 to 599`}},
		{"informational status", `status = 103`, []string{`status: out of range, got 103, want a whole number from 200 to 599`}},
		{"status too large", `status = 600`, []string{`status: out of range, got 600, want a whole number from 200 to 599`}},
		{"status in quotes", `status = "503"`, []string{`status: not a number, got "503", want a whole number from 200 to 599`}},
		{"status without code", `status = { body = "x" }`, []string{`status.code: is missing, want a whole number from 200 to 599`}},
		{"body for 204", `status = { code = 204, body = "x" }`, []string{
			"status: an answer 204 has no body, got a table with body, code, want a status of an answer with a body\n  hint: leave body and body_file out (RFC 9110 6.4.1)",
		}},
		{"body for 304", `status = { code = 304, body_file = "busy.json" }`, []string{
			"status: an answer 304 has no body, got a table with body_file, code, want a status of an answer with a body\n  hint: leave body and body_file out (RFC 9110 6.4.1)",
		}},
		{"two bodies", `status = { code = 500, body = "x", body_file = "busy.json" }`, []string{
			`status.body_file: is one body too many, got "busy.json", want body or body_file, not both`,
		}},
		{"file outside", `status = { code = 500, body_file = "../secret" }`, []string{
			`status.body_file: leaves the scenario's folder, got "../secret", want a file in the scenario's folder`,
		}},
		{"file by its whole path", `status = { code = 500, body_file = "/etc/passwd" }`, []string{
			`status.body_file: leaves the scenario's folder, got "/etc/passwd", want a file in the scenario's folder`,
		}},
		{"no such file", `status = { code = 500, body_file = "none.json" }`, []string{
			`status.body_file: cannot be read (file does not exist), got "none.json", want a file in the scenario's folder`,
		}},
		{"a folder", `status = { code = 500, body_file = "folder" }`, []string{
			`status.body_file: is no ordinary file of at most 16MiB, got "folder", want a file in the scenario's folder`,
		}},
		{"too large a file", `status = { code = 500, body_file = "large" }`, []string{
			`status.body_file: is no ordinary file of at most 16MiB, got "large", want a file in the scenario's folder`,
		}},
		{"framing fields", `status = { code = 500, header = { content-length = "5", Transfer-Encoding = "chunked", Connection = "close" } }`, []string{
			"status.header.Connection: is a framing field, which the proxy sets itself, got \"Connection\", want any other field\n  hint: faults that break the framing are kinds of their own",
			"status.header.Transfer-Encoding: is a framing field, which the proxy sets itself, got \"Transfer-Encoding\", want any other field\n  hint: faults that break the framing are kinds of their own",
			"status.header.content-length: is a framing field, which the proxy sets itself, got \"content-length\", want any other field\n  hint: faults that break the framing are kinds of their own",
		}},
		{"line break in a header", `status = { code = 500, header = { X-A = "a\r\nX-B: b" } }`, []string{
			`status.header.X-A: not a header value, got "a\r\nX-B: b", want visible characters, spaces and tabs; no line break`,
		}},
		{"no name of a header", `status = { code = 500, header = { "X A" = "a" } }`, []string{
			"status.header.\"X A\": is no name of a header field, got \"X A\", want letters, digits and hyphens; no spaces, no colon",
		}},
		{"a number for a header", `status = { code = 500, header = { X-A = 5 } }`, []string{
			"status.header.X-A: not a header value, got 5, want a string or a list of strings",
		}},
		{"one header twice", `status = { code = 500, header = { X-A = "1", x-a = "2" } }`, []string{
			"status.header.x-a: is there twice, in another spelling, got \"x-a\", want one field with a list of values",
		}},
		{"header is no table", `status = { code = 500, header = "X-A: b" }`, []string{
			`status.header: not a table, got "X-A: b", want a table of header fields, each a string or a list of strings`,
		}},
		{"retry_after twice", `status = { code = 503, retry_after = "1s", header = { Retry-After = "1" } }`, []string{
			"status.retry_after: is also given in header, got \"1s\"\n  hint: leave it out of one of the two",
		}},
		{"retry_after of nothing", `status = { code = 503, retry_after = "0s" }`, []string{
			`status.retry_after: is no time at all, got "0s", want more than 0s`,
		}},
		{"form of a retry_after that is not there", `status = { code = 503, retry_after_as = "date" }`, []string{
			`status.retry_after_as: says how to write a retry_after that is not there, got "date"`,
		}},

		{"limit of nothing", `rate_limit = 0`, []string{`rate_limit: out of range, got 0, want a whole number from 1 to 1000000`}},
		{"rate limit true", `rate_limit = true`, []string{`rate_limit: not a number, got true, want a whole number from 1 to 1000000`}},
		{"rate limit in no time", `rate_limit = { limit = 1, per = "0s" }`, []string{`rate_limit.per: is no time at all, got "0s", want more than 0s`}},
		{"a bucket that never fills", `rate_limit = { limit = 1, per = "1d", burst = 400 }`, []string{
			"rate_limit: the bucket takes longer than a year to fill\n  hint: a smaller burst, or a shorter `per`",
		}},
		{"a limit above any clock", `rate_limit = { limit = 1000000, per = "0.5ms" }`, []string{
			"rate_limit: is more than one attempt a nanosecond\n  hint: a smaller limit, or a longer `per`",
		}},
		{"a limit that acknowledges", `rate_limit = { limit = 1, code = 200 }`, []string{`rate_limit.code: out of range, got 200, want a whole number from 400 to 599`}},
		{"scope", `rate_limit = { limit = 1, scope = "planet" }`, []string{`rate_limit.scope: unknown value, got "planet", want one of host, rule, client`}},

		{"an endpoint without workers", `capacity = { workers = 0 }`, []string{`capacity.workers: out of range, got 0, want a whole number from 1 to 10000`}},
		{"an endpoint without work", `capacity = { work = "0s" }`, []string{`capacity.work: is no time at all, got "0s", want more than 0s`}},
		{"a capacity that is no table", `capacity = 4`, []string{`capacity: not a capacity, got 4, want true or a table`}},
		{"a full queue that acknowledges", `capacity = { code = 204 }`, []string{`capacity.code: out of range, got 204, want a whole number from 400 to 599`}},
		{"retry after nothing", `capacity = { retry_after = "0s" }`, []string{`capacity.retry_after: is no time at all, got "0s", want more than 0s`}},

		{"latency true", `latency = true`, []string{`latency: not a duration, got true, want ` + wantDuration + `, or a table { from, to, over }`}},
		{"negative latency", `latency = "-1s"`, []string{`latency: not a duration, got "-1s", want ` + wantDuration + `, or a table { from, to, over }`}},
		{"latency without delay", `latency = { jitter = "1s" }`, []string{`latency.delay: is missing, want a duration such as "30s" (units ms, s, m, h, d), or a table { from, to, over }`}},
		{"jitter of an exponential", `latency = { delay = "1s", jitter = "1s", distribution = "exponential" }`, []string{
			"latency.jitter: is not used by the exponential distribution, got \"1s\"\n  hint: its delays are spread already; leave jitter out",
		}},
		{"unknown distribution", `latency = { delay = "1s", distribution = "normal" }`, []string{
			`latency.distribution: unknown value, got "normal", want one of uniform, exponential`,
		}},

		{"bandwidth of nothing", `bandwidth = {}`, []string{"bandwidth: limits nothing\n  hint: give it up, down, or both, such as down = \"64KiB/s\""}},
		{"bandwidth alone", `bandwidth = "64KiB/s"`, []string{`bandwidth: not a bandwidth, got "64KiB/s", want a table`}},
		{"bandwidth without a time", `bandwidth = { up = "64KiB" }`, []string{`bandwidth.up: not a rate, got "64KiB", want a rate such as "64KiB/s" (a size of at least 1B, a second)`}},
		{"bandwidth that lets nothing through", `bandwidth = { down = "0B/s" }`, []string{`bandwidth.down: not a rate, got "0B/s", want a rate such as "64KiB/s" (a size of at least 1B, a second)`}},

		{"rewrite nothing", `rewrite = {}`, []string{
			"rewrite: changes nothing\n  hint: give it one of set_header, remove_header, json_set, json_remove, body, body_file, template, sign_file",
		}},
		{"rewrite nothing of the answer", `rewrite = { on = "response" }`, []string{
			"rewrite: changes nothing\n  hint: give it one of set_header, remove_header, json_set, json_remove, body, body_file, template, sign_file",
		}},
		{"rewrite true", `rewrite = true`, []string{`rewrite: not a rewrite, got true, want a table`}},
		{"rewrite the wrong thing", `rewrite = { on = "target", body = "x" }`, []string{`rewrite.on: unknown value, got "target", want one of request, response`}},
		{"rewrite framing and what goes no further", `rewrite = { set_header = { content-length = "1", TE = "x", Host = "a", Expect = "b", Proxy-Authorization = "c" } }`, []string{
			"rewrite.set_header.TE: is a framing field, which the proxy sets itself, got \"TE\", want any other field\n  hint: faults that break the framing are kinds of their own",
			"rewrite.set_header.content-length: is a framing field, which the proxy sets itself, got \"content-length\", want any other field\n  hint: faults that break the framing are kinds of their own",
			"rewrite.set_header.Expect: is between a sender and its proxy, and goes no further",
			"rewrite.set_header.Host: says where a request goes, which no fault changes",
			"rewrite.set_header.Proxy-Authorization: is between a sender and its proxy, and goes no further",
		}},
		{"remove framing", `rewrite = { remove_header = ["transfer-encoding", "X A", "host"] }`, []string{
			"rewrite.remove_header: is a framing field, which the proxy sets itself, got [\"transfer-encoding\", \"X A\", \"host\"]\n  hint: faults that break the framing are kinds of their own",
			"rewrite.remove_header: is no name of a header field, got [\"transfer-encoding\", \"X A\", \"host\"], want letters, digits and hyphens; no spaces, no colon",
			"rewrite.remove_header: says where a request goes, which no fault changes",
		}},
		{"set and remove a field", `rewrite = { set_header = { X-A = "1" }, remove_header = "x-a" }`, []string{
			"rewrite.remove_header: has a field that set_header sets, got \"x-a\"\n  hint: set_header takes the place of what was there: leave it out of one of the two",
		}},
		{"two new bodies", `rewrite = { body = "", template = "x" }`, []string{`rewrite.template: is one body too many, got "x", want one of body, body_file, template`}},
		{"no secret", `rewrite = { sign_file = "empty" }`, []string{
			`rewrite.sign_file: holds no secret, got "empty", want a file in the scenario's folder with a secret such as whsec_…`,
		}},
		{"a secret outside", `rewrite = { sign_file = "../secret" }`, []string{
			`rewrite.sign_file: leaves the scenario's folder, got "../secret", want a file in the scenario's folder with a secret such as whsec_…`,
		}},
		{"a secret cut", `rewrite = { sign_file = "cut" }`, []string{
			`rewrite.sign_file: holds no base64 after whsec_, got "cut", want a file in the scenario's folder with a secret such as whsec_…`,
		}},
		{"an answer signed", `rewrite = { on = "response", sign_file = "secret" }`, []string{`rewrite.sign_file: signs requests: answers carry no signature`}},
		{"a body file outside", `rewrite = { body_file = "../secret" }`, []string{
			`rewrite.body_file: leaves the scenario's folder, got "../secret", want a file in the scenario's folder`,
		}},
		{"no JSON paths", `rewrite = { json_set = { "a.*" = 1, b."[" = 2 }, json_remove = ["#", "a..b"] }`, []string{
			"rewrite.json_set.\"a.*\": is no JSON path\n  hint: names and indices such as a.b or items[0].id",
			"rewrite.json_set.b.\"[\": is no JSON path\n  hint: names and indices such as a.b or items[0].id",
			"rewrite.json_remove: is no JSON path, got [\"#\", \"a..b\"], want names and indices such as a.b or items[0].id",
			"rewrite.json_remove: is no JSON path, got [\"#\", \"a..b\"], want names and indices such as a.b or items[0].id",
		}},
		{"values that JSON has not", `rewrite = { json_set = { a = nan, b = 2026-11-24, c = [1, inf], d = [{ e = 07:32:00 }] } }`, []string{
			`rewrite.json_set.a: not a value of JSON, got NaN, want a string, a number, true, false, or a list of them`,
			`rewrite.json_set.b: not a value of JSON, got 2026-11-24T00:00:00Z, want a string, a number, true, false, or a list of them`,
			`rewrite.json_set.c: not a value of JSON, got [1, +Inf], want a string, a number, true, false, or a list of them`,
			`rewrite.json_set.d: not a value of JSON, got a list, want a string, a number, true, false, or a list of them`,
		}},
		{"JSON values in no table", `rewrite = { json_set = "a", json_remove = 1 }`, []string{
			`rewrite.json_set: not a table, got "a", want a table such as { status = "paid", "items[0].id" = 7 }`,
			`rewrite.json_remove: not a list of strings, got 1, want a JSON path, or a list of them`,
		}},
		{"a template that is none", "rewrite = { template = \"\"\"\nfirst line\n{{.Body.id\n\"\"\" }", []string{
			"rewrite.template: is no template: line 3: unclosed action started at template:2\n  hint: see https://pkg.go.dev/text/template",
		}},
		{"a template with a function that there is not", `rewrite = { template = "{{env \"HOME\"}}" }`, []string{
			"rewrite.template: is no template: line 1: function \"env\" not defined\n  hint: see https://pkg.go.dev/text/template",
		}},

		{"duplicate once", `duplicate = 1`, []string{`duplicate: out of range, got 1, want a whole number from 2 to 100`}},

		{"corrupt no byte", `corrupt = 0`, []string{`corrupt: out of range, got 0, want a whole number from 1 to 65536`}},
		{"corrupt JSON by so many bytes", `corrupt = { json = true, bytes = 2 }`, []string{
			"corrupt.bytes: is not used with json, got 2\n  hint: one byte is enough to break it; leave bytes out",
		}},

		{"reset false", `reset = false`, []string{`reset: not a reset, got false, want true or a table`}},
		{"reset 1", `reset = 1`, []string{`reset: not a reset, got 1, want true or a table`}},
		{"reset in the request, after some of an answer", `reset = { at = "request", after = 5 }`, []string{"reset.after: is for a reset in the body, got 5\n  hint: at = \"body\""}},
		{"cut after nothing", `cut_tunnel = { as = "reset" }`, []string{`cut_tunnel.after: is missing, want bytes, a size such as "4KiB", or a duration such as "2s"`}},
		{"cut after a share", `cut_tunnel = "50%"`, []string{`cut_tunnel: neither a size nor a duration, got "50%", want bytes, a size such as "4KiB", or a duration such as "2s"`}},
		{"cut before the first byte", `cut_tunnel = -1`, []string{`cut_tunnel: neither a size nor a duration, got -1, want bytes, a size such as "4KiB", or a duration such as "2s"`}},
		{"a timeout of no time", `connect_timeout = { for = "0s" }`, []string{
			"connect_timeout.for: is no time at all, got \"0s\", want more than 0s\n  hint: reset = true ends the attempt at once",
		}},
		{"a listener for a while", `connect_timeout = { for = "5s", listener = true }`, []string{
			"connect_timeout.for: is not for a listener, got \"5s\"\n  hint: it is silent for as long as the rule's window is open",
		}},
		{"a listener that answers", `refuse = { listener = true, code = 502 }`, []string{
			"refuse.code: is an answer, and a listener that refuses gives none, got 502\n  hint: leave it or listener out",
		}},
		{"tls in no way", `tls = true`, []string{`tls: unknown value, got true, want one of expired, wrong_host, untrusted, self_signed, handshake_alert, handshake_reset, handshake_hang`}},
		{"tls without a way", `tls = {}`, []string{`tls.as: is missing, want one of expired, wrong_host, untrusted, self_signed, handshake_alert, handshake_reset, handshake_hang`}},
		{"reset anywhere", `reset = { at = "tail" }`, []string{`reset.at: unknown value, got "tail", want one of request, head, body`}},
		{"reset at the head with a part of the body", `reset = { after = 5 }`, []string{"reset.after: is for a reset in the body, got 5\n  hint: at = \"body\""}},
		{"truncate after all of it", `truncate = "100%"`, []string{`truncate.after: is the whole body, want less than 100%`}},
		{"truncate after nothing that is a part", `truncate = "half"`, []string{
			`truncate: not an amount, got "half", want a number of bytes, a size such as "4KiB", or a share such as "50%"`,
		}},
		{"truncate without a body", `truncate = { code = 204 }`, []string{`truncate.code: has no body to bend, got 204, want a status of an answer with a body`}},
		{"redirect to nowhere", `redirect = "http://"`, []string{"redirect: leads nowhere\n  hint: to = \"https://other.example.com/hook\", a path, or \"loop\""}},
		{"redirect by a status that does not", `redirect = { to = "/x", code = 304 }`, []string{
			`redirect.code: sends nobody anywhere, got 304, want one of 301, 302, 303, 307, 308`,
		}},
		{"malformed somehow", `malformed = "badly"`, []string{`malformed: unknown value, got "badly", want one of garbage, chunk, gzip, huge_header, many_headers`}},
		{"malformed by itself", `malformed = true`, []string{`malformed: unknown value, got true, want one of garbage, chunk, gzip, huge_header, many_headers`}},
		{"close with a key", `close = { after = 5 }`, []string{`close.after: unknown key, want no key at all`}},
		{"hang for nothing", `hang = { for = "0s" }`, []string{
			"hang.for: is no time at all, got \"0s\", want more than 0s\n  hint: reset = true ends the attempt at once",
		}},
		{"refuse with a status of the target's", `refuse = { code = 500 }`, []string{`refuse.code: out of range, got 500, want a whole number from 502 to 504`}},
		{"typo", `hang = { fro = "1s" }`, []string{"hang.fro: unknown key, want one of for\n  hint: did you mean \"for\"?"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, problems := read(t, test.text)
			for i, p := range problems {
				problems[i] = strings.TrimPrefix(p, "test.toml: ")
			}
			require.Equal(t, test.want, problems)
		})
	}
}

// A delay with jitter lies evenly between delay - jitter and delay + jitter, and never below 0; an exponential one has delay as its mean.
func TestLatencyDraws(t *testing.T) {
	for _, test := range []struct {
		name, text string
		draw       float64
		want       time.Duration
	}{
		{"the least", `latency = { delay = "800ms", jitter = "200ms" }`, 0, 600 * time.Millisecond},
		{"the middle", `latency = { delay = "800ms", jitter = "200ms" }`, 0.5, 800 * time.Millisecond},
		{"nearly the most", `latency = { delay = "800ms", jitter = "200ms" }`, 0.999, 999600 * time.Microsecond},
		{"never below 0", `latency = { delay = "100ms", jitter = "200ms" }`, 0.1, 0},
		{"without jitter", `latency = "800ms"`, 0.1, 800 * time.Millisecond},
		{"exponential, the least", `latency = { delay = "1s", distribution = "exponential" }`, 0, 0},
		{"exponential, the median", `latency = { delay = "1s", distribution = "exponential" }`, 0.5, 693147180 * time.Nanosecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			asked := ""
			parts, problems := readAt(t, test.text, faults.Occasion{Draw: func(purpose string) float64 { asked = purpose; return test.draw }})
			require.Empty(t, problems)
			require.InDelta(t, test.want, parts[0].Step.(faults.Wait).For, float64(time.Microsecond))
			require.Equal(t, strings.Contains(test.text, "{"), asked == "jitter")
		})
	}
}

// A tunnel has no answer to hold back: its CONNECT is.
func TestLatencyAtConnect(t *testing.T) {
	parts, problems := readAt(t, `latency = { delay = "1s", at = "response" }`, faults.Occasion{Connect: true})
	require.Empty(t, problems)
	require.Equal(t, []faults.Step{faults.Wait{For: time.Second}, faults.Forward{}, faults.Relay{}}, faults.Compile(parts, false).Steps)
}

// A ramp counts from the opening of the rule's window, and stays at its end.
func TestLatencyRamp(t *testing.T) {
	for open, want := range map[time.Duration]time.Duration{0: time.Second, 30 * time.Second: 2 * time.Second, time.Minute: 3 * time.Second, time.Hour: 3 * time.Second} {
		parts, problems := readAt(t, `latency = { delay = { from = "1s", to = "3s", over = "1m" } }`, faults.Occasion{Open: open})
		require.Empty(t, problems)
		require.Equal(t, want, parts[0].Step.(faults.Wait).For, "after %v", open)
	}
}

func TestCanonicalName(t *testing.T) {
	for name, want := range map[string]string{
		"webhook-id": "Webhook-Id", "WEBHOOK-ID": "Webhook-Id", "x_y": "X_y", "ETag": "Etag", "a b": "a b", "": "",
	} {
		require.Equal(t, want, faults.CanonicalName(name))
	}
}
