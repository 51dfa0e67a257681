package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// Which attempt of a lost delivery is sent again, and why none is.
func TestAgain(t *testing.T) {
	tests := []struct{ name, log, want, evenIfReached string }{
		{"the last", "a bodies=full 0s 503 1s 503", "a0002", "a0002"},
		{"the target has refused it", "a bodies=full 0s 503!", "a0001", "a0001"},
		{"its body is not logged", "a 0s 503", `its body is not logged (log.bodies = "full" would): it is not in the log`, `its body is not logged (log.bodies = "full" would): it is not in the log`},
		{"it has arrived", "a bodies=full 0s hidden", "it arrived, and its sender was not shown that: it may be there twice", "a0001"},
		{"it may have arrived", "a bodies=full 0s maybe", "its target got it whole, and its answer is not known: it may be there twice", "a0001"},
		{"it had not ended", "a bodies=full 0s 503\n.open a-hooks.test/claims 5s", "an attempt had not ended when faultline did: it may be there twice", "a0001"},
		{"it may have come again", `a bodies=full key_from=body body={"at":"2026-11-24T09:00:00Z"} 0s 503` + "\n" + `b bodies=full key_from=body body={"at":"2026-11-24T09:00:05Z"} 5s 200`,
			"what looks like it came again under another key: it may be there twice", "a0001"},
		{"it was replayed", "a bodies=full 0s 503\na replay=a0001 bodies=full 60s 200", "it was replayed, and arrived: it may be there twice", "a0001"},
		{"it was replayed, and nobody knows", "a bodies=full 0s 503\na replay=a0001 bodies=full 60s maybe", "it was replayed, and nobody knows whether it arrived: it may be there twice", "a0001"},
		{"it was replayed in vain", "a bodies=full 0s 503\na replay=a0001 bodies=full 60s 503", "a0001", "a0001"},
		{"its replay is a delivery of its own", "a key_from=body bodies=full 0s 503\nb key_from=body replay=a0001 bodies=full 60s 200", "it was replayed, and arrived: it may be there twice", "a0001"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := analysis.Stories(logOf(makeLog(t, tt.log)), ended(nil))[0]
			for evenIfReached, want := range map[bool]string{false: tt.want, true: tt.evenIfReached} {
				a, err := s.Again(evenIfReached)
				if err != nil {
					require.Equal(t, want, err.Error())
					continue
				}
				require.Equal(t, want, a.ID)
			}
		})
	}
}

// What faultline replay sends says nothing of the sender: with it or without, the verdict is the same.
func TestReplaysAreNotTheSenders(t *testing.T) {
	const own = ".run r1 0s\na bodies=full 0s 503 5s 503\nb bodies=full 1s 503 5s 200\nc key_from=body 2s 503\n.other 5000s\n"
	const replays = "a replay=a0002 bodies=full 2000s 503\na replay=a0002 bodies=full 3000s 200\nd key_from=body replay=a0005 3001s 200\n"
	for _, keys := range []string{"delivered = 1\nmax_attempts = 2\nmax_duplicates = 0", everything} {
		with, without := judgeMade(t, own+replays, keys), judgeMade(t, own, keys)
		require.Equal(t, without.Text("log")+without.Table(), with.Text("log")+with.Table())
		require.Equal(t, policyOf(t, without), policyOf(t, with))
	}
	stories := analysis.Stories(logOf(makeLog(t, own+replays)), ended(nil))
	require.Len(t, stories, 3)
	require.Equal(t, "lost         a                    http://hooks.test/claims  503, 503  (gave up, arrived by replay)", stories[0].String())
	require.Equal(t, "lost         c                    http://hooks.test/claims  503  (never retried, arrived by replay)", stories[2].String())
	require.Contains(t, stories[0].TimeLine(), "  replay  +33m20s  took 10 ms  503 ")
	require.Contains(t, stories[0].TimeLine(), "  replay     +50m  took 10 ms  200 ")
	said := stories[0].JSON()
	require.Equal(t, []string{"replayed"}, said.Flags)
	require.Len(t, said.Attempts, 4)
	require.Equal(t, "a0002", said.Attempts[3].Replay)
	require.Empty(t, said.Attempts[1].Replay)
}
