package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseStat(t *testing.T) {
	tests := []struct {
		name string
		line string
		want stat
		err  string
	}{
		{
			name: "user and system time, and that of children that have ended",
			line: "42 (squid) S 7 42 42 0 -1 4194560 1 0 0 0 150 50 3 1 20 0 1 0 100 0 0",
			want: stat{parent: 7, cpu: 2040 * time.Millisecond},
		},
		{
			name: "a name with spaces and parentheses",
			line: "42 (a (b) c) R 1 42 42 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 100 0 0",
			want: stat{parent: 1, cpu: 30 * time.Millisecond},
		},
		{name: "too short", line: "42 (squid) S 7", err: `stat "42 (squid) S 7": too short`},
		{name: "without a name", line: "", err: `stat "": too short`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseStat(test.line)
			if test.err != "" {
				require.EqualError(t, err, test.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestParseStatus(t *testing.T) {
	const text = "Name:\tsquid\nVmHWM:\t    4096 kB\nVmRSS:\t    2048 kB\nThreads:\t3\n"

	resident, err := parseStatus(text, "VmRSS")
	require.NoError(t, err)
	assert.EqualValues(t, 2<<20, resident)

	_, err = parseStatus(text, "VmSwap")
	require.EqualError(t, err, `status has no field "VmSwap"`)
}

func TestBelowIsAProcessWithItsChildrenAndTheirs(t *testing.T) {
	all := map[int]stat{1: {parent: 0}, 10: {parent: 1}, 11: {parent: 10}, 12: {parent: 11}, 20: {parent: 1}}

	got := below(10, all)

	assert.Equal(t, map[int]stat{10: {parent: 1}, 11: {parent: 10}, 12: {parent: 11}}, got)
}

func TestTheKernelSaysWhatThisProcessUses(t *testing.T) {
	before, err := cpuOf(os.Getpid())
	require.NoError(t, err)
	for start := time.Now(); time.Since(start) < 50*time.Millisecond; {
		// work, so that there is something to count
	}
	after, err := cpuOf(os.Getpid())
	require.NoError(t, err)
	assert.Greater(t, after, before)

	resident, err := residentOf(os.Getpid())
	require.NoError(t, err)
	assert.Greater(t, resident, int64(1<<20))

	descriptors, err := descriptorsOf(os.Getpid())
	require.NoError(t, err)
	assert.GreaterOrEqual(t, descriptors, 3)
}

func TestAProcessThatHasEndedHasNoFamily(t *testing.T) {
	_, err := family(-1)
	require.EqualError(t, err, "process -1 has ended")
}
