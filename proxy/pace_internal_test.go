package proxy

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// arrivals takes note of what was written when.
type arrivals struct {
	begun  time.Time
	pieces []int
	at     []time.Duration
}

func (a *arrivals) Write(p []byte) (int, error) {
	a.pieces = append(a.pieces, len(p))
	a.at = append(a.at, time.Since(a.begun))
	return len(p), nil
}

func (a *arrivals) total() (n int) {
	for _, piece := range a.pieces {
		n += piece
	}
	return n
}

func here() bool { return false }

// TestPace: so many bytes take so long, to the nanosecond, in pieces of at most 10 ms.
func TestPace(t *testing.T) {
	tests := []struct {
		name  string
		rate  int64
		bytes int
		piece int
		took  time.Duration
	}{
		{"a drip", 1, 6, 1, 6 * time.Second},
		{"slower than a byte in 10 ms", 50, 100, 1, 2 * time.Second},
		{"a modem", 7000, 35_000, 70, 5 * time.Second},
		{"no whole number of bytes in a piece", 64 << 10, 5 * 64 << 10, 655, 5 * time.Second},
		{"less than a piece", 1 << 20, 1, 1, 953 * time.Nanosecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Server{faults: newFaultSwitch()}
				got := &arrivals{begun: time.Now()}
				n, err := (&slowWriter{pace: s.newPace(tt.rate, here), to: got}).Write(make([]byte, tt.bytes))
				require.NoError(t, err)
				require.Equal(t, tt.bytes, n)
				require.Equal(t, tt.bytes, got.total())
				require.InDelta(t, tt.took, time.Since(got.begun), float64(time.Microsecond))
				for _, piece := range got.pieces {
					require.LessOrEqual(t, piece, tt.piece)
				}
			})
		})
	}
}

// TestPaceSavesNothingUp: a rest is no reason to be faster, being late is: pieces then follow each other sooner, never at once.
func TestPaceSavesNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{faults: newFaultSwitch()}
		got := &arrivals{begun: time.Now()}
		w := &slowWriter{pace: s.newPace(1000, here), to: got}
		time.Sleep(time.Minute)
		got.begun = time.Now()
		_, err := w.Write(make([]byte, 1000))
		require.NoError(t, err)
		require.Equal(t, []int{10, 10, 10}, got.pieces[:3])
		require.Equal(t, []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond}, got.at[:3])
		require.Equal(t, time.Second, time.Since(got.begun))

		time.Sleep(30 * time.Millisecond) // too short for a rest
		*got = arrivals{begun: time.Now()}
		_, err = w.Write(make([]byte, 100))
		require.NoError(t, err)
		require.Equal(t, []time.Duration{0, 8 * time.Millisecond, 16 * time.Millisecond}, got.at[:3])
		require.Equal(t, 72*time.Millisecond, time.Since(got.begun))

		w.last = w.last.Add(time.Minute) // as if it had been woken late
		time.Sleep(time.Minute)
		*got = arrivals{begun: time.Now()}
		_, err = w.Write(make([]byte, 1000))
		require.NoError(t, err)
		require.Equal(t, []time.Duration{8 * time.Millisecond, 16 * time.Millisecond, 24 * time.Millisecond}, got.at[:3])
		require.Equal(t, 800*time.Millisecond, time.Since(got.begun))
	})
}

// TestPaceEnds: a lifted pace goes on at full speed at once, and for good; a sender that has left ends it.
func TestPaceEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{faults: newFaultSwitch()}
		got := &arrivals{begun: time.Now()}
		w := &slowWriter{pace: s.newPace(1, here), to: got}
		time.AfterFunc(2500*time.Millisecond, func() {
			s.faults.lift()
			s.faults.restore()
		})
		_, err := w.Write(make([]byte, 100))
		require.NoError(t, err)
		require.Equal(t, []int{1, 1, 1, 97}, got.pieces)
		require.Equal(t, 2500*time.Millisecond, time.Since(got.begun))
	})
	synctest.Test(t, func(t *testing.T) {
		s := &Server{faults: newFaultSwitch()}
		got := &arrivals{begun: time.Now()}
		w := &slowWriter{pace: s.newPace(1, func() bool { return time.Since(got.begun) >= 1500*time.Millisecond }), to: got}
		n, err := w.Write(make([]byte, 100))
		require.ErrorIs(t, err, errSenderLeft)
		require.Equal(t, 1, n)
		require.Equal(t, 1500*time.Millisecond, time.Since(got.begun))
	})
}

// TestPaceKeepsTheLastByte: it goes when it is released, its time waited for before.
func TestPaceKeepsTheLastByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{faults: newFaultSwitch()}
		var text strings.Builder
		w := &slowWriter{pace: s.newPace(1, here), to: &text, keep: true}
		begun := time.Now()
		for _, part := range []string{"he", "a", "", "d"} {
			_, err := io.WriteString(w, part)
			require.NoError(t, err)
		}
		require.Equal(t, "hea", text.String())
		require.NoError(t, w.prepay())
		require.Equal(t, 4*time.Second, time.Since(begun))
		require.NoError(t, w.release())
		require.Equal(t, "head", text.String())
		require.Equal(t, 4*time.Second, time.Since(begun))
	})
}

// TestSlowBody: a body is paid for once: as it comes in, or, when it was there before the pace, as it is handed out or dropped.
func TestSlowBody(t *testing.T) {
	tests := []struct {
		name string
		do   func(b *requestBody, at *pace) error
		took time.Duration
	}{
		{"streamed", func(b *requestBody, at *pace) error { b.slow(at); return discard(b) }, 5 * time.Second},
		{"drained", func(b *requestBody, at *pace) error { b.slow(at); return b.drain() }, 5 * time.Second},
		{"held at the pace, then handed out", func(b *requestBody, at *pace) error {
			b.slow(at)
			_, err := b.hold()
			if err != nil {
				return err
			}
			return discard(b)
		}, 5 * time.Second},
		{"held before, then handed out", func(b *requestBody, at *pace) error {
			if _, err := b.hold(); err != nil {
				return err
			}
			b.slow(at)
			return discard(b)
		}, 5 * time.Second},
		{"held before, then drained", func(b *requestBody, at *pace) error {
			if _, err := b.hold(); err != nil {
				return err
			}
			b.slow(at)
			return b.drain()
		}, 5 * time.Second},
		{"held at a pace that ends with the decision", func(b *requestBody, at *pace) error {
			b.slow(at)
			if _, err := b.hold(); err != nil {
				return err
			}
			b.slow(nil)
			return discard(b)
		}, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Server{faults: newFaultSwitch()}
				var b requestBody
				b.begin(strings.NewReader(strings.Repeat("x", 5000)), 2999, 0, func() {})
				begun := time.Now()
				require.NoError(t, tt.do(&b, s.newPace(1000, here)))
				require.Equal(t, int64(5000), b.n)
				require.True(t, b.ended)
				require.InDelta(t, tt.took, time.Since(begun), float64(time.Microsecond))
			})
		})
	}
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
