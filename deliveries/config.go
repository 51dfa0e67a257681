package deliveries

import (
	"fmt"
	"strings"
	"time"
)

// Config is what a Writer needs.
type Config struct {
	Dir   string // the folder; created when missing
	Run   string // the id of this process start, in every line
	Proxy string // the name of this proxy, in attempt and run lines

	SegmentSize int64 // bytes after which a new segment is begun; 0: 64 MiB
	// Keep is how many bytes the folder's segments may have together; 0: any number. When a segment is begun, and at the opening, the oldest full
	// ones are removed until that holds. The one that is written always stays, so that a folder holds up to one segment more.
	Keep int64
	Sync Sync
	// Required makes Append return an error when a record could not be written. Otherwise it returns nil, and the loss is only counted and said.
	Required bool

	// Written, if set, is shown each record that was appended, with its line, in which a *Body is null, just before its Append returns. The line is lent: it
	// must not be kept.
	Written func(record Record, line []byte)
	// Synced, if set, is told how long each sync took. It must not block.
	Synced func(time.Duration)
	// Health, if set, is told why the log cannot be written, once when that begins, and nil when it is well again. It must not block.
	Health func(error)
	// Removed, if set, is told of each segment (its name, its bytes) that Keep made the Writer remove; err is why one could not be removed: it is
	// tried again when the next segment is begun. No record counts as lost by it. It must not block.
	Removed func(segment string, bytes int64, err error)

	// Seal compresses full segments (zstd), in the background. Readers take them as they take plain ones.
	Seal bool
	// Sealed, if set, is told of each segment that was sealed (its name, its bytes), or why one could not be: it then stays plain until the next start. It
	// must not block.
	Sealed func(segment string, bytes int64, err error)

	openFile func(path string) (file, error) // nil: the real one; tests put a failing one in its place
}

func (c Config) withDefaults() Config {
	if c.SegmentSize == 0 {
		c.SegmentSize = 64 << 20
	}
	if c.Sync.Mode == "" {
		c.Sync.Mode = SyncInterval
	}
	if c.Sync.Every == 0 {
		c.Sync.Every = 100 * time.Millisecond
	}
	if c.Written == nil {
		c.Written = func(Record, []byte) {}
	}
	if c.Synced == nil {
		c.Synced = func(time.Duration) {}
	}
	if c.Health == nil {
		c.Health = func(error) {}
	}
	if c.Removed == nil {
		c.Removed = func(string, int64, error) {}
	}
	if c.Sealed == nil {
		c.Sealed = func(string, int64, error) {}
	}
	if c.openFile == nil {
		c.openFile = openFile
	}
	return c
}

// SyncMode is when written lines are made to survive a power cut.
type SyncMode string

// The modes.
const (
	SyncAlways   SyncMode = "always"   // before Append returns; what waits meanwhile shares the next sync
	SyncInterval SyncMode = "interval" // so long after a write, while others go on
	SyncNever    SyncMode = "never"    // when the system likes
)

// Sync is a mode and, for SyncInterval, its length. The zero value is an interval of 100 ms.
type Sync struct {
	Mode  SyncMode
	Every time.Duration
}

// ParseSync reads log.sync: "always", "never", "interval 100ms"; "" is the zero value.
func ParseSync(text string) (Sync, error) {
	switch SyncMode(text) {
	case "":
		return Sync{}, nil
	case SyncAlways, SyncNever:
		return Sync{Mode: SyncMode(text)}, nil
	}
	every, found := strings.CutPrefix(text, string(SyncInterval)+" ")
	if !found {
		return Sync{}, fmt.Errorf(`got %q, want "always", "never" or "interval 100ms"`, text)
	}
	d, err := time.ParseDuration(strings.TrimSpace(every))
	if err != nil || d <= 0 {
		return Sync{}, fmt.Errorf("got %q, want an interval above zero such as \"interval 100ms\"", text)
	}
	return Sync{Mode: SyncInterval, Every: d}, nil
}
