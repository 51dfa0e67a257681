package matrix

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/faultline/faultline/e2e/harness"
)

// cell is one client's attempt at a row.
type cell struct {
	row    string
	client harness.Client
}

// saw is what one client has of a row, and what the other side saw of it.
type saw struct {
	harness.Result
	// Sent are the methods of its requests, Landed those of the ones that followed a redirect away from the row.
	Sent, Landed []string
}

// chosen are the rows for which the condition holds.
func chosen(rows []row, condition func(row) bool) []row {
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !condition(r) })
}

// post sends every row with every client.
func post(t *testing.T, rows []row, at place) map[cell]harness.Result {
	t.Helper()
	var cells []cell
	var posts []harness.Post
	of := map[string]row{}
	// Those that wait for nothing come last, when the machine has less to do.
	inOrder := slices.SortedStableFunc(slices.Values(rows), func(a, b row) int { return cmp.Compare(b.patience(), a.patience()) })
	for _, row := range inOrder {
		of[row.name] = row
		for _, client := range harness.Clients() {
			one := harness.Post{Client: client, URL: at.base(row) + row.path(), CA: at.ca, Connect: harness.Patience, Read: row.patience(), Whole: true}
			if client == harness.Curl || client == harness.Go {
				one.Read *= 2 // theirs is for all of it, the handshake included
			}
			if row.end == "silence" {
				one.Connect = max(one.Read-time.Second, 4*time.Second)
			}
			if row.second {
				one.Before = one.URL + before
			}
			cells, posts = append(cells, cell{row.name, client}), append(posts, one)
		}
	}
	results := map[cell]harness.Result{}
	for i, result := range harness.Send(t, at.proxy, posts) {
		result.RetryAfter = roughly(result.RetryAfter)
		result.Body = of[cells[i].row].comparable(result)
		results[cells[i]] = result
	}
	return results
}

// partOfBody stands for a body that is cut, at whatever byte.
const partOfBody = "a part"

// comparable is the body that a client has, without what differs from one run of the same failure to the next.
func (r row) comparable(has harness.Result) string {
	switch body := []rune(has.Body); {
	case r.truth.pace > 0 && has.Error != "":
		return "" // what there was of it by then is a matter of time
	case r.target != nil && len(body) > 0 && len(body) < largeBody:
		return partOfBody // how much depends on how long a handshake was
	case r.sound != "" && len(body) == len(r.sound):
		wrong := 0
		for i, letter := range []rune(r.sound) {
			if body[i] != letter {
				wrong++
			}
		}
		return fmt.Sprintf("%d of %d wrong", wrong, len(body))
	}
	return has.Body
}

// patience is how long clients wait: little where nothing will come, and else more than a busy machine needs.
func (r row) patience() time.Duration {
	const little = 3 * time.Second
	_, _, complete := r.truth.answered()
	switch {
	case r.door != nil && r.end != "silence":
		return harness.Patience
	case r.truth.pace > 0:
		return 3 * time.Second // and that twice for those who have it for all: by then its head has come, and its body not
	case r.door != nil:
		return little + time.Second // it may be that for its connection alone
	case r.truth.silent > little && !r.relays, r.truth.ends == stays && !complete:
		return little
	}
	return harness.Patience
}

// roughly is a Retry-After that a later look at the same moment does not change: from half an hour on it is in hours.
func roughly(retryAfter string) string {
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(retryAfter); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(retryAfter); err == nil {
		wait = time.Until(at)
	}
	if wait < 30*time.Minute {
		return retryAfter
	}
	return wait.Round(time.Hour).String()
}

// seenBy joins what the clients have with the exchanges that the other side saw.
func seenBy(results map[cell]harness.Result, exchanges func(sent) []exchange) map[cell]saw {
	all := map[cell]saw{}
	for at, result := range results {
		all[at] = saw{
			Result: result,
			Sent:   methods(exchanges(sent{"/" + at.row, at.client})),
			Landed: methods(exchanges(sent{"/" + at.row + landed, at.client})),
		}
	}
	return all
}

func methods(exchanges []exchange) []string {
	var all []string
	for _, exchange := range exchanges {
		all = append(all, exchange.Method)
	}
	return all
}
