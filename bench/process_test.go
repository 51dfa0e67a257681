package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// testBench is a bench that measures nothing: all cores are one.
func testBench(t *testing.T) *bench {
	core, _, err := cores()
	require.NoError(t, err)
	b := &bench{ctx: t.Context(), dir: t.TempDir(), proxyCore: core, otherCore: core, settings: settings{rounds: 2}}
	t.Cleanup(b.stopAll)
	return b
}

func TestAProgramThatIsNotThereIsNamedInTheTable(t *testing.T) {
	b := testBench(t)
	absent := peer{name: "absent", start: func(b *bench, _ string) (*process, error) {
		return b.start(command{name: "absent", args: []string{"faultline-bench-no-such-program"}})
	}}

	contenders, err := b.contest([]peer{absent}, "", func(*contender) ([]float64, error) { panic("measured what is not there") })

	require.NoError(t, err)
	assert.Equal(t, "not on this machine", contenders[0].missing)
	_, err = b.runOnce([]string{"faultline-bench-no-such-program"})
	require.ErrorIs(t, err, errMissing)
}

func TestAPeerThatDoesNotStartFailsTheContest(t *testing.T) {
	b := testBench(t)
	broken := peer{name: "broken", start: func(b *bench, _ string) (*process, error) {
		return b.start(command{name: "broken", core: b.proxyCore, address: "127.0.0.1:1", args: []string{"sh", "-c", "echo what is wrong >&2; exit 3"}})
	}}

	_, err := b.contest([]peer{broken}, "", nil)

	require.ErrorContains(t, err, "broken has ended at its start: what is wrong")
}

func TestRunOnce(t *testing.T) {
	b := testBench(t)
	place := filepath.Join(b.dir, "made")

	used, err := b.runOnce([]string{"sh", "-c", "echo made >made; exit 3"}, 1, 3)
	require.NoError(t, err)
	assert.FileExists(t, place)
	assert.Positive(t, used.wall)
	assert.Positive(t, used.peak)

	_, err = b.runOnce([]string{"sh", "-c", "echo why; exit 3"}, 1)
	require.ErrorContains(t, err, "exit status 3: why")
}
