package deliveries

// room is where deliveries are unpacked. It grows to what many at once need, and is used again for others.
type room struct {
	deliveries slab[Delivery]
	attempts   slab[parts]
	sightings  slab[sighting]
	lists      slab[*Attempt]
}

func (r *room) empty() {
	r.deliveries.empty()
	r.attempts.empty()
	r.sightings.empty()
	r.lists.empty()
}

// slab is memory of which pieces are taken, until it is emptied.
type slab[T any] struct{ all, free []T }

// take gives n zero values.
func (s *slab[T]) take(n int) []T {
	if len(s.free) < n {
		s.all = make([]T, max(n, 2*len(s.all), 64)) // those who have pieces of what it was keep it
		s.free = s.all
	}
	taken := s.free[:n:n]
	s.free = s.free[n:]
	clear(taken)
	return taken
}

func (s *slab[T]) empty() { s.free = s.all }
