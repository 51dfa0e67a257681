package analysis

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// kin are deliveries that may be one and the same: one failed, and what looks like it came again under another key. Such a one is not known to be lost.
//
//   - the key is the body's hash, and the body came again with another time or UUID in it;
//   - the key is another one, and the same body came again under a new one;
//   - the key is the body's hash, the body is not in the log, and others came later of which one may have been the same with another time in it;
//   - its last answer was a redirect, and the key came at another endpoint at once.
type kin struct {
	unlogged unlogged
	moved    moved
	suspects map[relation]bool // what failed at its only try
	families map[relation][]relative
	doubtful map[string]bool // ids of deliveries that are not known to be lost
	alike    int             // that came again with another body
	rekeyed  []relative      // that came again under another key
	chains   int             // bodies that did, one key after another until one was acknowledged
	longest  int             // keys that one of them had
	shared   int             // bodies that were seen under several keys otherwise: different events may be alike
}

// relation is what makes deliveries look like each other, at an endpoint: a body but for its times and UUIDs, or a body.
type relation struct{ endpoint, body string }

// relative is a delivery in its family.
type relative struct {
	witness
	ended time.Time
	acked bool
}

// suspect takes a delivery on the first pass.
func (k *kin) suspect(c *course) {
	k.unlogged.see(c)
	k.moved.suspect(c)
	if c.acknowledged() || c.tries != 1 || len(c.arrivals) == 0 {
		return
	}
	if shared, ok := c.relation(); ok {
		if k.suspects == nil {
			k.suspects = make(map[relation]bool)
		}
		k.suspects[shared] = true
	}
}

// gather takes a delivery on the second pass.
func (k *kin) gather(c *course) {
	if len(c.arrivals) == 0 {
		return
	}
	k.moved.gather(c)
	shared, ok := c.relation()
	if !ok || !k.suspects[shared] {
		return
	}
	if k.families == nil {
		k.families = make(map[relation][]relative)
	}
	k.families[shared] = append(k.families[shared], relative{witnessOf(c), c.lastSign(), c.acknowledged()})
}

// conclude finds out who came again.
func (k *kin) conclude() {
	k.doubtful = make(map[string]bool)
	for shared, family := range k.families {
		if len(family) < 2 {
			continue
		}
		slices.SortFunc(family, func(a, b relative) int { return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.id, b.id)) })
		if strings.HasPrefix(shared.body, likeBody) {
			k.lookAlike(family)
			continue
		}
		k.sameBody(family)
	}
	slices.SortFunc(k.rekeyed, func(a, b relative) int { return cmp.Or(a.began.Compare(b.began), cmp.Compare(a.id, b.id)) })
}

// lookAlike are deliveries by the body alone whose bodies are alike: what failed before another one began may have been retried by that.
func (k *kin) lookAlike(family []relative) {
	for i, one := range family {
		if !one.acked && slices.ContainsFunc(family[i+1:], func(next relative) bool { return !next.began.Before(one.ended) }) {
			k.doubtful[one.id] = true
			k.alike++
		}
	}
}

// sameBody are deliveries of one body under several keys. One after another until the last is a sender that changes its key; anything else is different
// events that are alike.
func (k *kin) sameBody(family []relative) {
	for i := range family[:len(family)-1] {
		if family[i].acked || family[i+1].began.Before(family[i].ended) {
			k.shared++
			return
		}
	}
	k.chains++
	k.longest = max(k.longest, len(family))
	for _, one := range family[:len(family)-1] {
		k.doubtful[one.id] = true
		k.rekeyed = append(k.rekeyed, one)
	}
}

// changesKeys reports whether the sender makes a new key for each attempt. One body that came twice may have been two events.
func (k *kin) changesKeys() bool { return k.shared == 0 && (k.chains >= 2 || k.longest >= 3) }

// relation is what the delivery shares with those that may be the same.
func (c *course) relation() (relation, bool) {
	request := c.arrivals[0].Request
	text, logged := request.Body.(string)
	switch {
	case c.bodyKeyed() && logged:
		return relation{c.Endpoint, likeBody + likeness(text)}, true
	case c.bodyKeyed() || request.Bytes < leastBody:
		return relation{}, false
	}
	if id := eventID(text); id != "" {
		return relation{c.Endpoint, "id:" + id}, true
	}
	return relation{c.Endpoint, "hash:" + request.SHA256}, request.SHA256 != ""
}

// mayHaveComeAgain reports whether a delivery is not known to be lost.
func (k *kin) mayHaveComeAgain(c *course) bool {
	return k.doubtful[c.ID] || k.unlogged.mayHaveComeAgain(c) || k.moved.followed[c.ID]
}

// whyDoubtful says why deliveries that may have come again are not known to be lost.
const whyDoubtful = "they failed, and the same came again under another key or elsewhere, or may have"

const (
	likeBody  = "like:"
	leastBody = 16 // bytes: shorter ones are alike by chance
)

// changing are the parts of a body that a sender writes anew for each attempt: UUIDs, dates with times, seconds and milliseconds since 1970.
var changing = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}` +
	`|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?` +
	`|\b1[4-9]\d{8}(\d{3}(\d{3})?)?(\.\d+)?\b`)

// likeness is a body without its changing parts.
func likeness(body string) string { return changing.ReplaceAllString(body, "~") }

// eventID is the id that a JSON body gives to its event, "" when it gives none.
func eventID(body string) string {
	var event map[string]json.RawMessage
	if !strings.HasPrefix(strings.TrimSpace(body), "{") || json.Unmarshal([]byte(body), &event) != nil {
		return ""
	}
	for _, name := range [...]string{"event_id", "eventId", "webhook_id", "id", "uuid"} {
		if value := string(event[name]); value != "" && value != "null" && value != `""` {
			return value
		}
	}
	return ""
}

func (c *course) acknowledged() bool { return c.State == deliveries.StateAcknowledged }
func (c *course) lost() bool         { return c.State == deliveries.StateLost }
