package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

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
