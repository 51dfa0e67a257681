package deliveries

import "sync"

// health is what is wrong with the log at this moment.
type health struct {
	tell func(error)

	mu          sync.Mutex
	write, sync error
}

func (h *health) err() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.worst()
}

func (h *health) worst() error {
	if h.write != nil {
		return h.write
	}
	return h.sync
}

// wrote takes the result of a write, synced that of a sync. A change from well to ill, or back, is told.
func (h *health) wrote(err error)  { h.change(&h.write, err) }
func (h *health) synced(err error) { h.change(&h.sync, err) }

func (h *health) change(part *error, err error) {
	h.mu.Lock()
	before := h.worst()
	*part = err
	now := h.worst()
	h.mu.Unlock()
	if (before == nil) != (now == nil) {
		h.tell(now)
	}
}
