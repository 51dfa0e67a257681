package deliveries

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// grouped groups logs, and gives what it came to with all deliveries; nothing is left in the folder for files.
func grouped(t *testing.T, how Reading, settle Settle, paths ...string) (*Grouped, []*Delivery) {
	t.Helper()
	how.Temp = t.TempDir()
	g, err := Group(context.Background(), how, paths...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, g.Close()) })
	require.Empty(t, names(t, how.Temp))
	return g, deliveriesOf(t, g, settle)
}

func deliveriesOf(t *testing.T, g *Grouped, settle Settle) (all []*Delivery) {
	t.Helper()
	for d, err := range g.Deliveries(settle) {
		require.NoError(t, err)
		all = append(all, d)
	}
	return all
}

// TestGroupIsTheSame: with its attempts in memory or on the disk, a log comes to the same, and to what a Grouper makes of it that holds all.
func TestGroupIsTheSame(t *testing.T) {
	had := map[string]bool{}
	for seed := range uint64(5) {
		r, dir := rand.New(rand.NewPCG(seed, 7)), filepath.Join(t.TempDir(), "a")
		randomLog(t, r, dir, 400)
		settle := Settle{Silence: time.Hour}
		inMemory, want := grouped(t, Reading{}, settle, dir)
		require.Greater(t, len(want), 50)
		for _, memory := range []int64{1, 20_000} {
			onDisk, got := grouped(t, Reading{Memory: memory}, settle, dir)
			require.Equal(t, want, got)
			require.Equal(t, inMemory.Folders, onDisk.Folders)
			require.Equal(t, inMemory.End, onDisk.End)
			require.Equal(t, want, deliveriesOf(t, onDisk, settle), "a second time")
			require.Equal(t, spellsOf(want), spellsIn(t, onDisk))
		}
		require.Equal(t, asGrouper(t, dir, settle), want)
		require.Equal(t, firedIn(want), inMemory.Fired)
		for _, d := range want {
			had["set back"] = had["set back"] || d.SetBack
			had["unfinished"] = had["unfinished"] || len(d.Unfinished) > 0 && len(d.Attempts) > 0
			had["acknowledged"] = had["acknowledged"] || d.State == StateAcknowledged
			had["replayed"] = had["replayed"] || len(d.Replays) > 0 && !d.Foreign()
			had["replays alone"] = had["replays alone"] || d.Foreign()
			had["retried"] = had["retried"] || d.RetriedAfterAck
			had["lost"] = had["lost"] || d.State == StateLost
		}
	}
	require.Equal(t, map[string]bool{"set back": true, "unfinished": true, "replayed": true, "replays alone": true, "acknowledged": true, "retried": true, "lost": true}, had)
}

// TestLent: a delivery that is lent is the same as one's own, until the next.
func TestLent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	randomLog(t, rand.New(rand.NewPCG(1, 7)), dir, 30*portionSize)
	g, own := grouped(t, Reading{}, Settle{}, dir)
	require.Greater(t, len(own), 6*portionSize, "enough that portions are used again")
	for range 2 {
		i := 0
		for d, err := range g.Lent(Settle{}) {
			require.NoError(t, err)
			require.Equal(t, own[i], d)
			i++
		}
		require.Len(t, own, i)
	}
}

