package analysis_test

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

// A made log is a text, a line a delivery: its key, options, when it begins, and then endings and the gaps between them:
//
//	wh_1 0s  503 1s 503 2s 200
//	wh_2 key_from=body body={"n":1} 0.5s  reset 1s 200
//
// An ending is a status, or a word of the table below; behind it may stand +30s (Retry-After) and @2s (how long it took). A status with ! is the target's
// own; 200 always is, unless it is 200~, a stand-in's. A gap may be negative: then attempts overlap. Lines that begin with a dot are other records.
type made struct {
	t       testing.TB
	records []timed
	run     string
	ids     int
}

type timed struct {
	at     time.Time
	record deliveries.Record
}

// epoch is when made logs begin.
var epoch = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return epoch.Add(d) }

// makeLog gives the records of a made log, in the order in which a proxy writes them.
func makeLog(t testing.TB, text string) []deliveries.Record {
	t.Helper()
	m := &made{t: t, run: "r1"}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "."):
			m.other(fields)
		default:
			m.delivery(fields)
		}
	}
	slices.SortStableFunc(m.records, func(a, b timed) int { return a.at.Compare(b.at) })
	seqs := make(map[string]uint64)
	var records []deliveries.Record
	for _, r := range m.records {
		if a, is := r.record.(*deliveries.Attempt); is && a.Seq == 0 {
			seqs[a.Run]++
			a.Seq = seqs[a.Run]
		}
		records = append(records, r.record)
	}
	return records
}

func (m *made) add(at time.Time, r deliveries.Record) { m.records = append(m.records, timed{at, r}) }

// other are the records that are no attempts: .run NAME 5s, .other 5s, .gap 5s 12, .connect 5s, .door 5s 10s, .tunnel 5s, .end 600s.
func (m *made) other(fields []string) {
	switch fields[0] {
	case ".run":
		m.run = fields[1]
		start := m.moment(fields[2])
		m.add(start, &deliveries.Run{Run: m.run, Start: start, Seed: 42})
	case ".other":
		m.add(m.moment(fields[1]), &deliveries.Other{Run: m.run, Start: m.moment(fields[1]), Host: "sentry.test", Method: "POST", Count: 3})
	case ".gap":
		m.add(m.moment(fields[1]), &deliveries.Gap{Run: m.run, Start: m.moment(fields[1]), Until: m.moment(fields[1]), Records: 12, Error: "no space left on device"})
	case ".connect":
		m.add(m.moment(fields[1]), &deliveries.Connect{Run: m.run, Start: m.moment(fields[1]), Host: "hooks.test:443", Faults: []string{"refuse"}, End: deliveries.Reset})
	case ".door":
		from, until := m.moment(fields[1]), m.moment(fields[2])
		door := deliveries.Connect{Run: m.run, Start: from, Host: "hooks.test:80", Listener: "127.0.0.1:9001", Faults: []string{"refuse"}, End: deliveries.Refused}
		closed := door
		closed.Until = &until
		m.add(from, &door)
		m.add(until, &closed)
	case ".tunnel":
		m.add(m.moment(fields[1]), &deliveries.Tunnel{Run: m.run, Start: m.moment(fields[1]), Host: "pay.test:443", Unseen: 2})
	case ".open":
		start := m.moment(fields[2])
		m.add(start, &deliveries.Open{
			Run: m.run, Start: start, Delivery: "d-" + fields[1], Key: fields[1], KeyFrom: "header:Webhook-Id", Attempt: 9, ID: "open-" + fields[1], Host: "hooks.test",
			Endpoint: "http://hooks.test/claims",
		})
	default:
		require.FailNow(m.t, "unknown line", fields[0])
	}
}

func (m *made) moment(text string) time.Time {
	d, err := time.ParseDuration(text)
	require.NoError(m.t, err)
	return at(d)
}

func (m *made) delivery(fields []string) {
	key := fields[0]
	options := map[string]string{"host": "hooks.test", "path": "/claims", "key_from": "header:Webhook-Id", "body": "the event of " + key}
	fields = fields[1:]
	for len(fields) > 0 {
		name, value, is := strings.Cut(fields[0], "=")
		if !is {
			break
		}
		options[name] = value
		fields = fields[1:]
	}
	start := m.moment(fields[0])
	tries := strings.Split(options["tries"], ",")
	for i, field := range fields[1:] {
		if i%2 == 1 {
			gap, err := time.ParseDuration(field)
			require.NoError(m.t, err)
			start = start.Add(gap)
			continue
		}
		a := m.attempt(field, start)
		a.Key, a.KeyFrom, a.Host, a.Attempt = key, options["key_from"], options["host"], i/2+1
		a.Endpoint = "http://" + a.Host + options["path"]
		a.Delivery = cmp.Or(options["delivery"], "d-"+key+"-"+a.Host+options["path"])
		a.Created, a.Replay = options["created"], options["replay"]
		if options["tries"] != "" {
			a.Try = tries[min(i/2, len(tries)-1)]
		}
		m.body(a, options)
		m.add(a.Ended(), a)
		start = a.Ended()
	}
}

// body gives an attempt its body: {n} in it is the number of the attempt.
func (m *made) body(a *deliveries.Attempt, options map[string]string) {
	body := strings.ReplaceAll(options["body"], "{n}", strconv.Itoa(a.Attempt))
	sum := sha256.Sum256([]byte(body))
	a.Request = deliveries.Message{Bytes: int64(len(body)), SHA256: hex.EncodeToString(sum[:])}
	if options["bytes"] != "" {
		n, err := strconv.ParseInt(options["bytes"], 10, 64)
		require.NoError(m.t, err)
		a.Request.Bytes = n
	}
	if options["bodies"] == "full" {
		a.Request.Body = body
	}
}

