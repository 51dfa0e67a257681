package matrix

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// difference is a truth that faultline cannot reach. What clients then have instead is their truth of another row (like), or an error (instead).
type difference struct {
	rows    []string
	in      []placement
	clients []harness.Client
	instead string
	like    string
	why     string
}

// differences are all of them. One that does not show is an error, as is one that is not listed.
func differences() []difference {
	return []difference{
		{
			rows: []string{"close", "close-kept", "hang-for", "reset", "reset-kept", "reset-request"}, in: []placement{forward, intercept},
			clients: []harness.Client{harness.Requests},
			instead: "ProxyError", why: "urllib3 1.26 takes any error of a connection through a proxy, before an answer, for a proxy that cannot be reached",
		},
		{
			rows: []string{"tls-handshake-reset", "tls-handshake-hang", "cut-handshake-reset", "cut-handshake-stall", "cut-time", "refuse"},
			in:   []placement{tunnel, intercept}, clients: []harness.Client{harness.Requests},
			instead: "ProxyError", why: "as above",
		},
		{
			rows: []string{"refuse"}, in: []placement{forward}, clients: []harness.Client{harness.Requests},
			instead: "ProxyError", why: "as above",
		},
		{
			rows: []string{"connect-timeout"}, in: []placement{forward},
			clients: []harness.Client{harness.Requests, harness.HTTPX, harness.URLLib, harness.Go},
			like:    "hang", why: "a connection that the kernel has accepted stands: only its answer can stay away",
		},
		{
			rows: []string{"connect-timeout"}, in: []placement{tunnel, intercept}, clients: []harness.Client{harness.Requests},
			instead: "ProxyError", why: "urllib3 1.26 takes a handshake through a proxy that times out for a proxy that cannot be reached",
		},
		{
			rows: []string{"connect-timeout"}, in: []placement{tunnel, intercept}, clients: []harness.Client{harness.Go},
			like: "tls-handshake-hang", why: "the connection to the proxy stands: it is the handshake that times out",
		},
		{
			rows: []string{"refuse-listener"}, in: []placement{listener}, clients: []harness.Client{harness.Requests},
			instead: "ProxyError", why: "here it is the proxy that cannot be reached, and it says so",
		},
		{
			rows: []string{"refuse-listener"}, in: []placement{listener}, clients: []harness.Client{harness.AIOHTTP},
			instead: "ClientProxyConnectionError", why: "as above; it is a ClientConnectorError",
		},
		{
			rows: []string{"refuse"}, in: []placement{tunnel}, clients: []harness.Client{harness.Curl, harness.Go},
			like: "tls-handshake-reset", why: "the connection that the proxy accepted stands: only what is inside it can break",
		},
		{
			rows: []string{"refuse"}, in: []placement{forward, intercept},
			clients: []harness.Client{harness.HTTPX, harness.AIOHTTP, harness.URLLib, harness.Curl, harness.Go},
			like:    "reset", why: "a kernel that has accepted a connection cannot refuse it any more",
		},
	}
}

// find is the difference that is listed for a client's attempt, nil without one.
func find(in placement, row row, client harness.Client) *difference {
	name := strings.TrimSuffix(row.name, deliveredToo)
	for _, d := range differences() {
		if slices.Contains(d.rows, name) && slices.Contains(d.in, in) && slices.Contains(d.clients, client) {
			return &d
		}
	}
	return nil
}

// requireTruth compares what the clients have with what they have of the failure itself, and with the table of what differs.
func requireTruth(t *testing.T, o *outcome) {
	t.Helper()
	for _, in := range placements() {
		truth := o.truth(in)
		for _, row := range o.rows {
			if !row.is(in) {
				continue
			}
			for _, client := range harness.Clients() {
				at := cell{row.name, client}
				want, got := truth[at], o.through[in][at]
				if listed := find(in, row, client); listed != nil {
					other := listed.other(want, truth, client)
					assert.NotEqual(t, want.Error, other.Error, "%s with %s, %s: listed as different, and is not", row.name, client, in)
					want = other
				}
				if row.door != nil {
					want.Sent = got.Sent // who cannot connect has sent nothing, and where a proxy cannot help that, has
				}
				assert.Equal(t, want, got, "%s with %s, %s", row.name, client, in)
			}
		}
	}
}

// other is what the client has instead of the truth.
func (d *difference) other(truth saw, all map[cell]saw, client harness.Client) saw {
	if d.like != "" {
		return all[cell{d.like, client}]
	}
	truth.Error = d.instead
	return truth
}

// TestDifferencesAreOfTheMatrix: the table names rows that exist, and no client's attempt twice.
func TestDifferencesAreOfTheMatrix(t *testing.T) {
	names := map[string]bool{}
	for _, row := range rows() {
		names[row.name] = true
	}
	listed := map[string]bool{}
	for _, d := range differences() {
		require.NotEmpty(t, d.why)
		require.NotEqual(t, d.instead == "", d.like == "", "one of instead and like")
		require.True(t, d.like == "" || names[d.like], d.like)
		for _, name := range d.rows {
			require.True(t, names[name], "no such row: %s", name)
			for _, in := range d.in {
				for _, client := range d.clients {
					key := fmt.Sprint(name, in, client)
					require.False(t, listed[key], "%s with %s, %s is listed twice", name, client, in)
					listed[key] = true
				}
			}
		}
	}
}
