package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
	"github.com/faultline/faultline/internal/wiretest"
)

// clientFault is a fault as six clients meet it: directly, at a target that fails by itself, and through faultline.
type clientFault struct {
	name   string
	fault  string // of the rule
	direct map[harness.Client]harness.Result
	// through names only what a forward proxy cannot reach (wire.md, 3.1 and 4); all else is as in direct.
	through map[harness.Client]harness.Result
	// The record of each attempt.
	outcome, end, endedBy string
}

func clientFaults() []clientFault {
	status := func(code int) map[harness.Client]harness.Result {
		return map[harness.Client]harness.Result{
			harness.Requests: {Status: code}, harness.HTTPX: {Status: code}, harness.AIOHTTP: {Status: code},
			harness.URLLib: {Status: code, Error: "HTTPError"}, harness.Curl: {Status: code}, harness.Go: {Status: code},
		}
	}
	timeout := map[harness.Client]harness.Result{
		harness.Requests: {Error: "ReadTimeout"}, harness.HTTPX: {Error: "ReadTimeout"}, harness.AIOHTTP: {Error: "ServerTimeoutError"},
		harness.URLLib: {Error: "TimeoutError"}, harness.Curl: {Error: "28"}, harness.Go: {Error: "Timeout"},
	}
	return []clientFault{
		{
			name: "status", fault: `status = 503`, direct: status(503),
			outcome: "rejected", end: "complete", endedBy: "proxy",
		},
		{
			name: "latency", fault: `latency = "10s"`, direct: timeout,
			outcome: "unanswered", end: "silence", endedBy: "sender",
		},
		{
			name: "hang", fault: `hang = true`, direct: timeout,
			outcome: "unanswered", end: "silence", endedBy: "sender",
		},
		{
			name: "reset", fault: `reset = true`,
			direct: map[harness.Client]harness.Result{
				harness.Requests: {Error: "ConnectionError"}, harness.HTTPX: {Error: "ReadError"}, harness.AIOHTTP: {Error: "ClientOSError"},
				harness.URLLib: {Error: "ConnectionResetError"}, harness.Curl: {Error: "56"}, harness.Go: {Error: "ECONNRESET"},
			},
			// urllib3 1.26 takes any OSError of a connection to a proxy for a proxy that cannot be reached.
			through: map[harness.Client]harness.Result{harness.Requests: {Error: "ProxyError"}},
			outcome: "unanswered", end: "reset", endedBy: "proxy",
		},
		{
			name: "close", fault: `close = true`,
			direct: map[harness.Client]harness.Result{
				harness.Requests: {Error: "ConnectionError"}, harness.HTTPX: {Error: "RemoteProtocolError"}, harness.AIOHTTP: {Error: "ServerDisconnectedError"},
				harness.URLLib: {Error: "RemoteDisconnected"}, harness.Curl: {Error: "52"}, harness.Go: {Error: "EOF"},
			},
			through: map[harness.Client]harness.Result{harness.Requests: {Error: "ProxyError"}},
			outcome: "unanswered", end: "fin", endedBy: "proxy",
		},
		{
			name: "refuse", fault: `refuse = true`,
			direct: map[harness.Client]harness.Result{
				harness.Requests: {Error: "ConnectionError"}, harness.HTTPX: {Error: "ConnectError"}, harness.AIOHTTP: {Error: "ClientConnectorError"},
				harness.URLLib: {Error: "URLError"}, harness.Curl: {Error: "7"}, harness.Go: {Error: "ECONNREFUSED"},
			},
			// A proxy that was reached cannot make the kernel refuse: all of them see the RST after the request.
			through: map[harness.Client]harness.Result{
				harness.Requests: {Error: "ProxyError"}, harness.HTTPX: {Error: "ReadError"}, harness.AIOHTTP: {Error: "ClientOSError"},
				harness.URLLib: {Error: "ConnectionResetError"}, harness.Curl: {Error: "56"}, harness.Go: {Error: "ECONNRESET"},
			},
			outcome: "unanswered", end: "reset", endedBy: "proxy",
		},
	}
}

