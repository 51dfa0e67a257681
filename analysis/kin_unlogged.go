package analysis

import "time"

// unlogged are deliveries that are told by their bodies alone, which the log does not hold. Had a body a time in it, its retry would be another delivery: of one that
// failed at its only try and was followed by others at its endpoint it is not known that it was never retried, unless its sender was seen to repeat a body as it was.
type unlogged struct {
	last   map[string]time.Time // when the last one began, by endpoint
	stable map[string]bool      // hosts at which one came again as it was
}

func (u *unlogged) see(c *course) {
	if !c.toldByUnloggedBody() {
		return
	}
	if u.last == nil {
		u.last, u.stable = make(map[string]time.Time), make(map[string]bool)
	}
	u.last[c.Endpoint] = later(u.last[c.Endpoint], c.began())
	if c.tries > 1 {
		u.stable[c.Host] = true
	}
}

func (u *unlogged) mayHaveComeAgain(c *course) bool {
	return c.toldByUnloggedBody() && len(c.arrivals) == 1 && !u.stable[c.Host] && !u.last[c.Endpoint].Before(c.lastSign())
}

// toldByUnloggedBody reports whether nothing tells the delivery from others but a body that is not in the log.
func (c *course) toldByUnloggedBody() bool {
	return len(c.arrivals) > 0 && c.bodyKeyed() && c.arrivals[0].Request.Body == nil && c.arrivals[0].Request.Bytes > 0
}

// moved are deliveries whose last answer was a redirect. A client that follows it (307, 308: with method and body) goes on elsewhere, at once.
type moved struct {
	at       map[string][]redirected // by key
	followed map[string]bool         // by id
}

// redirected is when a delivery was.
type redirected struct {
	id, endpoint string
	ended        time.Time
}

// atOnceElsewhere is how soon a client follows a redirect.
const atOnceElsewhere = 2 * time.Second

func (m *moved) suspect(c *course) {
	last := c.lastArrival()
	if last == nil || last.how.status()/100 != 3 || c.Key == "" {
		return
	}
	if m.at == nil {
		m.at, m.followed = make(map[string][]redirected), make(map[string]bool)
	}
	m.at[c.Key] = append(m.at[c.Key], redirected{c.ID, c.Endpoint, last.ended})
}

func (m *moved) gather(c *course) {
	for _, from := range m.at[c.Key] {
		wait := c.began().Sub(from.ended)
		if c.Endpoint != from.endpoint && wait >= 0 && wait <= atOnceElsewhere {
			m.followed[from.id] = true
		}
	}
}
