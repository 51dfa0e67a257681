package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseMetrics(t *testing.T) {
	const text = "# HELP go_memstats_mallocs_total x\n# TYPE go_memstats_mallocs_total counter\ngo_memstats_mallocs_total 1.5e+06\nfaultline_answers_total{code=\"200\",host=\"a b\"} 3\n"

	values, err := parseMetrics(strings.NewReader(text))

	require.NoError(t, err)
	assert.Equal(t, map[string]float64{"go_memstats_mallocs_total": 1.5e6}, values)
}

func TestARoundIsWhatWasUsedPerAttempt(t *testing.T) {
	before := sample{cpu: time.Second, memory: memory{allocs: 1000, bytes: 5000}}
	after := sample{cpu: 3 * time.Second, memory: memory{allocs: 3000, bytes: 25000}, resident: 1 << 20}
	waits := []time.Duration{time.Millisecond, 2 * time.Millisecond}

	got := between(before, after, tally{attempts: 2, elapsed: 500 * time.Millisecond, waits: waits})

	assert.Equal(t, round{cpu: time.Second, perSecond: 4, p50: 2 * time.Millisecond, p99: 2 * time.Millisecond, resident: 1 << 20, allocs: 1000, bytes: 10000}, got)
}

func TestWhatAProcessAllocatesToSayItsMemoryIsNotCounted(t *testing.T) {
	said := 0 // so often
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "go_memstats_mallocs_total %d\ngo_memstats_alloc_bytes_total %d\n", 100*said, 1000*said)
		said++
	}))
	defer server.Close()
	p := &process{metrics: server.URL, cmd: &exec.Cmd{Process: &os.Process{Pid: os.Getpid()}}}

	before, err := p.sampleBefore()
	require.NoError(t, err)
	after, err := p.sampleAfter()
	require.NoError(t, err)

	assert.Equal(t, memory{}, after.memory.minus(before.memory))
}

func TestChoose(t *testing.T) {
	all := []part{{name: "forward"}, {name: "intercept"}, {name: "log"}}

	chosen, err := choose(all, []string{"log", "forward"})
	require.NoError(t, err)
	assert.Equal(t, []string{"forward", "log"}, names(chosen))

	chosen, err = choose(all, nil)
	require.NoError(t, err)
	assert.Equal(t, names(all), names(chosen))

	_, err = choose(all, []string{"logs"})
	require.EqualError(t, err, `part "logs" is none of forward, intercept, log`)
}
