package deliveries

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// disk opens real files on a disk that can be full, slow, or broken.
type disk struct {
	mu       sync.Mutex
	full     bool
	room     int           // bytes that a write still gets when the disk is full
	syncs    []error       // results of the next syncs
	synced   []string      // names of what was synced
	slow     chan struct{} // while set, syncs wait until it is closed
	atSync   chan struct{} // gets a value when a sync waits
	truncate error
	gate     chan struct{} // while set, writes wait until it is closed
	atGate   chan struct{} // gets a value when a write waits
	opened   []string
	closed   error // why no file can be opened
}

type diskFile struct {
	*os.File
	disk *disk
}

func (d *disk) open(path string) (file, error) {
	d.mu.Lock()
	closed := d.closed
	d.mu.Unlock()
	if closed != nil {
		return nil, closed
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened = append(d.opened, path)
	return diskFile{f, d}, nil
}

func (d *disk) set(change func(*disk)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change(d)
}

func (f diskFile) Write(p []byte) (int, error) {
	f.disk.mu.Lock()
	full, room, gate := f.disk.full, f.disk.room, f.disk.gate
	f.disk.mu.Unlock()
	if gate != nil {
		f.disk.atGate <- struct{}{}
		<-gate
	}
	if !full || len(p) <= room {
		return f.File.Write(p)
	}
	n, err := f.File.Write(p[:room])
	if err == nil {
		err = &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return n, err
}

// Sync gives the results that were set, one a call, then syncs.
func (f diskFile) Sync() error {
	f.disk.mu.Lock()
	f.disk.synced = append(f.disk.synced, filepath.Base(f.Name()))
	var err error
	if len(f.disk.syncs) > 0 {
		err, f.disk.syncs = f.disk.syncs[0], f.disk.syncs[1:]
	}
	slow := f.disk.slow
	f.disk.mu.Unlock()
	if slow != nil {
		f.disk.atSync <- struct{}{}
		<-slow
	}
	if err != nil {
		return err
	}
	return f.File.Sync()
}

func (f diskFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.disk.truncate != nil {
		return f.disk.truncate
	}
	return f.File.Truncate(size)
}
