package analysis

import (
	"fmt"
	"slices"
	"time"
)

// Defect is a classic mistake that the attempts show, with its mend in Celery's settings.
type Defect struct {
	Name       string
	Sender     string   // whose it is, where the log shows several
	Deliveries int      // that show it
	Evidence   []string // keys of up to three
	Cause      string   // what it is told by
	Mend       string
}

// whose begins what is said of a defect, where the log shows several senders.
func (d Defect) whose() string {
	if d.Sender == "" {
		return ""
	}
	return d.Sender + ": "
}

// finder tells one defect; ok is false when the attempts do not show it.
type finder func(s *signs, p *Policy) (d Defect, ok bool)

// defects is THE table of them.
func defects() []finder {
	return []finder{
		notRetried, givesUp, retriesGone, retriesAtOnce, retriesInStep, retriesAcknowledged, overVisibility, noTimeout,
	}
}

// DefectNames are the names that a defect may have, or begin with where a number or a time is part of it.
func DefectNames() []string {
	return []string{
		"not retried after a non-200 answer", "gives up", "retries a 410", "retries at once", "retries in step", "retries what was acknowledged",
		"cap over the visibility timeout", "no timeout", "changes the key", "target was down",
	}
}

// ofTheLog are those that are told by all deliveries together.
func ofTheLog(c *context, t *tally) (found []Defect) {
	if d, ok := changesKey(c); ok {
		found = append(found, d)
	}
	if d, ok := targetDown(t); ok {
		found = append(found, d)
	}
	return found
}

// find gives the defects of a sender.
func (s *signs) find(p *Policy) (found []Defect) {
	for _, find := range defects() {
		if d, ok := find(s, p); ok {
			found = append(found, d)
		}
	}
	return found
}

// defect is one that deliveries show.
func defect(name string, shown witnesses, cause, mend string) Defect {
	return Defect{Name: name, Deliveries: shown.all, Evidence: shown.keys(), Cause: cause, Mend: mend}
}

func notRetried(s *signs, _ *Policy) (Defect, bool) {
	if s.unretried.all == 0 || s.statusRetried[0] > 0 {
		return Defect{}, false
	}
	cause := fmt.Sprintf("answers that say try again never are (0 of %d)", s.statusRetried[1])
	switch broken := s.brokenRetried; {
	case broken[0] > 0:
		cause = fmt.Sprintf("broken connections are retried (%d of %d), HTTP statuses never (0 of %d): raise_for_status() is missing", broken[0], broken[1], s.statusRetried[1])
	case broken[1] > 0:
		cause = fmt.Sprintf("nothing is ever retried: 0 of %d answers, 0 of %d broken connections", s.statusRetried[1], broken[1])
	}
	return defect("not retried after a non-200 answer", s.unretried, cause,
		"response.raise_for_status()   autoretry_for=(requests.RequestException,), retry_backoff=2, max_retries=8"), true
}

// soonGivenUp is what deliveries should be tried for at least: endpoints are down for a deployment, or for an hour.
const soonGivenUp = time.Hour

func givesUp(s *signs, p *Policy) (Defect, bool) {
	var shown witnesses
	var spans []time.Duration
	tries, once := 0, 0
	for _, how := range sortedEndings(s.left) {
		l := s.left[how]
		if !p.Retries[string(how)] {
			continue
		}
		for i, n := range l.tries {
			switch {
			case n == 1:
				once++
			case p.Attempts == nil || n == *p.Attempts:
				spans = append(spans, l.spans[i])
				tries = max(tries, n)
			}
		}
		for _, one := range l.first {
			shown.insert(one)
		}
	}
	if len(spans) == 0 || once > len(spans) { // what is left after one attempt was not given up: it was not noticed
		return Defect{}, false
	}
	slices.Sort(spans)
	middle := spans[len(spans)/2]
	if middle >= soonGivenUp {
		return Defect{}, false
	}
	shown.all = len(spans)
	return defect(fmt.Sprintf("gives up after %s s", decimal(middle.Seconds())), shown,
		fmt.Sprintf("%s lost after up to %s: an endpoint that is down for longer loses its webhooks", counted(len(spans), "delivery"), counted(tries, "attempt")),
		"max_retries=12, retry_backoff=2, retry_backoff_max=600"), true
}

