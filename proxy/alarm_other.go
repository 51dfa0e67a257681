//go:build !linux

package proxy

import "time"

// clockFile is a Timer where there is no better clock.
type clockFile struct{ timer *time.Timer }

func newClockFile(ring func()) *clockFile { return &clockFile{time.AfterFunc(time.Hour, ring)} }

// set has it ring after d, above 0, and not at the time that was set before.
func (c *clockFile) set(d time.Duration) { c.timer.Reset(d) }

func (c *clockFile) close() { c.timer.Stop() }
