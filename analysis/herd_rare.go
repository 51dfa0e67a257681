package analysis

// mostHeld is how many attempts herds hold. In a log with more they look at fewer deliveries: a half, a quarter, chosen by their ids alone.
const mostHeld = 1 << 18

// wants reports whether a delivery is looked at.
func (h *herds) wants(id string) bool { return hashOf(id)&(1<<h.rare-1) == 0 }

// thin leaves half of the deliveries.
func (h *herds) thin() {
	h.rare++
	number := make([]int32, len(h.deliveries)) // that each has from now on, from 1; 0: it is left out
	kept := h.deliveries[:0]
	for i, w := range h.deliveries {
		if h.wants(w.id) {
			kept = append(kept, w)
			number[i] = int32(len(kept))
		}
	}
	clear(h.deliveries[len(kept):])
	h.deliveries, h.marks = kept, 0
	for host, marks := range h.hosts {
		left := marks[:0]
		for _, m := range marks {
			if number[m.delivery] > 0 {
				m.delivery = number[m.delivery] - 1
				left = append(left, m)
			}
		}
		h.hosts[host] = left
		h.marks += len(left)
	}
}
