package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// oddAnswers are answers that break off, or are no sound answers: the path at which a target gives them by itself, and the fault that gives the same.
func oddAnswers() []struct{ path, fault string } {
	const body = `body = "0123456789"`
	return []struct{ path, fault string }{
		{"/truncate", `truncate = { after = 5, ` + body + ` }`},
		{"/truncate-length", `truncate = { after = 5, keep_length = true, ` + body + ` }`},
		{"/reset-body", `reset = { at = "body", after = 5, ` + body + ` }`},
		{"/stall", `stall = { after = 5, ` + body + ` }`},
		{"/stall-head", `stall = { ` + body + ` }`},
		{"/garbage", `malformed = "garbage"`},
		{"/chunk", `malformed = "chunk"`},
		{"/gzip", `malformed = "gzip"`},
		{"/huge_header", `malformed = "huge_header"`},
		{"/many_headers", `malformed = "many_headers"`},
		{"/loop", `redirect = { to = "loop", code = 307 }`},
		{"/early-hints", `informational = true` + "\nstatus = 503"},
	}
}

// Each client makes of an odd answer through faultline what it makes of the same answer of a target that is odd by itself. Nothing is expected that was not
// seen directly in this run, and there is no exception.
func TestClientsMakeTheSameOfOddAnswers(t *testing.T) {
	t.Parallel()
	odd := oddAnswers()
	failing := harness.NewFailing(t)
	healthy := harness.NewTarget(t, nil)
	var rules strings.Builder
	for i, o := range odd {
		fmt.Fprintf(&rules, "[[rule]]\nname = \"%d\"\nmatch.path = %q\n%s\n", i, o.path, o.fault)
	}
	proxy := start(t, "[delivery]\nmatch.host = \"127.0.0.1\"\nmatch.method = \"*\"\n"+rules.String())
	posts := func(base string) []harness.Post {
		var all []harness.Post
		for _, o := range odd {
			all = append(all, postsTo(base+o.path, "")...)
		}
		return all
	}

	direct := harness.Send(t, "", posts(failing))
	through := harness.Send(t, proxy.URL, posts(healthy.URL))

	for i, o := range odd {
		for j, client := range harness.Clients() {
			at := i*len(harness.Clients()) + j
			want, got := direct[at], through[at]
			want.Error = strings.ReplaceAll(want.Error, failing, "") // Go's errors name the address
			got.Error = strings.ReplaceAll(got.Error, healthy.URL, "")
			require.Equal(t, want, got, "%s with %s", o.path, client)
		}
	}
	require.Empty(t, healthy.Seen(), "what the target got of attempts that a fault ended before it")
}
