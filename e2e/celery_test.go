package e2e

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/e2e/harness"
)

// celeryScenario breaks each path of the target in its own way; the host is filled in.
const celeryScenario = `
[delivery]
match.host = "%s"
match.method = "POST"
key = "header:Webhook-Id"
try = "header:X-Webhook-Attempt"

[[rule]]
name = "fails twice"
match.path = "/fails-twice"
when.attempt = "1-2"
status = 500

[[rule]]
name = "reset once"
match.path = "/reset-once"
when.attempt = 1
reset = true

[[rule]]
name = "hangs once"
match.path = "/hangs-once"
when.attempt = 1
hang = true

[[rule]]
name = "acknowledgement lost"
match.path = "/lost-acknowledgement"
when.attempt = 1
deliver_first = true
reset = true

[[rule]]
name = "limited"
match.path = "/limited"
when.attempt = 1
status = { code = 429, retry_after = "2s" }

[[rule]]
name = "gone"
match.path = "/gone"
status = 410
`

// saw is what a sender had of one attempt: a status, or an exception's class.
type saw string

// celeryCase is one sender at one endpoint, and what becomes of the delivery.
type celeryCase struct {
	task, path string
	wantSaw    []saw
	wantEnd    string // of the task
	wantAtPath int    // how often the target got it
}

func celeryCases() []celeryCase {
	return []celeryCase{
		// The team's bug: the delivery is silently lost after one attempt, and the task calls it a success.
		{"ignoring", "/fails-twice", []saw{"500"}, "success", 0},
		{"ignoring", "/gone", []saw{"410"}, "success", 0},
		{"ignoring", "/reset-once", []saw{"ProxyError"}, "failure", 0},
		{"ignoring", "/well", []saw{"200"}, "success", 1},
		// autoretry_for and retry_backoff=1.
		{"retrying", "/fails-twice", []saw{"500", "500", "200"}, "success", 1},
		{"retrying", "/reset-once", []saw{"ProxyError", "200"}, "success", 1},
		{"retrying", "/hangs-once", []saw{"ReadTimeout", "200"}, "success", 1},
		{"retrying", "/lost-acknowledgement", []saw{"ProxyError", "200"}, "success", 2},
		{"retrying", "/gone", []saw{"410", "410", "410", "410"}, "failure", 0},
		{"retrying", "/well", []saw{"200"}, "success", 1},
		// Obeys Retry-After, gives up on 410.
		{"obedient", "/limited", []saw{"429", "200"}, "success", 1},
		{"obedient", "/fails-twice", []saw{"500", "500", "200"}, "success", 1},
		{"obedient", "/gone", []saw{"410"}, "success", 0},
		{"obedient", "/well", []saw{"200"}, "success", 1},
	}
}

// A worker whose environment names the proxy.
func TestCeleryWithHTTPProxySet(t *testing.T) {
	t.Parallel()
	celery := harness.NewCelery(t)
	target, elsewhere := harness.NewTarget(t, nil), harness.NewTarget(t, nil)
	proxy := start(t, fmt.Sprintf(celeryScenario, target.Host))
	celery.Start(t, "HTTP_PROXY="+proxy.URL, "NO_PROXY=", "no_proxy=")

	requireCeleryAgrees(t, celery, proxy, target, elsewhere)
	proxy.Stop(t)
	requireOthers(t, proxy.Log, target.Host, elsewhere.Host)
}

// A worker that faultline itself starts.
func TestCeleryAsTheCommand(t *testing.T) {
	t.Parallel()
	celery := harness.NewCelery(t)
	target, elsewhere := harness.NewTarget(t, nil), harness.NewTarget(t, nil)
	proxy := harness.Start(t, harness.Options{
		Binary:   binaries.Race,
		Scenario: fmt.Sprintf(celeryScenario, target.Host),
		Env:      celery.Env(t),
		Command:  celery.Worker(),
	})
	proxy.WaitFor(t, harness.WorkerReady)

	requireCeleryAgrees(t, celery, proxy, target, elsewhere)
	proxy.Stop(t)
	requireOthers(t, proxy.Log, target.Host, elsewhere.Host)
}

// requireCeleryAgrees runs every case, a fan-out and other traffic, and compares, attempt by attempt: sender, log, target.
func requireCeleryAgrees(t *testing.T, celery harness.Celery, proxy *harness.Faultline, target, elsewhere *harness.Target) {
	t.Helper()
	var jobs []harness.Job
	for i, test := range celeryCases() {
		jobs = append(jobs, harness.Job{Task: test.task, URL: target.URL + test.path, Event: fmt.Sprintf("%s-%d", test.task, i)})
	}
	for _, path := range []string{"/fan/a", "/fan/b", "/fan/c"} {
		jobs = append(jobs, harness.Job{Task: "retrying", URL: target.URL + path, Event: "fanned-out"})
	}
	others := []harness.Job{
		{Task: "other", URL: target.URL + "/gone", Event: "get"},    // a GET is no webhook, whatever its path
		{Task: "other", URL: elsewhere.URL + "/gone", Event: "get"}, // nor is another host's
	}
	celery.Enqueue(t, append(jobs, others...))
	notes := celery.WaitForEnds(t, len(jobs)+len(others))

	attempts := proxy.Log.Attempts(t)
	for i, test := range celeryCases() {
		t.Run(test.task+test.path, func(t *testing.T) {
			requireCase(t, test, jobs[i], notes, attempts, target)
		})
	}
	t.Run("one event at three endpoints is three deliveries", func(t *testing.T) {
		requireFanOut(t, jobs[len(celeryCases()):], notes, attempts, target)
	})
	t.Run("Retry-After is obeyed", func(t *testing.T) {
		limited := attemptsOf(attempts, jobs[slices.IndexFunc(jobs, func(job harness.Job) bool { return strings.HasSuffix(job.URL, "/limited") })])
		require.GreaterOrEqual(t, limited[1].Start.Sub(limited[0].Start), 2*time.Second)
	})
	t.Run("nothing else was recorded", func(t *testing.T) {
		made := 0
		for _, note := range notes {
			if note.What == "attempt" {
				made++
			}
		}
		require.Len(t, attempts, made)
	})
	t.Run("other traffic passes unharmed", func(t *testing.T) {
		var statuses []int
		for _, note := range notes {
			if note.What == "other" {
				statuses = append(statuses, note.Status)
			}
		}
		require.Equal(t, []int{200, 200}, statuses)
		require.Len(t, elsewhere.Seen(), 1)
	})
}

