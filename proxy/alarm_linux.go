package proxy

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// clockFile is a clock that the kernel makes readable when its time has come (timerfd_create(2)); a Timer where there is none to be had.
type clockFile struct {
	file  *os.File // nil: timer
	fd    int
	timer *time.Timer
	ended chan struct{}
}

// newClockFile makes a clock that calls ring, one call after another, until it is closed.
func newClockFile(ring func()) *clockFile {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil { // no descriptor is left, say: better late than never
		c := &clockFile{timer: time.AfterFunc(time.Hour, ring)}
		return c
	}
	c := &clockFile{file: os.NewFile(uintptr(fd), "timerfd"), fd: fd, ended: make(chan struct{})}
	go func() {
		defer close(c.ended)
		var expirations [8]byte
		for {
			if _, err := c.file.Read(expirations[:]); err != nil {
				return // it was closed
			}
			ring()
		}
	}()
	return c
}

// set has it ring after d, above 0, and not at the time that was set before. It must not be called beside close.
func (c *clockFile) set(d time.Duration) {
	if c.file == nil {
		c.timer.Reset(d)
		return
	}
	// It fails only for what is no clock, or no time.
	_ = unix.TimerfdSettime(c.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil)
}

func (c *clockFile) close() {
	if c.file == nil {
		c.timer.Stop()
		return
	}
	_ = c.file.Close() // nothing was written
	<-c.ended
}
