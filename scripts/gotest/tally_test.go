package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTally(t *testing.T) {
	for _, test := range []struct {
		name   string
		events []string
		want   string
	}{
		{
			name: "passed tests and subtests are counted, their output is not shown",
			events: []string{
				`{"Action":"run","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}`,
				`{"Action":"run","Package":"p","Test":"TestA/sub"}`,
				`{"Action":"pass","Package":"p","Test":"TestA/sub"}`,
				`{"Action":"pass","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Output":"ok p\n"}`,
				`{"Action":"pass","Package":"p","Elapsed":1.5}`,
			},
			want: "ok    p                                                     2 passed     1.5s\n" +
				"2 passed, 0 failed, 0 skipped\n",
		},
		{
			name: "a failed test shows what it printed",
			events: []string{
				`{"Action":"run","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: want 1\n"}`,
				`{"Action":"fail","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Output":"FAIL\n"}`,
				`{"Action":"fail","Package":"p","Elapsed":0.5}`,
			},
			want: "--- FAIL: p TestA\n    a_test.go:7: want 1\n" +
				"--- FAIL: p (outside its tests)\nFAIL\n" +
				"FAIL  p                                                     1 failed     0.5s\n" +
				"0 passed, 1 failed, 0 skipped\n",
		},
		{
			name: "a skipped test is counted and says why",
			events: []string{
				`{"Action":"run","Package":"p","Test":"TestA"}`,
				`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: no redis\n"}`,
				`{"Action":"skip","Package":"p","Test":"TestA"}`,
				`{"Action":"pass","Package":"p","Elapsed":0}`,
			},
			want: "--- SKIP: p TestA\n    a_test.go:7: no redis\n" +
				"ok    p                                                     0 passed     0.0s\n" +
				"0 passed, 0 failed, 1 skipped\n",
		},
		{
			name:   "a package without test files is no skipped test",
			events: []string{`{"Action":"skip","Package":"p"}`},
			want:   "0 passed, 0 failed, 0 skipped\n",
		},
		{
			name: "a package that does not build is one failure",
			events: []string{
				`{"ImportPath":"p","Action":"build-output","Output":"p/a.go:3:1: syntax error\n"}`,
				`{"ImportPath":"p","Action":"build-fail"}`,
				`{"Action":"start","Package":"p"}`,
				`{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}`,
				`{"Action":"fail","Package":"p","Elapsed":0,"FailedBuild":"p"}`,
			},
			want: "p/a.go:3:1: syntax error\n" +
				"--- FAIL: p (outside its tests)\nFAIL\tp [build failed]\n" +
				"FAIL  p                                                     1 failed     0.0s\n" +
				"0 passed, 1 failed, 0 skipped\n",
		},
		{
			name: "tests that a panic took along are failures",
			events: []string{
				`{"Action":"run","Package":"p","Test":"TestA"}`,
				`{"Action":"run","Package":"p","Test":"TestB"}`,
				`{"Action":"output","Package":"p","Test":"TestB","Output":"panic: oh\n"}`,
				`{"Action":"fail","Package":"p","Test":"TestB"}`,
				`{"Action":"fail","Package":"p","Elapsed":0}`,
			},
			want: "--- FAIL: p TestB\npanic: oh\n" +
				"FAIL  p                                                     2 failed     0.0s\n" +
				"0 passed, 2 failed, 0 skipped\n",
		},
		{
			name:   "a line that is no event is printed as it is",
			events: []string{"go: warning"},
			want:   "go: warning\n0 passed, 0 failed, 0 skipped\n",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			tally := newTally(&out)

			require.NoError(t, tally.read(strings.NewReader(strings.Join(test.events, "\n")+"\n")))
			tally.close()

			require.Equal(t, test.want, out.String())
		})
	}
}

func TestVerdict(t *testing.T) {
	exited := &exec.ExitError{}
	for _, test := range []struct {
		name     string
		ran      counts
		waitErr  error
		wantCode int
		wantText string
	}{
		{"all passed", counts{passed: 3}, nil, 0, ""},
		{"one failed", counts{passed: 3, failed: 1}, exited, 1, ""},
		{"one skipped", counts{passed: 3, skipped: 1}, nil, 1, ""},
		{"no test ran", counts{}, nil, 1, "gotest: no test was run\n"},
		{"go test fell over", counts{passed: 3}, errors.New("signal: killed"), 1, "gotest: go test ended without naming a failed test: signal: killed\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stderr bytes.Buffer

			code := verdict(test.ran, nil, test.waitErr, &stderr)

			require.Equal(t, test.wantCode, code)
			require.Equal(t, test.wantText, stderr.String())
		})
	}
}

// A run that has no test of its own fails, whatever the one before it ran.
func TestCountsOfOneRun(t *testing.T) {
	tally := newTally(&bytes.Buffer{})
	require.NoError(t, tally.read(strings.NewReader(`{"Action":"pass","Package":"p","Test":"TestA"}`)))
	first := tally.counts
	require.NoError(t, tally.read(strings.NewReader(`{"Action":"skip","Package":"q","Test":"TestB"}`)))

	require.Equal(t, counts{passed: 1}, first)
	require.Equal(t, counts{skipped: 1}, tally.since(first))
	require.Equal(t, counts{}, tally.since(tally.counts))
}

func TestRuns(t *testing.T) {
	require.Equal(t, [][]string{{"-race", "./..."}}, runs([]string{"-race", "./..."}))
	require.Equal(t, [][]string{{"./a"}, {"-p", "1", "./b"}, {"./c"}}, runs([]string{"./a", "then", "-p", "1", "./b", "then", "./c"}))
}

func TestAsJSON(t *testing.T) {
	require.Equal(t, []string{"test", "-json", "-race", "./..."}, asJSON([]string{"-race", "./..."}))
	require.Equal(t, []string{"test", "-C", "bench", "-json", "-count=1", "."}, asJSON([]string{"-C", "bench", "-count=1", "."}))
	require.Equal(t, []string{"test", "-json"}, asJSON(nil))
}