func requireCase(t *testing.T, test celeryCase, job harness.Job, notes []harness.Note, attempts []harness.Line, target *harness.Target) {
	t.Helper()
	made := notesOf(notes, "attempt", job)
	var sender []saw
	for _, note := range made {
		sender = append(sender, sawOf(note.Status, note.Error))
	}
	require.Equal(t, test.wantSaw, sender, "what the sender saw")
	require.Equal(t, test.wantEnd, notesOf(notes, "end", job)[0].State, "how the task ended")

	recorded := attemptsOf(attempts, job)
	require.Len(t, recorded, len(made), "attempts recorded")
	requireSameAttempts(t, made, recorded)

	require.Len(t, receivedOf(target, job), test.wantAtPath, "what the target got")
	require.Equal(t, test.wantAtPath, wholeOf(recorded), "what the log says that the target got")
}

// requireSameAttempts compares a delivery as its sender saw it with its records, one by one.
func requireSameAttempts(t *testing.T, made []harness.Note, recorded []harness.Line) {
	t.Helper()
	for i, note := range made {
		attempt := recorded[i]
		require.Equal(t, i+1, attempt.Attempt)
		require.Equal(t, strconv.Itoa(note.Try), attempt.Try)
		require.Equal(t, note.URL, attempt.URL)
		require.Equal(t, note.Event, attempt.Key)
		require.Equal(t, "header:Webhook-Id", attempt.KeyFrom)
		require.Equal(t, note.Status, attempt.Status())
		require.Equal(t, outcomeOf(note), attempt.Outcome)
		require.Equal(t, recorded[0].Delivery, attempt.Delivery)
		began := time.UnixMicro(int64(note.Start * 1e6))
		require.WithinDuration(t, began, attempt.Start, 3*time.Second)
	}
}

// outcomeOf is the outcome that a record of such an attempt must have.
func outcomeOf(note harness.Note) string {
	switch {
	case note.Error != "":
		return "unanswered"
	case note.Status/100 == 2:
		return "acknowledged"
	default:
		return "rejected"
	}
}

func requireFanOut(t *testing.T, jobs []harness.Job, notes []harness.Note, attempts []harness.Line, target *harness.Target) {
	t.Helper()
	var deliveries []string
	for _, job := range jobs {
		recorded := attemptsOf(attempts, job)
		require.Len(t, recorded, 1)
		requireSameAttempts(t, notesOf(notes, "attempt", job), recorded)
		require.Len(t, receivedOf(target, job), 1)
		deliveries = append(deliveries, recorded[0].Delivery)
	}
	slices.Sort(deliveries)
	require.Len(t, slices.Compact(deliveries), len(jobs))
}

// requireOthers checks that what is no webhook was counted per host, and only there.
func requireOthers(t *testing.T, log harness.Log, hosts ...string) {
	t.Helper()
	counted := map[string]int{}
	for _, line := range log.Of(t, "other") {
		counted[line.Host] += line.Count
	}
	want := map[string]int{}
	for _, host := range hosts {
		want[host] = 1
	}
	require.Equal(t, want, counted)
}

func sawOf(status int, err string) saw {
	if err != "" {
		return saw(err)
	}
	return saw(strconv.Itoa(status))
}

// notesOf are the notes of one job, in their order: its attempts were made one after the other.
func notesOf(notes []harness.Note, what string, job harness.Job) []harness.Note {
	var of []harness.Note
	for _, note := range notes {
		if note.What == what && note.Task == job.Task && note.Event == job.Event && note.URL == job.URL {
			of = append(of, note)
		}
	}
	return of
}

// attemptsOf are the records of one job, by their number.
func attemptsOf(attempts []harness.Line, job harness.Job) []harness.Line {
	var of []harness.Line
	for _, attempt := range attempts {
		if attempt.Key == job.Event && attempt.URL == job.URL {
			of = append(of, attempt)
		}
	}
	slices.SortFunc(of, func(a, b harness.Line) int { return a.Attempt - b.Attempt })
	return of
}

// wholeOf is how many attempts reached the target whole, by the log.
func wholeOf(attempts []harness.Line) int {
	whole := 0
	for _, attempt := range attempts {
		if attempt.Reached == "whole" {
			whole++
		}
	}
	return whole
}

// receivedOf is what the target got of one job.
func receivedOf(target *harness.Target, job harness.Job) []harness.Seen {
	var of []harness.Seen
	for _, seen := range target.Seen() {
		if seen.Method == "POST" && seen.Header.Get("Webhook-Id") == job.Event && target.URL+seen.Path == job.URL {
			of = append(of, seen)
		}
	}
	return of
}
