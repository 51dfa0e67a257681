package analysis

import "time"

// unlogged are deliveries that are told by their bodies alone, which the log does not hold. Had a body a time in it, its retry would be another delivery: of one that
// failed at its only try and was followed at its endpoint by one of about its size it is not known that it was never retried, unless its sender was seen to repeat a
// body as it was.
type unlogged struct {
	last   map[sized]time.Time // when the last one began
	stable map[string]bool     // hosts at which one came again as it was
}

// sized are the deliveries of one size at an endpoint.
type sized struct {
	endpoint string
	bytes    int64
}

// aboutAsLarge is by how many bytes a body may differ from the same with another time, id or number of the attempt in it, or compressed so.
const aboutAsLarge = 16

func (u *unlogged) see(c *course) {
	if !c.toldByUnloggedBody() {
		return
	}
	if u.last == nil {
		u.last, u.stable = make(map[sized]time.Time), make(map[string]bool)
	}
	one := sized{c.Endpoint, c.arrivals[0].Request.Bytes}
	u.last[one] = later(u.last[one], c.began())
	if c.tries > 1 {
		u.stable[c.Host] = true
	}
}

func (u *unlogged) mayHaveComeAgain(c *course) bool {
	if !c.toldByUnloggedBody() || len(c.arrivals) != 1 || u.stable[c.Host] {
		return false
	}
	bytes := c.arrivals[0].Request.Bytes
	for size := bytes - aboutAsLarge; size <= bytes+aboutAsLarge; size++ {
		if !u.last[sized{c.Endpoint, size}].Before(c.lastSign()) {
			return true
		}
	}
	return false
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