// Each client has the same error through faultline as at a target that really fails in that way.
func TestClientsRaiseWhatTheDirectFaultRaises(t *testing.T) {
	t.Parallel()
	faults := clientFaults()
	failing := harness.NewFailing(t)
	refusing := "http://" + wiretest.RefusingPort(t)
	healthy := harness.NewTarget(t, nil)
	proxy := start(t, "[delivery]\nmatch.host = \"127.0.0.1\"\n"+rulesOf(faults))
	direct := postsOf(faults, failing, "")
	for i := range direct {
		if strings.HasSuffix(direct[i].URL, "/refuse") {
			direct[i].URL = refusing + "/refuse"
		}
	}

	requireDirect(t, faults, harness.Send(t, "", direct))
	requireThrough(t, faults, harness.Send(t, proxy.URL, postsOf(faults, healthy.URL, "")))

	require.Empty(t, healthy.Seen(), "what the target got of attempts that a fault ended before it")
	requireRecords(t, faults, "forward", proxy.Log.WaitFor(t, "attempt", len(direct)))
}

// rulesOf has a rule for each fault, which acts at the path of its name.
func rulesOf(faults []clientFault) string {
	var rules strings.Builder
	for _, fault := range faults {
		fmt.Fprintf(&rules, "[[rule]]\nname = %q\nmatch.path = \"/%s\"\n%s\n", fault.name, fault.name, fault.fault)
	}
	return rules.String()
}

// postsOf is a post for each fault and client, in that order.
func postsOf(faults []clientFault, base, ca string) []harness.Post {
	var posts []harness.Post
	for _, fault := range faults {
		posts = append(posts, postsTo(base+"/"+fault.name, ca)...)
	}
	return posts
}

// requireDirect compares what the clients have of postsOf at a target that fails by itself.
func requireDirect(t *testing.T, faults []clientFault, got []harness.Result) {
	t.Helper()
	for i, fault := range faults {
		for j, client := range harness.Clients() {
			require.Equal(t, fault.direct[client], got[i*len(harness.Clients())+j], "%s with %s, directly", fault.name, client)
		}
	}
}

// requireThrough compares what the clients have of postsOf through faultline.
func requireThrough(t *testing.T, faults []clientFault, got []harness.Result) {
	t.Helper()
	for i, fault := range faults {
		for j, client := range harness.Clients() {
			want, differs := fault.through[client]
			if !differs {
				want = fault.direct[client]
			}
			require.Equal(t, want, got[i*len(harness.Clients())+j], "%s with %s, through faultline", fault.name, client)
		}
	}
}

// requireRecords checks that every fault was recorded once per client, as what it was.
func requireRecords(t *testing.T, faults []clientFault, placement string, attempts []harness.Line) {
	t.Helper()
	for _, fault := range faults {
		recorded := 0
		for _, attempt := range attempts {
			if len(attempt.Faults) != 1 || attempt.Faults[0] != fault.name {
				continue
			}
			recorded++
			require.Equal(t, []string{fault.name}, attempt.Rules)
			require.Equal(t, placement, attempt.Placement)
			require.Equal(t, fault.outcome, attempt.Outcome, "outcome of %s", fault.name)
			require.Equal(t, fault.end, attempt.End, "end of %s", fault.name)
			require.Equal(t, fault.endedBy, attempt.EndedBy, "ended_by of %s", fault.name)
			require.Equal(t, "none", attempt.Reached, "reached of %s", fault.name)
			require.Nil(t, attempt.Target, "target of %s", fault.name)
		}
		require.Equal(t, len(harness.Clients()), recorded, "attempts recorded with %s", fault.name)
	}
}

// A latency that a client's timeout covers, a refusal that is a gateway status, and no fault at all: each client has an answer.
func TestClientsAreAnswered(t *testing.T) {
	t.Parallel()
	target := harness.NewTarget(t, nil)
	proxy := start(t, `
[[rule]]
name = "slow"
match.path = "/slow"
latency = "200ms"

[[rule]]
name = "unreachable"
match.path = "/unreachable"
refuse = { code = 502 }
`)
	for _, test := range []struct {
		path string
		want int
	}{
		{"/slow", 200},
		{"/unreachable", 502},
		{"/plain", 200},
	} {
		t.Run(test.path, func(t *testing.T) {
			var posts []harness.Post
			for _, client := range harness.Clients() {
				posts = append(posts, harness.Post{Client: client, URL: target.URL + test.path})
			}

			for i, result := range harness.Send(t, proxy.URL, posts) {
				want := harness.Result{Status: test.want}
				if posts[i].Client == harness.URLLib && test.want >= 400 {
					want.Error = "HTTPError"
				}
				require.Equal(t, want, result, "%s", posts[i].Client)
			}
		})
	}
}
