package console

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFilter(t *testing.T) {
	now := at(3600)
	tests := []struct {
		name, query string
		want        filter
		err         string
	}{
		{"nothing", "", filter{limit: 100}, ""},
		{"all of it", "state=open&host=Hooks.Example.COM:8080&since=5m&limit=7&cursor=12",
			filter{state: "open", host: "hooks.example.com:8080", since: at(3300), limit: 7, cursor: 12}, ""},
		{"a time", "since=2027-01-15T08:00:00Z", filter{since: at(0), limit: 100}, ""},
		{"a time with an offset", "since=2027-01-15T10:00:00%2B02:00", filter{since: at(0), limit: 100}, ""},
		{"a time whose + was not escaped", "since=2027-01-15T10:00:00+02:00", filter{since: at(0), limit: 100}, ""},
		{"the most", "limit=1000", filter{limit: 1000}, ""},

		{"no query", "a;b", filter{}, `query "a;b": invalid semicolon separator in query`},
		{"another parameter", "hsot=x", filter{}, `unknown parameter "hsot", want state, host, since, limit or cursor`},
		{"a parameter twice", "limit=1&limit=2", filter{}, `limit is given 2 times, want it once`},
		{"another state", "state=dead", filter{}, `state "dead", want one of acknowledged, open, lost`},
		{"no state", "state=", filter{}, `state "", want one of acknowledged, open, lost`},
		{"no host", "host=", filter{}, `host "", want a name or an address, with a port or for any port`},
		{"a time of no sense", "since=yesterday", filter{}, `since "yesterday", want a time such as 2026-11-24T02:00:00Z or a duration such as 5m`},
		{"a duration to come", "since=-5m", filter{}, `since "-5m", want a time such as 2026-11-24T02:00:00Z or a duration such as 5m`},
		{"no limit", "limit=0", filter{}, `limit "0", want a number from 1 to 1000`},
		{"a limit too large", "limit=1001", filter{}, `limit "1001", want a number from 1 to 1000`},
		{"a limit of no sense", "limit=all", filter{}, `limit "all", want a number from 1 to 1000`},
		{"a cursor of no sense", "cursor=x", filter{}, `cursor "x", want the next of an earlier answer`},
		{"a cursor that no answer has", "cursor=0", filter{}, `cursor "0", want the next of an earlier answer`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readFilter(test.query, texts(states()), now)
			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			require.True(t, got.since.Equal(test.want.since), "since %v, want %v", got.since, test.want.since)
			got.since, test.want.since = time.Time{}, time.Time{}
			require.Equal(t, test.want, got)
		})
	}
}

func TestHostOfAFilter(t *testing.T) {
	tests := []struct {
		asked, host string
		want        bool
	}{
		{"", "a.test", true},
		{"a.test", "a.test", true},
		{"a.test", "a.test:8080", true},
		{"a.test:8080", "a.test:8080", true},
		{"a.test:8080", "a.test", false},
		{"a.test", "b.a.test", false},
		{"::1", "[::1]:8080", true},
		{"[::1]:8080", "[::1]:8080", true},
	}
	for _, test := range tests {
		f := filter{host: test.asked}
		require.Equal(t, test.want, f.ofHost(test.host), "%q of %q", test.host, test.asked)
	}
}
