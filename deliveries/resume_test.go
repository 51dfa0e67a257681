package deliveries

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// write writes a log of these records.
func write(t *testing.T, cfg Config, records ...Record) {
	t.Helper()
	w := begin(t, cfg)
	for _, r := range records {
		require.NoError(t, w.Append(context.Background(), r))
	}
	require.NoError(t, w.Close(context.Background()))
}

func TestResume(t *testing.T) {
	known := ResumedDelivery{
		Delivery: "d", Key: "k", Endpoint: "http://h/", Host: "h", Attempts: 1, First: at(0), FirstAttempt: "a1", LastStart: at(0), Last: at(10),
	}
	with := func(change func(*ResumedDelivery)) []ResumedDelivery {
		d := known
		change(&d)
		return []ResumedDelivery{d}
	}
	other := tried(1, 5, Rejected, &no)
	other.Delivery, other.ID, other.Key, other.KeyFrom = "e", "b1", `quoted "key"`, "body"
	again := tried(1, 500, Rejected, &no)
	again.ID = "c1"
	tests := []struct {
		name    string
		records []Record
		want    []ResumedDelivery
	}{
		{"nothing", nil, nil},
		{"rejected", []Record{tried(1, 0, Rejected, &no)}, with(func(*ResumedDelivery) {})},
		{"acknowledged", []Record{tried(1, 0, Acknowledged, &yes)}, with(func(d *ResumedDelivery) {
			d.Acknowledged, d.Delivered, d.acknowledgements = true, true, 1
		})},
		{"amended", []Record{tried(1, 0, Acknowledged, &yes), &Amend{ID: "a1", Outcome: Broken}}, with(func(d *ResumedDelivery) {
			d.Delivered = true
		})},
		{"amended twice, acknowledged again", []Record{tried(1, 0, Acknowledged, &no), &Amend{ID: "a1", Outcome: Broken}, &Amend{ID: "a1", Outcome: Broken},
			tried(2, 20, Acknowledged, &no), tried(3, 40, Acknowledged, &no), &Amend{ID: "a3", Outcome: Broken}}, with(func(d *ResumedDelivery) {
			d.Attempts, d.Acknowledged, d.acknowledgements, d.LastStart, d.Last = 3, true, 1, at(40), at(50)
		})},
		{"amended once of two", []Record{tried(1, 0, Acknowledged, &no), tried(2, 20, Acknowledged, &no), &Amend{ID: "a1", Outcome: Broken}},
			with(func(d *ResumedDelivery) {
				d.Attempts, d.Acknowledged, d.acknowledgements, d.LastStart, d.Last = 2, true, 1, at(20), at(30)
			})},
		{"under way in the crash", []Record{tried(1, 0, Rejected, &no), begun(2, 70)}, with(func(d *ResumedDelivery) {
			d.Attempts, d.LastStart, d.Last = 2, at(70), at(70)
		})},
		{"first attempt under way in the crash", []Record{begun(1, 0)}, with(func(d *ResumedDelivery) { d.Last = at(0) })},
		{"recorded in another order", []Record{tried(2, 5, Rejected, &no), tried(1, 0, Rejected, &no)}, with(func(d *ResumedDelivery) {
			d.Attempts, d.LastStart, d.Last = 2, at(5), at(15)
		})},
		{"first attempt not seen", []Record{tried(3, 5, Rejected, &no)}, with(func(d *ResumedDelivery) {
			d.Attempts, d.FirstAttempt, d.First, d.LastStart, d.Last = 3, "", at(5), at(5), at(15)
		})},
		{"begun again", []Record{tried(1, 0, Rejected, &no), tried(2, 20, Rejected, &no), again}, with(func(d *ResumedDelivery) {
			d.FirstAttempt, d.First, d.LastStart, d.Last = "c1", at(500), at(500), at(510)
		})},
		{"two, and lines of other kinds", []Record{tried(1, 0, Rejected, &no), other, &Gap{}, &Other{}, &Tunnel{}, &Connect{}}, []ResumedDelivery{known, {
			Delivery: "e", Key: `quoted "key"`, KeyFrom: "body", Endpoint: "http://h/", Host: "h", Attempts: 1, First: at(5), FirstAttempt: "b1",
			LastStart: at(5), Last: at(15),
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, Config{Dir: dir}, tt.records...)
			got, err := Resume(dir, 1<<20)
			require.NoError(t, err)
			require.Equal(t, Resumed{Deliveries: tt.want}, got)
		})
	}
}

func TestResumeNoFolder(t *testing.T) {
	got, err := Resume(filepath.Join(t.TempDir(), "none"), 1<<20)
	require.NoError(t, err)
	require.Equal(t, Resumed{}, got)
}

func TestOpenDeliveries(t *testing.T) {
	n, since := Resumed{}.Open()
	require.Zero(t, n)
	require.Zero(t, since)
	n, since = Resumed{Deliveries: []ResumedDelivery{
		{First: at(0), Acknowledged: true}, {First: at(9)}, {First: at(5)}, {First: at(7)},
	}}.Open()
	require.Equal(t, 3, n)
	require.Equal(t, at(5), since)
}

func TestBodyKeys(t *testing.T) {
	for from, want := range map[string]bool{"body": true, "body-prefix": true, "header:Webhook-Id": false, "none": false} {
		require.Equal(t, want, ResumedDelivery{KeyFrom: from}.Body(), from)
	}
}

