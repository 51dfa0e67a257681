package deliveries

import (
	"context"
	"strings"
	"testing"
)

// BenchmarkAppend is an attempt of ordinary size, by many senders at once.
func BenchmarkAppend(b *testing.B) {
	for _, mode := range []SyncMode{SyncInterval, SyncAlways} {
		b.Run(string(mode), func(b *testing.B) {
			w, _, err := openForTest(Config{Dir: b.TempDir(), Sync: Sync{Mode: mode}})
			if err != nil {
				b.Fatal(err)
			}
			defer func() {
				if err := w.Close(context.Background()); err != nil {
					b.Error(err)
				}
			}()
			b.SetParallelism(64)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				a := tried(1, 0, Rejected, &no)
				a.Request = Message{SHA256: strings.Repeat("ab", 32), Header: map[string][]string{"User-Agent": {"x"}, "Content-Type": {"application/json"}}}
				for pb.Next() {
					if err := w.Append(context.Background(), a); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkRedactHeader is a header without a secret.
func BenchmarkRedactHeader(b *testing.B) {
	r := redactor(b)
	h := map[string][]string{
		"User-Agent": {"x"}, "Content-Type": {"application/json"}, "Accept": {"*/*"}, "Webhook-Id": {"wh_1"}, "Webhook-Timestamp": {"1"},
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Header(h)
	}
}
