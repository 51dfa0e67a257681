package proxy

import "sync"

// hostsSeen remembers hosts, so that what is said about one is said once.
type hostsSeen struct {
	mu   sync.Mutex
	seen map[string]bool
}

// maxHostsSeen bounds the memory; beyond it nothing new is said.
const maxHostsSeen = 1000

func (h *hostsSeen) first(host string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seen[host] || len(h.seen) >= maxHostsSeen {
		return false
	}
	if h.seen == nil {
		h.seen = make(map[string]bool)
	}
	h.seen[host] = true
	return true
}