func retriesGone(s *signs, _ *Policy) (Defect, bool) {
	return defect("retries a 410", s.gone, "a 410 says that the endpoint is gone for good",
		"if response.status_code == 410: disable the endpoint and return, before raise_for_status()"), s.gone.all > 0
}

func retriesAtOnce(s *signs, _ *Policy) (Defect, bool) {
	const least, nearlyAll = 5, 0.95 // a jitter comes out at 0 now and then, but not always
	if s.own < least || float64(s.quicks) < nearlyAll*float64(s.own) {
		return Defect{}, false
	}
	return defect("retries at once", s.quick, fmt.Sprintf("%d of %d gaps are under %s", s.quicks, s.own, period(atOnce)),
		"retry_backoff=2, or self.retry(countdown=…); task_always_eager=False outside of tests"), true
}

func retriesInStep(s *signs, p *Policy) (Defect, bool) {
	worst, ok := s.herds.worst()
	const inStep = 2.0 / 3 // half of them may be chance
	if !ok || worst.share() <= inStep || len(worst.gaps) < leastHerd {
		return Defect{}, false
	}
	// Retries that come together because their waits are short, or jittered within less than a second, are no herd.
	shortest, longest := worst.gaps[len(worst.gaps)/10], worst.gaps[len(worst.gaps)*9/10]
	together := p.Jitter == JitterNone && shortest >= queueLate || longest-shortest >= queueLate
	if !together {
		return Defect{}, false
	}
	return defect("retries in step", worst.shown, fmt.Sprintf("%d of %d retries after the outage that ended at %s came within one second", worst.busiest, worst.all, clock(worst.outage.to)),
		"retry_jitter=True with retry_backoff, or a random countdown"), true
}

func retriesAcknowledged(s *signs, _ *Policy) (Defect, bool) {
	return defect("retries what was acknowledged", s.again, "attempts came after a complete 2xx",
		"broker_transport_options={'visibility_timeout': …} above the longest countdown and task; acks_late only for what may run twice"), s.again.all > 0
}

func overVisibility(s *signs, _ *Policy) (Defect, bool) {
	return defect("cap over the visibility timeout", s.copied, "after a wait of more than an hour the same attempt came more than once",
		"retry_backoff_max (and what is taken from Retry-After) below visibility_timeout, 3600 s by default on Redis"), s.copied.all > 0
}

func changesKey(c *context) (Defect, bool) {
	if !c.kin.changesKeys() {
		return Defect{}, false
	}
	var shown witnesses
	for _, one := range c.kin.rekeyed {
		shown.insert(one.witness)
	}
	return defect("changes the key", shown, "bodies that failed came again under another key",
		"make the id where the event is made, and pass it to the task: send_webhook.delay(event_id, …)"), true
}

func noTimeout(s *signs, p *Policy) (Defect, bool) {
	if s.bore.all == 0 || p.Timeout != nil {
		return Defect{}, false
	}
	return defect("no timeout", s.bore, fmt.Sprintf("waited %s for an answer and did not give up: should it have a timeout, it is longer", period(s.longestWait)),
		"requests.post(…, timeout=(3.05, 10))   task_time_limit as a last resort"), true
}

// targetDown is not the sender's.
func targetDown(t *tally) (Defect, bool) {
	if len(t.down) == 0 {
		return Defect{}, false
	}
	first := t.down[0]
	all := first.span
	how := first.how
	for _, one := range t.down[1:] {
		all = span{earlier(all.from, one.from), later(all.to, one.to)}
		how = min(how, one.how)
	}
	name := fmt.Sprintf("target was down: %s %s to %s", how, all.from.UTC().Format("15:04"), all.to.UTC().Format("15:04"))
	return Defect{
		Name: name, Deliveries: t.genuine.all, Evidence: t.genuine.keys(), Cause: fmt.Sprintf("%s could not reach it, without a fault of ours", counted(len(t.down), "attempt")),
		Mend: "not the sender's: repeat the run against a target that is up",
	}, true
}

func sortedEndings(of map[ending]*leftover) []ending {
	var all []ending
	for how := range of {
		all = append(all, how)
	}
	slices.Sort(all)
	return all
}
