package scenario

import "time"

// changes is the next moment at which a window may open or end; zero: it never does.
func (s *Scenario) changes(w *window, at Instant) time.Time {
	next := w.next(at)
	if len(w.phases) > 0 {
		next = earlier(next, s.nextPhase(at))
	}
	return next
}

// earlier is the earlier of two moments; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// next is a moment up to which the window surely stays as it is; zero: for ever. Phases are not looked at.
func (w *window) next(at Instant) time.Time {
	var next time.Time
	ahead := func(t time.Time) {
		if t.After(at.Now) {
			next = earlier(next, t)
		}
	}
	if w.clocked() {
		begins := at.Start.Add(w.after)
		if w.repeats && !at.Now.Before(begins) {
			into := at.Now.Sub(begins)
			begins = begins.Add(into - into%w.repeatEvery)
			ahead(begins.Add(w.repeatEvery))
		}
		ahead(begins)
		if w.hasLength {
			ahead(begins.Add(w.length))
		}
	}
	ahead(w.from)
	ahead(w.until)
	if w.daily != nil || len(w.days) > 0 {
		hours, zone := w.hours()
		hours.changes(at.Now, zone, ahead)
	}
	return next
}

// changes tells of the openings and ends around now, and of the next change of the clocks, after which they may lie elsewhere.
func (d *daily) changes(now time.Time, zone *time.Location, tell func(time.Time)) {
	shown := wall(now, zone)
	for _, midnight := range [...]time.Time{shown.Truncate(day).Add(-day), shown.Truncate(day), shown.Truncate(day).Add(day)} {
		begin, end := d.on(midnight)
		tell(now.Add(begin.Sub(shown)))
		tell(now.Add(end.Sub(shown)))
	}
	_, changed := now.In(zone).ZoneBounds()
	tell(changed)
}

// fromStart reports whether the window is counted from the clock's start.
func (w *window) fromStart() bool { return w.clocked() || len(w.phases) > 0 }