// randomLog writes a log of two runs: attempts of some deliveries with all that may become of them, and lines of other kinds. Now and then the clock is set back.
func randomLog(t *testing.T, r *rand.Rand, dir string, records int) {
	t.Helper()
	now := at(0)
	for _, run := range []string{"run-1", "run-2"} {
		w, _, err := OpenWriter(Config{Dir: dir, SegmentSize: 20 << 10, Run: run, Proxy: "host-a"}, Run{Start: now, Version: "0.1"})
		require.NoError(t, err)
		var ids []string
		for range records {
			now = now.Add(time.Duration(r.IntN(5)) * time.Second)
			if r.IntN(records/2) == 0 {
				now = now.Add(-time.Minute)
			}
			record := randomRecord(r)
			switch record := record.(type) {
			case *Attempt:
				record.Start, record.MS.Total = now.Add(-time.Duration(r.IntN(1000))*time.Millisecond), float64(r.IntN(1000))
				record.Delivery, record.ID = fmt.Sprint("d", r.IntN(records/4)), fmt.Sprint(run, len(ids))
				record.Outcome = []Outcome{Acknowledged, Rejected, Broken}[r.IntN(3)]
				ids = append(ids, record.ID)
				if r.IntN(5) == 0 {
					require.NoError(t, w.Append(context.Background(), record.begun()))
				}
			case *Open:
				record.Start, record.Delivery, record.ID = now, fmt.Sprint("d", r.IntN(records/4)), word(r)
			case *Amend:
				if len(ids) > 0 {
					record.ID = ids[r.IntN(len(ids))]
				}
			}
			require.NoError(t, w.Append(context.Background(), record))
		}
		require.NoError(t, w.Close(context.Background()))
	}
}

// spellsIn are all that Spells gives, in one order.
func spellsIn(t *testing.T, g *Grouped) (all []Spell) {
	t.Helper()
	for spells, err := range g.Spells() {
		require.NoError(t, err)
		for _, one := range spells {
			one.id = ""
			all = append(all, one)
		}
	}
	slices.SortFunc(all, Spell.compare)
	return all
}

// spellsOf are those of deliveries.
func spellsOf(of []*Delivery) (all []Spell) {
	for _, d := range of {
		for _, a := range d.Attempts {
			all = append(all, Spell{Start: a.Start, End: a.Ended(), Run: a.Run, Try: a.Try})
		}
		for _, o := range d.Unfinished {
			all = append(all, Spell{Start: o.Start, Run: o.Run})
		}
	}
	slices.SortFunc(all, Spell.compare)
	return all
}

func (s Spell) compare(other Spell) int {
	return cmp.Or(s.Start.Compare(other.Start), s.End.Compare(other.End), cmp.Compare(s.Run, other.Run), cmp.Compare(s.Try, other.Try))
}

// asGrouper is what a Grouper makes of a log, without header fields, in the order in which the deliveries began.
func asGrouper(t *testing.T, dir string, settle Settle) (grouped []*Delivery) {
	t.Helper()
	var g Grouper
	for _, record := range all(t, dir) {
		g.Add(record)
	}
	for _, d := range g.Deliveries(settle) {
		for _, list := range [...][]*Attempt{d.Attempts, d.Replays} {
			for i, a := range list {
				list[i] = withoutHeaders(a).(*Attempt)
			}
		}
		grouped = append(grouped, &d)
	}
	slices.SortFunc(grouped, func(a, b *Delivery) int { return cmp.Or(a.began().Compare(b.began()), cmp.Compare(a.ID, b.ID)) })
	return grouped
}

// firedIn counts the attempts at which each rule has fired.
func firedIn(all []*Delivery) map[string]int {
	fired := map[string]int{}
	for _, d := range all {
		for _, a := range slices.Concat(d.Attempts, d.Replays) {
			for _, rule := range a.Rules {
				fired[rule]++
			}
		}
	}
	return fired
}

// began is the earliest start of its attempts.
func (d *Delivery) began() time.Time {
	var starts []time.Time
	for _, a := range slices.Concat(d.Attempts, d.Replays) {
		starts = append(starts, a.Start)
	}
	for _, o := range d.Unfinished {
		starts = append(starts, o.Start)
	}
	return slices.MinFunc(starts, time.Time.Compare)
}

