package proxy

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAlarm: whoever waits is woken, nobody early, in whatever order they came; those who wait no longer are forgotten.
func TestAlarm(t *testing.T) {
	var a alarm
	defer a.close()
	late := make([]time.Duration, 500)
	var waiting sync.WaitGroup
	for i := range late {
		waiting.Go(func() {
			d := time.Duration((i*37)%len(late)) * 100 * time.Microsecond
			begun := time.Now()
			w := a.set(d)
			<-w.rung
			late[i] = time.Since(begun) - d
			a.unset(w)
		})
		forgotten := a.set(time.Duration(i) * time.Millisecond)
		waiting.Go(func() { a.unset(forgotten) })
	}
	waiting.Wait()
	slices.Sort(late)
	require.GreaterOrEqual(t, late[0], time.Duration(0))
	t.Logf("late by %v at the median, %v at the 99th percentile", late[len(late)/2], late[len(late)*99/100])
	require.Empty(t, a.waits)
}

// TestAlarmClosed: nothing is left running, and nobody is kept from waiting in vain.
func TestAlarmClosed(t *testing.T) {
	var unused alarm
	unused.close()
	unused.unset(unused.set(time.Millisecond))

	var a alarm
	w := a.set(time.Hour)
	a.close()
	a.unset(w)
	a.unset(a.set(time.Millisecond))
	select {
	case <-w.rung:
		t.Fatal("woken by the end")
	default:
	}
}

// BenchmarkAlarm compares how late an idle program is woken.
func BenchmarkAlarm(b *testing.B) {
	measure := func(b *testing.B, wait func(time.Duration)) {
		var late []time.Duration
		for range b.N {
			const d = 3300 * time.Microsecond
			begun := time.Now()
			wait(d)
			late = append(late, time.Since(begun)-d)
		}
		slices.Sort(late)
		b.ReportMetric(float64(late[len(late)/2].Microseconds()), "µs-late-median")
		b.ReportMetric(float64(late[len(late)*99/100].Microseconds()), "µs-late-p99")
	}
	b.Run("timer", func(b *testing.B) { measure(b, func(d time.Duration) { <-time.NewTimer(d).C }) })
	b.Run("alarm", func(b *testing.B) {
		var a alarm
		defer a.close()
		measure(b, func(d time.Duration) { <-a.set(d).rung })
	})
}
