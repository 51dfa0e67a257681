package deliveries

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// closedMark stands before the time in a lock file whose Writer was closed in order.
const closedMark = "closed "

// WatchedUntil is until when the Writer of a folder was there to see attempts: now while it is, else when it was closed. It is zero for a folder whose
// Writer was killed, and for a single file: then the lines alone tell.
func WatchedUntil(path string, now time.Time) (time.Time, error) {
	f, err := os.Open(filepath.Join(path, lockName))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the log's writer: %w", err)
	}
	defer func() { _ = f.Close() }() // was only read, and a lock on it ends
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return now, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the log's writer: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, 64))
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the log's writer: %w", err)
	}
	at, closed := strings.CutPrefix(strings.TrimSpace(string(text)), closedMark)
	if !closed {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return time.Time{}, fmt.Errorf("look for the log's writer: %w", err)
	}
	return t, nil
}