// TestSeveralFolders: attempts that several proxies saw are one delivery, in the order in which they began; what else a folder holds is its own.
func TestSeveralFolders(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	gap := &Gap{Start: at(400), Until: at(500), Records: 2, Error: "disk full", Run: "a"}
	writeLines(t, a, lineOf(t, &Run{Run: "a", Start: at(0)}), lineOf(t, seen("a", 1, 1, 0)), lineOf(t, seen("a", 2, 2, 300)), lineOf(t, gap))
	writeLines(t, b, lineOf(t, seen("b", 1, 1, 100)), lineOf(t, seen("b", 2, 2, 200)), lineOf(t, begun(3, 600)))
	var other []Event
	g, all := grouped(t, Reading{Other: func(r Record) { other = append(other, r.event()) }}, Settle{}, a, b)
	require.Len(t, all, 1)
	require.Len(t, all[0].Attempts, 4)
	for i, ms := range []int{0, 100, 200, 300} {
		require.Equal(t, at(ms), all[0].Attempts[i].Start)
	}
	require.Equal(t, 4, g.Attempts)
	require.Equal(t, at(600), g.End)
	require.Equal(t, []string{a, b}, []string{g.Folders[0].Path, g.Folders[1].Path})
	require.Len(t, g.Folders[0].Gaps, 1)
	require.Equal(t, []uint64{2, 0}, []uint64{g.Folders[0].Lost(), g.Folders[1].Lost()})
	require.Equal(t, []Event{EventRun, EventGap}, other)
	require.Empty(t, g.Fired)
}

// TestUnderWayByFolder: what the newest run of a folder has not ended may still end; what an earlier one has not was cut off. Other folders tell nothing.
func TestUnderWayByFolder(t *testing.T) {
	dir := t.TempDir()
	open := func(run, delivery string) string {
		o := begun(1, 0)
		o.Delivery, o.ID, o.Run = delivery, delivery, run
		return lineOf(t, o)
	}
	writeLines(t, filepath.Join(dir, "a"), open("run-1", "cut off"), open("run-2", "under way"))
	writeLines(t, filepath.Join(dir, "b"), open("run-3", "under way elsewhere"))
	_, all := grouped(t, Reading{}, Settle{}, filepath.Join(dir, "a"), filepath.Join(dir, "b"))
	for _, d := range all {
		require.Equal(t, d.ID != "cut off", d.UnderWay, d.ID)
	}
	require.Len(t, all, 3)
}

// lineOf is a record's line, of the run that it names.
func lineOf(t *testing.T, record Record) string {
	t.Helper()
	switch r := record.(type) {
	case *Attempt:
		r.V, r.Event = version, r.event()
	case *Open:
		r.V, r.Event = version, r.event()
	case *Run:
		r.V, r.Event = version, r.event()
	case *Gap:
		r.V, r.Event = version, r.event()
	case *Change:
		r.V, r.Event = version, r.event()
	default:
		t.Fatalf("a line of %T", record)
	}
	line, err := encode(record)
	require.NoError(t, err)
	return string(line)
}

// writeLines writes a folder of one segment.
func writeLines(t *testing.T, dir string, lines ...string) {
	t.Helper()
	writeSegment(t, dir, 1, lines...)
}

func writeSegment(t *testing.T, dir string, number int, lines ...string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, segmentName(number)), []byte(strings.Join(lines, "")), 0o644))
}

// TestGroupLongLines: lines are longer than what is read at once, or many; each has its number.
func TestGroupLongLines(t *testing.T) {
	long := seen("a", 1, 1, 0)
	long.Request.Body = strings.Repeat("x", 3*blockSize)
	lines := []string{lineOf(t, long)}
	for i := range 3000 {
		lines = append(lines, lineOf(t, seen("a", uint64(i+2), i+2, 100*i)))
	}
	lines = append(lines, "garbage\n", lineOf(t, seen("a", 3002, 3002, 300_000)))
	dir := t.TempDir()
	writeLines(t, dir, lines...)
	for _, memory := range []int64{0, 1} {
		g, all := grouped(t, Reading{Memory: memory}, Settle{}, dir)
		require.Len(t, all, 1)
		require.Len(t, all[0].Attempts, 3002)
		require.Equal(t, long.Request.Body, all[0].Attempts[0].Request.Body)
		require.Equal(t, 3002, g.Folders[0].Bad[0].Line)
		require.Zero(t, g.Folders[0].Runs[0].Lost)
	}
}
