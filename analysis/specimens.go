package analysis

import (
	"strings"
	"time"
)

// specimens are deliveries that are looked at to find out whether one log holds the attempts of several senders: up to so many, chosen by their ids alone, so that
// the order in which they stand tells nothing.
type specimens struct {
	all  []specimen
	rare uint // of the hash of an id so many bits must be 0
}

const mostSpecimens = 8192

// specimen is what a delivery says of its sender's habits.
type specimen struct {
	hash   uint64
	values [attributeCount]string
	gaps   []triedGap
	ends   []followedEnd
	waited []float64 // seconds, at the end of which the sender went away
}

// triedGap is a gap after a try, in seconds.
type triedGap struct {
	try     int
	seconds float64
}

// followedEnd is an ending, and whether another attempt came after it.
type followedEnd struct {
	how      ending
	followed bool
}

// see takes a delivery. left says that nothing will come of it any more.
func (s *specimens) see(c *course, left bool) {
	one := specimen{hash: hashOf(c.ID)}
	if len(c.arrivals) == 0 || !s.wants(one) {
		return
	}
	for i, a := range c.arrivals {
		if wait, gaveUp := a.waited(); gaveUp {
			one.waited = append(one.waited, wait.Seconds())
		}
		if a.regular && !a.queued() {
			one.gaps = append(one.gaps, triedGap{c.arrivals[i-1].try, a.gap.Seconds()})
		}
		followed := c.follower(i) != nil
		if a.how != wellEnded && (followed || left) {
			one.ends = append(one.ends, followedEnd{a.how, followed})
		}
	}
	if len(one.gaps)+len(one.ends)+len(one.waited) == 0 {
		return
	}
	one.values = attributesOf(c)
	s.all = append(s.all, one)
	for len(s.all) > mostSpecimens {
		s.thin()
	}
}

// hashOf is FNV-1a: the same in every process.
func hashOf(id string) uint64 {
	hash := uint64(14695981039346656037)
	for i := range len(id) {
		hash = (hash ^ uint64(id[i])) * 1099511628211
	}
	return hash
}

func (s *specimens) wants(one specimen) bool { return one.hash&(1<<s.rare-1) == 0 }

// thin leaves half of them.
func (s *specimens) thin() {
	s.rare++
	kept := s.all[:0]
	for _, one := range s.all {
		if s.wants(one) {
			kept = append(kept, one)
		}
	}
	s.all = kept
}

// attribute is something by which the deliveries of several senders may be told apart.
type attribute int

// The attributes, in the order in which one is preferred to another that explains as much.
const (
	byClient   attribute = iota // the sender's address
	byProxy                     // the machine whose faultline saw it
	byHost                      // the target's
	byEndpoint                  //
	attributeCount
)

// String is the word before its values.
func (a attribute) String() string {
	switch a {
	case byClient:
		return "sender"
	case byProxy:
		return "proxy"
	case byHost:
		return "host"
	case byEndpoint:
		return "endpoint"
	default:
		panic("analysis: attribute out of range")
	}
}

// attributesOf are the delivery's, by its first attempt: a retry may come from another worker.
func attributesOf(c *course) (values [attributeCount]string) {
	values[byHost], values[byEndpoint] = c.Host, c.Endpoint
	if len(c.arrivals) > 0 {
		first := c.arrivals[0]
		values[byProxy] = first.Proxy
		values[byClient] = strings.Clone(first.Client[:max(0, strings.LastIndexByte(first.Client, ':'))]) // without its port, and without the line that it stands in
	}
	return values
}

// leftAlone reports whether nothing will come of a delivery any more, as far as that is known before its sender's policy is.
func (c *context) leftAlone(one *course, q Question) bool {
	return q.Ended || !c.underWay(one) && c.silent(one) >= max(leastSilence, q.Settle) && c.silent(one) >= 3*one.longestGap()
}

// longestGap is the longest of the delivery's gaps.
func (c *course) longestGap() time.Duration {
	longest := time.Duration(0)
	for _, a := range c.arrivals {
		longest = max(longest, a.gap)
	}
	return longest
}