func (m *made) attempt(text string, start time.Time) *deliveries.Attempt {
	m.ids++
	took := 10 * time.Millisecond
	text, after, _ := strings.Cut(text, "@")
	if after != "" {
		var err error
		took, err = time.ParseDuration(after)
		require.NoError(m.t, err)
	}
	text, announced, _ := strings.Cut(text, "+")
	no := false
	a := &deliveries.Attempt{
		Run: m.run, Start: start, ID: fmt.Sprintf("a%04d", m.ids), Delivered: &no, Reached: deliveries.None, MS: deliveries.Times{Total: float64(took) / 1e6},
		Rules: []string{"rule"}, Faults: []string{"fault"}, End: deliveries.Complete, EndedBy: deliveries.ByProxy, Outcome: deliveries.Rejected, Placement: "forward",
	}
	m.end(a, text)
	if announced != "" {
		d, err := time.ParseDuration(announced)
		require.NoError(m.t, err)
		wait := d.Milliseconds()
		a.Answer.RetryAfterMS = &wait
	}
	return a
}

// end gives an attempt its ending.
func (m *made) end(a *deliveries.Attempt, text string) {
	yes := true
	broken := func(outcome deliveries.Outcome, end deliveries.End, by deliveries.Party) {
		a.Outcome, a.End, a.EndedBy = outcome, end, by
	}
	genuine := func() { a.Rules, a.Faults, a.Reached, a.EndedBy = nil, nil, deliveries.Whole, deliveries.ByTarget }
	switch text {
	case "reset":
		broken(deliveries.Unanswered, deliveries.Reset, deliveries.ByProxy)
	case "refused":
		broken(deliveries.Unanswered, deliveries.Refused, deliveries.ByProxy)
	case "cut":
		broken(deliveries.Broken, deliveries.Cut, deliveries.ByProxy)
	case "hang": // until the sender gives up
		broken(deliveries.Unanswered, deliveries.Silence, deliveries.BySender)
	case "held": // until it was let go
		broken(deliveries.Unanswered, deliveries.Silence, deliveries.ByProxy)
	case "hidden": // the target got it, and the sender does not know
		broken(deliveries.Unanswered, deliveries.Reset, deliveries.ByProxy)
		a.Delivered, a.Reached, a.Target = &yes, deliveries.Whole, &deliveries.Target{Status: 200}
	case "maybe":
		broken(deliveries.Unanswered, deliveries.Reset, deliveries.ByProxy)
		a.Delivered, a.Reached = nil, deliveries.Whole
	case "down": // nobody answers at the target
		genuine()
		a.EndedBy, a.Reached, a.Answer = deliveries.ByProxy, deliveries.None, &deliveries.Answer{Status: 502}
		a.Target = &deliveries.Target{Error: "dial tcp 192.0.2.7:80: connect: connection refused"}
	case "stopped": // faultline itself was
		broken(deliveries.Unanswered, deliveries.Reset, deliveries.ByShutdown)
	default:
		status, err := strconv.Atoi(strings.TrimRight(text, "!~*"))
		require.NoError(m.t, err)
		a.Answer = &deliveries.Answer{Status: status}
		own := strings.HasSuffix(text, "!") || status/100 == 2 && !strings.HasSuffix(text, "~")
		if status/100 == 2 {
			a.Outcome = deliveries.Acknowledged
		}
		if own {
			genuine()
			a.Target = &deliveries.Target{Status: status}
			success := status/100 == 2
			a.Delivered = &success
		}
		if strings.HasSuffix(text, "*") { // a success that was only slowed
			a.Rules, a.Faults = []string{"rule"}, []string{"latency"}
		}
	}
}

// logOf is a log of records.
func logOf(records []deliveries.Record) *analysis.Log {
	var log analysis.Log
	for _, r := range records {
		log.Add(r)
	}
	return &log
}

// expect reads the keys of [expect].
func expect(t testing.TB, keys string) *scenario.Expect {
	t.Helper()
	s, problems := scenario.Parse("made.toml", "[expect]\n"+keys, nil)
	require.Empty(t, problems)
	return s.Expect
}

// ended is the question that takes all deliveries for settled.
func ended(e *scenario.Expect) analysis.Question { return analysis.Question{Expect: e, Ended: true} }

// judgeMade judges a made log whose sender has ended; as it is, and as it is read from a file: that must come to the same.
func judgeMade(t testing.TB, log, keys string) *analysis.Report {
	t.Helper()
	report := analysis.Judge(logOf(makeLog(t, log)), ended(expect(t, keys)))
	read := logIn(t, write(t, makeLog(t, log)))
	require.Equal(t, told(t, report), told(t, analysis.Judge(read, ended(expect(t, keys)))))
	require.NoError(t, read.Err())
	return report
}

// told is all that a report says.
func told(t testing.TB, r *analysis.Report) string {
	t.Helper()
	verdict, err := r.VerdictJSON()
	require.NoError(t, err)
	report, err := r.JSON()
	require.NoError(t, err)
	return r.Text("log") + r.Table() + r.Habits() + string(verdict) + string(report)
}

// checkOf is the check of a name.
func checkOf(t testing.TB, r *analysis.Report, name string) analysis.Check {
	t.Helper()
	for _, c := range r.Checks {
		if c.Name == name {
			return c
		}
	}
	require.FailNow(t, "no check of that name", name)
	return analysis.Check{}
}

// brief is a check in one line: its result, its evidence, its text.
func brief(c analysis.Check) string {
	text := string(c.Result)
	if len(c.Evidence) > 0 {
		text += " [" + strings.Join(c.Evidence, " ") + "]"
	}
	return text + " " + c.Text
}
