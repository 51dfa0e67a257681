package matrix

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/faultline/faultline/e2e/harness"
)

// recorded are the attempts of a log, corrected by its amendments, in the order in which they began.
func recorded(t *testing.T, log harness.Log) map[placement]map[sent][]harness.Line {
	t.Helper()
	amended := map[string]harness.Line{}
	for _, line := range log.Of(t, "amend") {
		amended[line.ID] = line
	}
	all := map[placement]map[sent][]harness.Line{}
	attempts := log.Attempts(t)
	slices.SortFunc(attempts, func(a, b harness.Line) int { return a.Start.Compare(b.Start) })
	for _, attempt := range attempts {
		if truly, corrected := amended[attempt.ID]; corrected {
			attempt.Outcome, attempt.End, attempt.EndedBy = truly.Outcome, truly.End, truly.EndedBy
		}
		in := placement(attempt.Placement)
		if all[in] == nil {
			all[in] = map[sent][]harness.Line{}
		}
		at := sent{pathOf(attempt.URL), harness.ClientOf(attempt.Request.Header.Get("User-Agent"))}
		all[in][at] = append(all[in][at], attempt)
	}
	return all
}

// pathOf is the path of a URL.
func pathOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	_, path, _ := strings.Cut(rest, "/")
	return "/" + path
}

// exchangesOf are attempts as the log says that the sender saw them.
func exchangesOf(attempts []harness.Line) []exchange {
	var all []exchange
	for _, attempt := range attempts {
		one := exchange{Method: attempt.Method, Outcome: attempt.Outcome, End: attempt.End, EndedBy: attempt.EndedBy, Status: attempt.Status()}
		if attempt.Answer != nil {
			one.Bytes = attempt.Answer.Bytes
		}
		all = append(all, one)
	}
	return all
}

// requireRecords compares the log with what the raw targets saw of the same failures.
func requireRecords(t *testing.T, o *outcome) {
	t.Helper()
	for _, in := range placements() {
		for _, row := range o.rows {
			if !row.is(in) || row.atConnect(in) {
				continue
			}
			for _, client := range harness.Clients() {
				for _, below := range []string{"", before, landed} {
					at := sent{row.path() + below, client}
					want, got := o.raw(in).exchanges(row.seenAs(at)), exchangesOf(o.attempts[in][at])
					for i := range min(len(want), len(got)) {
						want[i] = row.orLeft(want[i], got[i], o.through[in][cell{row.name, client}])
						if row.truth.pace > 0 && want[i].EndedBy == "sender" {
							want[i].Bytes = got[i].Bytes // how far it came until then is a matter of time
						}
					}
					assert.Equal(t, want, got, "%s%s with %s, %s", row.name, below, client, in)
				}
			}
		}
	}
}

// seenAs is where the raw target sees what faultline records: for a row that is like another, there.
func (r row) seenAs(at sent) sent {
	if r.like != "" {
		at.path = strings.Replace(at.path, r.path(), "/"+r.like, 1)
	}
	return at
}

// requireConnections: of what acts on CONNECTs there is a line for each, which says how it ended, and no attempt; of what a listener did not accept there is
// nothing at all.
func requireConnections(t *testing.T, o *outcome) {
	t.Helper()
	for _, in := range placements() {
		for _, row := range o.rows {
			if !row.is(in) || !row.atConnect(in) {
				continue
			}
			if in.secure() {
				requireLines(t, o, row, in)
			}
			for _, client := range harness.Clients() {
				if row.asks > 0 && in == intercept {
					continue // what was under way has a record of its own
				}
				assert.Empty(t, o.attempts[in][sent{row.path(), client}], "attempts at %s, %s", row.name, in)
			}
		}
	}
}

// requireLines: each client's CONNECT has a line, which names the rule, the kind, and how it ended.
func requireLines(t *testing.T, o *outcome, row row, in placement) {
	t.Helper()
	_, host, _ := strings.Cut(o.of(row).base(in), "://")
	lines := 0
	for _, line := range o.connects {
		if line.Host != host {
			continue
		}
		lines++
		assert.Equal(t, []string{row.name}, line.Rules)
		assert.Equal(t, []string{row.kind}, line.Faults)
		if row.end != "" {
			assert.Equal(t, row.end, line.End, "%s, %s", row.name, in)
		}
	}
	assert.Equal(t, len(harness.Clients()), lines, "lines about %s, %s", row.name, in)
}

// orLeft is what may be recorded in place of a whole answer whose client failed on it: that it left before it had read all. Whether it did is known only when
// it was quicker than the last write, and chance on either side.
func (r row) orLeft(want, got exchange, client saw) exchange {
	status, size, complete := r.truth.answered()
	switch {
	case want == got || !complete || client.Error == "" || want.EndedBy != "sender" && got.EndedBy != "sender":
		return want
	case got.EndedBy == "sender":
		return exchange{Method: want.Method, Status: status, Bytes: min(got.Bytes, size), Outcome: "broken", End: got.End, EndedBy: "sender"}
	default:
		return exchange{Method: want.Method, Status: status, Bytes: size, Outcome: "acknowledged", End: "complete", EndedBy: "proxy"}
	}
}

// requireTargets: a target gets an attempt as often as the row says, the log says the same, and of one that ends before it the target gets nothing.
func requireTargets(t *testing.T, o *outcome) {
	t.Helper()
	for _, in := range placements() {
		if in == listener {
			continue // a target of its own
		}
		got := map[sent]int{}
		for _, all := range append(slices.Collect(maps.Values(o.own)), o.shared) {
			for _, seen := range all[in].Seen() {
				got[sent{seen.Path, harness.ClientOf(seen.Header.Get("User-Agent"))}]++
			}
		}
		for _, row := range o.rows {
			if !row.is(in) {
				continue
			}
			for _, client := range harness.Clients() {
				asks := row.asks
				if o.through[in][cell{row.name, client}].Status/100 == 1 {
					asks = 0 // it took the interim answer for the last, and left before the target was asked
				}
				if row.door != nil {
					assert.Equal(t, asks, got[sent{row.path(), client}], "%s with %s, %s: what the target got", row.name, client, in)
					continue
				}
				requireAsked(t, asks, got, o.attempts[in], sent{row.path(), client})
				requireAsked(t, 1, got, o.attempts[in], sent{row.path() + before, client})
				requireAsked(t, 1, got, o.attempts[in], sent{row.path() + landed, client})
			}
		}
	}
}

// requireAsked: the target got each of the attempts as often, and each record says so.
func requireAsked(t *testing.T, asks int, got map[sent]int, recorded map[sent][]harness.Line, at sent) {
	t.Helper()
	attempts := recorded[at]
	assert.Equal(t, asks*len(attempts), got[at], "%s with %s: what the target got", at.path, at.client)
	reached := "none"
	if asks > 0 {
		reached = "whole"
	}
	for _, attempt := range attempts {
		assert.Equal(t, reached, attempt.Reached, "%s with %s, %s", at.path, at.client, attempt.Placement)
		if assert.NotNil(t, attempt.Delivered) {
			assert.Equal(t, asks > 0, *attempt.Delivered, "%s with %s, %s", at.path, at.client, attempt.Placement)
		}
	}
}
