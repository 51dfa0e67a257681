package proxy

import "sync"

// faultSwitch turns all faults off and on again, and frees what is held when they go off.
type faultSwitch struct {
	mu   sync.Mutex
	off  bool
	gone chan struct{} // closed while faults are off
}

func newFaultSwitch() *faultSwitch { return &faultSwitch{gone: make(chan struct{})} }

// lift turns faults off: whatever waits goes on at once. False: they were off.
func (f *faultSwitch) lift() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.off {
		return false
	}
	f.off = true
	close(f.gone)
	return true
}

// restore turns faults on again. False: they were on.
func (f *faultSwitch) restore() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.off {
		return false
	}
	f.off = false
	f.gone = make(chan struct{})
	return true
}

func (f *faultSwitch) lifted() (bool, <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.off, f.gone
}
