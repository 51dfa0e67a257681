package console

import "sync"

// handles keeps what was made for each label value, so that counting is a map look-up under a read lock. Beyond limit values (0: none) all
// others share the one that was made for rest. Safe for concurrent use.
type handles[K comparable, V any] struct {
	limit int
	rest  K
	make  func(K) V

	mu   sync.RWMutex
	made map[K]V
}

// of is the handle of a label value.
func (h *handles[K, V]) of(key K) V {
	h.mu.RLock()
	v, known := h.made[key]
	if !known && h.full() {
		v, known = h.made[h.rest]
	}
	h.mu.RUnlock()
	if known {
		return v
	}
	return h.add(key)
}

func (h *handles[K, V]) add(key K) V {
	h.mu.Lock()
	defer h.mu.Unlock()
	if v, known := h.made[key]; known { // another goroutine was first
		return v
	}
	if h.full() {
		key = h.rest
	}
	if v, known := h.made[key]; known {
		return v
	}
	v := h.make(key)
	if h.made == nil {
		h.made = make(map[K]V)
	}
	h.made[key] = v
	return v
}

// full reports whether no further value gets a handle of its own. mu is held.
func (h *handles[K, V]) full() bool {
	return h.limit > 0 && len(h.made) >= h.limit
}
