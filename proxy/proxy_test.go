package proxy_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/internal/wiretest"
	"github.com/faultline/faultline/proxy"
	"github.com/faultline/faultline/scenario"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal keeps records in memory. While gate is set, Append of what ends something blocks until it is closed.
type journal struct {
	mu      sync.Mutex
	records []deliveries.Record
	came    chan struct{} // closed and renewed at each record
	gate    chan struct{}
	fails   error
	waiting chan deliveries.Record // what stands at the gate
}

func newJournal() *journal {
	return &journal{came: make(chan struct{}), waiting: make(chan deliveries.Record, 16)}
}

func (j *journal) Append(_ context.Context, record deliveries.Record) error {
	if _, open := record.(*deliveries.Open); j.gate != nil && !open { // which ends nothing, and comes where the machine is busy
		j.waiting <- record
		<-j.gate
	}
	if j.fails != nil {
		return j.fails
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, record)
	close(j.came)
	j.came = make(chan struct{})
	return nil
}

// attempts waits until n attempts are recorded, and gives them.
func (j *journal) attempts(t *testing.T, n int) []*deliveries.Attempt {
	t.Helper()
	return wait[*deliveries.Attempt](t, j, n)
}

// wait waits until n records of one kind are there, and gives them.
func wait[R deliveries.Record](t *testing.T, j *journal, n int) []R {
	t.Helper()
	late := time.After(wiretest.Patience)
	for {
		j.mu.Lock()
		var found []R
		for _, r := range j.records {
			if r, ok := r.(R); ok {
				found = append(found, r)
			}
		}
		came := j.came
		j.mu.Unlock()
		if len(found) >= n {
			require.Len(t, found, n)
			return found
		}
		select {
		case <-came:
		case <-late:
			require.FailNow(t, "records missing", "have %d, want %d", len(found), n)
		}
	}
}

// silent observes nothing.
type silent struct{}

func (silent) Observe(deliveries.Record, []scenario.Firing) {}
func (silent) Passed(string)                                {}
func (silent) Waited(string, time.Duration)                 {}

// running is a proxy under test.
type running struct {
	*proxy.Server
	address string
	journal *journal
	unseen  chan string
	refused chan string
}

// start runs a proxy under a scenario text until the test ends.
func start(t *testing.T, text string, change ...func(*proxy.Config)) *running {
	t.Helper()
	rules, problems := scenario.Parse("test.toml", text, fstest.MapFS{})
	require.Empty(t, problems)
	l, err := proxy.Listen("127.0.0.1:0")
	require.NoError(t, err)
	r := &running{address: l.Addr().String(), journal: newJournal(), unseen: make(chan string, 16), refused: make(chan string, 1024)}
	redact, err := deliveries.NewRedactor(nil)
	require.NoError(t, err)
	cfg := proxy.Config{
		Name: "faultline-test", Run: "run", Journal: r.journal, Observer: silent{}, Redact: redact,
		Counters: counters.New(counters.Config{Limit: 1000}),
		Refused:  func(reason string) { r.refused <- reason },
		Unseen:   func(host string, _ int) { r.unseen <- host },
		Log:      slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&cfg)
	}
	r.Server = proxy.New(cfg, rules)
	door := r.Open(l)
	served := make(chan error, 1)
	go func() { served <- door.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), wiretest.Patience)
		defer cancel()
		r.Shutdown(ctx)
		require.NoError(t, <-served)
	})
	return r
}

// one sends a request to the proxy and gives its answer.
func (r *running) one(t *testing.T, request string) (status int, body string) {
	t.Helper()
	sender := wiretest.Dial(t, r.address)
	sender.Send(request)
	resp, body := sender.Answer("POST")
	return resp.StatusCode, body
}
