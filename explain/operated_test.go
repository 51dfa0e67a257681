package explain_test

import (
	"context"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/explain"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

// operated are texts that take turns. Each has rules of the others, so that some counts go on and some begin anew.
var operated = [...]string{
	`clock = "first_attempt"`,
	counting + phased,
	"timezone = \"Europe/Berlin\"\n" + phased + byAnswer,
	phased + byAnswer + counting,
}

const (
	counting = `
		[[rule]]
		name = "every third"
		match.path = "/a*"
		when.every = 3
		latency = "1ms"
		[[rule]]
		name = "twice a phase"
		when.times = { n = 2, per = "phase" }
		when.attempt = "1-2"
		status = 503
		[[rule]]
		name = "five of each text"
		match.path = "/b*"
		when.times = 5
		status = 500
	`
	phased = `
		[[rule]]
		name = "in the storm"
		when.phase = "storm"
		when.chance = { from = "50%", to = "100%", over = "20ms" }
		status = 502
		[[rule]]
		name = "at times"
		when = { for = "7ms", repeat_every = "10ms", chance = "70%", chance_per = "arrival" }
		latency = "1ms"
	`
	byAnswer = `
		[[rule]]
		name = "by the answer"
		match.response = "2xx"
		when.nth = "2-"
		when.times = { n = 3, per = "phase" }
		latency = { delay = "1ms", at = "response" }
	`
	limited = `
		[[rule]]
		name = "limit"
		match.path = "/a"
		rate_limit = { limit = 1, per = "4ms", burst = 2 }
		[[rule]]
		name = "workers"
		when.chance = "80%"
		capacity = { workers = 1, work = "5ms", queue = 1 }
	`
	phases = `
		[[phase]]
		name = "calm"
		for = "6ms"
		[[phase]]
		name = "storm"
		for = "4ms"
		[[phase]]
		name = "after"
	`
)

// Whatever operators do under traffic (another text, a rule left out, a jump to a phase, faults off and on, the clock anew), what explain says of each attempt
// in the log is what the proxy did.
func TestLoggedIsWhatHappened(t *testing.T) {
	fired, changed, off := explainedAgain(t, operated[:]...)
	t.Logf("%v, %v, %d attempts while faults were off", fired, changed, off)
	require.Len(t, fired, 6, "a rule that never fires shows nothing")
	require.Len(t, changed, 5, "each kind of change has come")
	require.Positive(t, off)
}

// What faults remember is remembered again, as long as one text is in force.
func TestLoggedRemembersWhatHappened(t *testing.T) {
	fired, _, off := explainedAgain(t, phased+limited+counting)
	t.Logf("%v, %d attempts while faults were off", fired, off)
	require.Contains(t, fired, "limit")
	require.Contains(t, fired, "workers")
	require.Positive(t, off)
}

// explainedAgain has a proxy operated under texts, holds what is explained of its log against it, and gives what has fired, what was changed, and how many
// attempts came while faults were off.
func explainedAgain(t *testing.T, operated ...string) (fired map[string]int, changed map[deliveries.What]int, off int) {
	fired, changed = map[string]int{}, map[deliveries.What]int{}
	for seed := range uint64(2) {
		r := rand.New(rand.NewPCG(seed, 1))
		texts := make([]*scenario.Scenario, len(operated))
		for i, text := range operated {
			texts[i] = parse(t, fmt.Sprintf("name = \"text %d\"\nseed = %d\n", i, seed)+headed(text))
		}
		run := operate(t, texts, r)
		for _, record := range run.records {
			switch record := record.(type) {
			case *deliveries.Change:
				changed[record.What]++
			case *deliveries.Attempt:
				account, err := explain.Logged(run.log, record.ID, nil)
				require.NoError(t, err)
				require.Empty(t, account.Notes, "seed %d, attempt %s of %s", seed, record.ID, record.Scenario)
				require.ElementsMatch(t, record.Rules, account.Attempts[0].Fired())
				require.Equal(t, record.Phase, account.Attempts[0].Moments[0].Phase)
				for _, rule := range record.Rules {
					fired[rule]++
				}
				if len(record.Decided) == 0 {
					off++
				}
			}
		}
	}
	return fired, changed, off
}

// headed puts the phases of a text where they belong, after its outermost keys.
func headed(text string) string {
	at := strings.Index(text, "[[rule]]")
	if at < 0 {
		return text + phases + counting + phased + byAnswer
	}
	return text[:at] + phases + text[at:]
}

// operation is a run of a proxy, and what it has written.
type operation struct {
	mu      sync.Mutex
	records []deliveries.Record
}

func (o *operation) Append(_ context.Context, record deliveries.Record) error {
	line, err := inLog(record)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.records = append(o.records, line)
	return err
}

// inLog is the record as the log holds it: times in whole nanoseconds, by the wall clock.
func inLog(record deliveries.Record) (deliveries.Record, error) {
	switch r := record.(type) {
	case *deliveries.Attempt:
		r.V, r.Event, r.Run = 1, deliveries.EventAttempt, "run-1"
		r.Start = r.Start.Round(0).UTC()
	case *deliveries.Change:
		r.V, r.Event, r.Run = 1, deliveries.EventChange, "run-1"
		r.Start = r.Start.Round(0).UTC()
	}
	return record, nil
}

func (o *operation) log() iter.Seq2[deliveries.Record, error] {
	return func(yield func(deliveries.Record, error) bool) {
		for _, record := range o.records {
			if !yield(record, nil) {
				return
			}
		}
	}
}

func (*operation) Observe(deliveries.Record, []scenario.Firing) {}
func (*operation) Passed(string)                                {}
func (*operation) Waited(string, time.Duration)                 {}

// operate has senders deliver through a proxy while an operator does this and that.
func operate(t *testing.T, texts []*scenario.Scenario, r *rand.Rand) *operation {
	o := &operation{}
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "bad") {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	t.Cleanup(target.Close)
	started := time.Now()
	said := func(text *scenario.Scenario, reload bool) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.records = append(o.records, &deliveries.Run{
			Run: "run-1", Start: started.Round(0).UTC(), Seed: text.Seed, Reload: reload,
			Scenario: deliveries.ScenarioText{Name: text.Name, Hash: text.Hash, Text: text.Text},
		})
	}
	redact, err := deliveries.NewRedactor(nil)
	require.NoError(t, err)
	said(texts[0], false)
	server := proxy.New(proxy.Config{
		Name: "faultline-test", Run: "run-1", Journal: o, Observer: o, Counters: counters.New(counters.Config{}), Redact: redact, Start: started,
		Refused: func(string) {}, Unseen: func(string, int) {}, Log: slog.New(slog.DiscardHandler),
	}, texts[0])
	l, err := proxy.Listen("127.0.0.1:0")
	require.NoError(t, err)
	door := server.Open(l)
	served := make(chan error, 1)
	go func() { served <- door.Serve() }()

	tickets := make(chan struct{}) // each lets a request out
	var senders sync.WaitGroup
	for i := range 4 {
		senders.Go(func() { deliver(t, l.Addr().String(), target.URL, i, tickets) })
	}
	in := texts[0]
	for range 30 {
		for range r.IntN(10) {
			tickets <- struct{}{}
		}
		switch r.IntN(6) {
		case 0:
			in = texts[r.IntN(len(texts))]
			said(in, true)
			server.Reload(in)
		case 1, 2:
			rules := in.Rules
			next, known := server.EnableRule(rules[r.IntN(len(rules))].Name, r.IntN(2) == 0)
			require.True(t, known)
			in = next
		case 3:
			require.True(t, server.JumpTo([...]string{"calm", "storm", "after"}[r.IntN(3)]))
		case 4:
			server.LiftFaults()
			for range 4 {
				tickets <- struct{}{}
			}
			server.RestoreFaults()
		case 5:
			server.RestartClock()
		}
	}
	close(tickets)
	senders.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	server.Shutdown(ctx)
	require.NoError(t, <-served)
	return o
}

// deliver sends a webhook for each ticket, each up to three times.
func deliver(t *testing.T, proxy, target string, sender int, tickets <-chan struct{}) {
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: proxy})}}
	defer client.CloseIdleConnections()
	sent := 0
	for range tickets {
		i := sent / 3
		sent++
		req, err := http.NewRequest(http.MethodPost, target+[...]string{"/a", "/b", "/a/bad", "/c"}[i%4], strings.NewReader("{}"))
		if err != nil {
			t.Error(err)
			continue
		}
		req.Header.Set("Webhook-Id", fmt.Sprintf("wh_%d_%d", sender, i))
		resp, err := client.Do(req)
		if err != nil {
			t.Error(err)
			continue
		}
		_ = resp.Body.Close()
	}
}
