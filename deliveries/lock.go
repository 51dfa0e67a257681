package deliveries

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lockName is the file that holds the pid of the folder's writer, or when the last one was closed.
const lockName = "writer.lock"

// lock makes this process the folder's only writer until the file is closed. The kernel holds the lock, so that a killed process leaves none behind. For
// another to let go it waits so long.
func lock(dir string, wait time.Duration) (*os.File, error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock log folder: %w", err)
	}
	if err := hold(f, wait); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func hold(f *os.File, wait time.Duration) error {
	err := flock(f)
	for end := time.Now().Add(wait); errors.Is(err, syscall.EWOULDBLOCK) && time.Now().Before(end); err = flock(f) {
		time.Sleep(dyingWait / 50)
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return taken(f)
	}
	if err != nil {
		return fmt.Errorf("lock %q: %w", f.Name(), err)
	}
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("clear lock: %w", err)
	}
	if _, err := f.WriteString(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		return fmt.Errorf("write pid into lock: %w", err)
	}
	return nil
}

// dyingWait is how long a writer that was killed may take to let go: its kernel closes what it had open one by one.
const dyingWait = time.Second

func flock(f *os.File) error { return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// unlock lets the folder go, and says in the file when: until then attempts were seen.
func unlock(f *os.File, now time.Time) error {
	err := f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(closedMark+now.UTC().Format(time.RFC3339Nano)+"\n"), 0)
	}
	if err != nil {
		err = fmt.Errorf("write the end into lock: %w", err)
	}
	return errors.Join(err, f.Close())
}

func taken(f *os.File) error {
	text, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return fmt.Errorf("read pid from lock: %w", err)
	}
	return fmt.Errorf("log folder %q is written by another process, pid %s", filepath.Dir(f.Name()), strings.TrimSpace(string(text)))
}