// TestResumeTail: no more than the limit is read, from the beginning of a line on, over the borders of segments.
func TestResumeTail(t *testing.T) {
	dir := t.TempDir()
	var lines []string
	for segment := range 3 {
		var text string
		for i := range 4 {
			line := fmt.Sprintf(`{"v":1,"event":"attempt","delivery":"d%d-%d","start":"2026-11-24T01:53:51Z","attempt":1,"id":"x"}`, segment, i) + "\n"
			lines = append(lines, line)
			text += line
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, segmentName(segment+1)), []byte(text), 0o644))
	}
	size := len(lines[0])
	tests := []struct {
		name  string
		limit int
		want  int // deliveries, the last ones
	}{
		{"all", 12 * size, 12},
		{"more than all", 13 * size, 12},
		{"one byte short of the second line", 11*size - 1, 10},
		{"exactly two lines of the second segment", 6 * size, 6},
		{"the last segment", 4 * size, 4},
		{"a part of the last line", size - 1, 0},
		{"nothing", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Resume(dir, int64(tt.limit))
			require.NoError(t, err)
			require.Len(t, got.Deliveries, tt.want)
			require.Zero(t, got.BadLines)
			for i, d := range got.Deliveries {
				require.Contains(t, lines[12-tt.want+i], d.Delivery)
			}
		})
	}
}

func TestResumeBadLines(t *testing.T) {
	dir := t.TempDir()
	good := `{"endpoint":"e", "v": 1 ,"x":{"y":["}"]},"id":"a\u0031","event":"attempt","delivery":"d","start":"2026-11-24T01:53:51Z","attempt":2}`
	bad := []string{
		`{"v":1,"event":"attempt","delivery":"d`, `{"v":2,"event":"run"}`, `{"v":1,"event":"stranger"}`, `[]`, `{`, `{"v":1`, "\x00\x00",
		`{"v":1,"event":"attempt","delivery":"d","start":"yesterday","attempt":1,"id":"x"}`,
		`{"v":1,"event":"attempt","delivery":"d","start":"2026-11-24T01:53:51Z","attempt":0,"id":"x"}`,
		`{"v":1,"event":"open","delivery":"","start":"2026-11-24T01:53:51Z","attempt":1,"id":"x"}`,
	}
	text := strings.Join(append(bad, good), "\n")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "log.jsonl"), []byte(text), 0o644))
	got, err := Resume(dir, 1<<20)
	require.NoError(t, err)
	require.Equal(t, len(bad), got.BadLines)
	require.Len(t, got.Bad, len(bad))
	for i, line := range got.Bad {
		require.Equal(t, i+1, line.Line, "of %s", bad[i])
		require.Equal(t, filepath.Join(dir, "log.jsonl"), line.File)
	}
	require.Len(t, got.Deliveries, 1)
	require.Equal(t, 2, got.Deliveries[0].Attempts)
}

// TestResumeNumbersBadLines: from the beginning of their segment, wherever reading began; the first are held.
func TestResumeNumbersBadLines(t *testing.T) {
	line := `{"v":1,"event":"amend","id":"x"}` + "\n"
	text := strings.Repeat(line, 20) + "garbage\n" + strings.Repeat(line, 20) + strings.Repeat("more\n", 200)
	for name, segment := range map[string]func(t *testing.T, dir string){
		"plain": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), []byte(text), 0o644))
		},
		"sealed": func(t *testing.T, dir string) {
			path := filepath.Join(dir, "000001.jsonl")
			require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
			_, err := seal(t.Context(), listed{path, int64(len(text))})
			require.NoError(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			segment(t, dir)
			for skip := range 21 * len(line) {
				got, err := Resume(dir, int64(len(text)-skip))
				require.NoError(t, err)
				require.Len(t, got.Bad, mostBad)
				want, first := 201, 21
				if skip > 20*len(line) { // within the first one, or behind it
					want, first = 200, 42
				}
				require.Equal(t, want, got.BadLines, "from byte %d", skip)
				require.Equal(t, first, got.Bad[0].Line)
			}
		})
	}
}

// TestResumeHoldsNoLines: a delivery that is gone on with holds nothing of its lines, which may have large bodies; the lines themselves are held one at a time.
func TestResumeHoldsNoLines(t *testing.T) {
	const size = 4 << 20
	var text strings.Builder
	for i := range 8 {
		a := tried(1, i, Rejected, &no)
		a.Delivery, a.ID = fmt.Sprint("d", i), fmt.Sprint("a", i)
		a.Request.Body = strings.Repeat("\"", size/2)
		require.NoError(t, stamp(a, "run-1", "host-a"))
		line, err := Line(a)
		require.NoError(t, err)
		text.Write(line)
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "000001.jsonl"), []byte(text.String()), 0o644))
	text.Reset()
	before := allocated()

	got, err := Resume(dir, 1<<30)
	require.NoError(t, err)
	require.Empty(t, got.Bad)
	require.Len(t, got.Deliveries, 8)
	require.Less(t, allocated()-before, int64(size), "bytes")
	runtime.KeepAlive(got)
}

// allocated is what is in use of the heap.
func allocated() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkResume reads 64 MiB: a start serves within a second, so it must take well under one.
func BenchmarkResume(b *testing.B) {
	dir := b.TempDir()
	a := tried(1, 0, Rejected, &no)
	a.Request = Message{Bytes: 1024, SHA256: strings.Repeat("ab", 32), Header: map[string][]string{"User-Agent": {strings.Repeat("x", 400)}}}
	require.NoError(b, stamp(a, "run-1", "host-a"))
	a.Delivery = "%06d"
	line, err := encode(a)
	require.NoError(b, err)
	text := make([]byte, 0, 65<<20)
	for i := 0; len(text) < 64<<20; i++ {
		text = fmt.Appendf(text, string(line), i/3)
	}
	require.NoError(b, os.WriteFile(filepath.Join(dir, "000001.jsonl"), text, 0o644))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		got, err := Resume(dir, 128<<20)
		require.NoError(b, err)
		require.Zero(b, got.BadLines)
		require.Greater(b, len(got.Deliveries), 15_000)
	}
}
