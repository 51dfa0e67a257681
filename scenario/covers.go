package scenario

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// covers reports whether this rule matches and fires wherever another does, and ends the reading there, at the same moment. It knows only what can be told by
// the texts: of many rules that do cover another it says no, never yes of one that does not. delivery is what both are about.
func (r *Rule) covers(other *Rule, delivery *Match) bool {
	sameMoment := r.moments.boundBy == "" && other.moments.boundBy == "" && (r.moments.known || !other.moments.known) &&
		r.Match.Response.Empty() == other.Match.Response.Empty()
	openDoors := r.moments.gateway == other.moments.gateway && r.moments.own == other.moments.own
	return r.Enabled && sameMoment && openDoors && r.alwaysStops() && r.Match.covers(&other.Match, delivery) && r.When.covers(&other.When)
}

// covers reports whether the match holds for all that another holds for; where that leaves host or method open, delivery says them.
func (m *Match) covers(other, delivery *Match) bool {
	hosts, methods := other.Host, other.Method
	if len(hosts) == 0 {
		hosts = delivery.Host
	}
	if len(methods) == 0 {
		methods = delivery.Method
	}
	return covered(m.Host, hosts, hostCovers) && covered(m.Method, methods, matchGlob) && covered(m.Path, other.Path, pathCovers) &&
		covered(m.Scheme, other.Scheme, equal[string]) && covered(m.Placement, other.Placement, equal[Placement]) &&
		covered(m.Client, other.Client, func(a, b netip.Prefix) bool { return a.Bits() <= b.Bits() && a.Contains(b.Addr()) }) &&
		covered(m.Size, other.Size, schema.Comparison.Covers) &&
		covered(m.Body, other.Body, func(a, b *regexp.Regexp) bool { return a.String() == b.String() }) &&
		(m.Response.Empty() || !other.Response.Empty() && m.Response.Covers(other.Response)) &&
		fieldsCovered(m.Header, other.Header) && fieldsCovered(m.Query, other.Query) && jsonCovered(m.JSON, other.JSON)
}

// covered reports whether each of the narrow alternatives is within one of the wide ones; no alternative at all is all there is.
func covered[T any](wide, narrow []T, covers func(wide, narrow T) bool) bool {
	if len(wide) == 0 {
		return true
	}
	return len(narrow) > 0 && !slices.ContainsFunc(narrow, func(n T) bool {
		return !slices.ContainsFunc(wide, func(w T) bool { return covers(w, n) })
	})
}

// hostCovers compares globs of hosts; one without a port is for all ports. That a * of the narrow one is taken for a letter is sound: only a * stands for it.
func hostCovers(wide, narrow string) bool {
	if globHasPort(wide) {
		return globHasPort(narrow) && matchGlob(wide, narrow)
	}
	return matchGlob(wide, withoutPorts([]string{narrow})[0])
}

// pathCovers compares globs of paths: equal ones, any with a plain path, and those of stars alone with each other.
func pathCovers(wide, narrow string) bool {
	const notStars = `?[]{}\`
	return wide == narrow || plainPath(narrow) && doublestar.MatchUnvalidated(wide, narrow) ||
		!strings.ContainsAny(wide+narrow, notStars) && segmentsCover(strings.Split(wide, "/"), strings.Split(narrow, "/"))
}

// segmentsCover compares globs of paths segment by segment. As with hosts, a * of the narrow one may be taken for a letter.
func segmentsCover(wide, narrow []string) bool {
	switch {
	case len(wide) == 0:
		return len(narrow) == 0
	case wide[0] == "**":
		for skipped := range len(narrow) + 1 {
			if segmentsCover(wide[1:], narrow[skipped:]) {
				return true
			}
		}
		return false
	case len(narrow) == 0 || narrow[0] == "**":
		return false
	}
	return matchGlob(wide[0], narrow[0]) && segmentsCover(wide[1:], narrow[1:])
}

func plainPath(glob string) bool { return !strings.ContainsAny(glob, `*?[]{}\`) }

func fieldsCovered(wide, narrow []fieldCondition) bool {
	return !slices.ContainsFunc(wide, func(w fieldCondition) bool {
		return !slices.ContainsFunc(narrow, func(n fieldCondition) bool {
			return n.name == w.name && (w.absent || !n.absent) && (len(n.globs) == 0 || len(w.globs) > 0 && covered(w.globs, n.globs, matchGlob))
		})
	})
}

func jsonCovered(wide, narrow []jsonCondition) bool {
	return !slices.ContainsFunc(wide, func(w jsonCondition) bool {
		return !slices.ContainsFunc(narrow, func(n jsonCondition) bool { return n.path.Text == w.path.Text && covered(w.wants, n.wants, wantCovers) })
	})
}

// wantCovers compares what a value must be: equal values, a glob with a text, and * with whatever is there.
func wantCovers(wide, narrow any) bool {
	glob, isText := wide.(string)
	if !isText || !isGlob(glob) {
		return wide == narrow
	}
	if text, isText := narrow.(string); isText {
		return matchGlob(glob, text)
	}
	return glob == "*" && narrow != false // which holds for what is not there, too
}

// covers reports whether this fires whenever another when does, for the same attempts.
func (w *When) covers(other *When) bool {
	always := w.Chance == nil || w.Chance.From == 1 && w.Chance.To == 1
	return w.Nth.Empty() && w.Every <= 1 && w.Times == 0 && always &&
		(w.Attempt.Empty() || !other.Attempt.Empty() && w.Attempt.Covers(other.Attempt)) &&
		(w.Age == nil || other.Age != nil && w.Age.Covers(*other.Age)) &&
		w.window.covers(&other.window)
}

func (w *window) covers(other *window) bool {
	return w.clockCovers(other) && w.hoursCover(other) &&
		(w.from.IsZero() || !other.from.IsZero() && !other.from.Before(w.from)) &&
		(w.until.IsZero() || !other.until.IsZero() && !other.until.After(w.until)) &&
		covered(w.phases, other.phases, equal)
}

// clockCovers compares what counts from the clock's start. A window that repeats is compared with an equal one alone.
func (w *window) clockCovers(other *window) bool {
	switch {
	case !w.clocked():
		return true
	case w.after == other.after && w.length == other.length && w.hasLength == other.hasLength && w.repeatEvery == other.repeatEvery:
		return true
	case w.repeats || other.after < w.after:
		return false
	case !w.hasLength:
		return true
	}
	return other.hasLength && !other.repeats && other.after+other.length <= w.after+w.length
}

// hoursCover compares hours and days, by the clocks of one zone.
func (w *window) hoursCover(other *window) bool {
	wide, zone := w.hours()
	narrow, otherZone := other.hours()
	switch {
	case w.daily == nil && len(w.days) == 0:
		return true
	case zone.String() != otherZone.String(), !wide.covers(narrow):
		return false
	case len(w.days) == 0:
		return true
	}
	sameDay := wide.from == narrow.from && wide.to == narrow.to || wide.from < wide.to && narrow.from < narrow.to // it is the one on which the window opened
	return sameDay && covered(w.days, other.days, equal)
}

// covers reports whether the hours hold whenever others do.
func (d *daily) covers(other *daily) bool {
	return circle(other.from-d.from)+other.length() <= d.length() || d.length() == day
}

// length is how long the hours are, where no clocks are changed.
func (d *daily) length() time.Duration {
	if d.to == d.from+day {
		return day
	}
	return circle(d.to - d.from)
}

// circle is a time on the round of a day.
func circle(t time.Duration) time.Duration { return (t%day + day) % day }

// silences reports whether this rule, which is decided when the request was read, leaves no answer to a rule that is decided by it: it fires at every attempt
// that the other would, and with a terminal fault or a pass no later rule does; with `last` none that stands below. above: this rule does stand above.
func (r *Rule) silences(other *Rule, delivery *Match, above bool) bool {
	atRequest := r.moments.boundBy == "" && !r.moments.known && r.Match.Response.Empty() && r.moments.gateway == faults.DoorOpen && r.moments.own == faults.DoorOpen
	byAnswer := other.moments.boundBy == "" && !other.Match.Response.Empty()
	lasting := r.When.Age == nil && !r.When.window.timed() // what holds at the request need not hold at the answer
	return r.Enabled && atRequest && byAnswer && lasting && (r.alwaysCloses() || above && r.alwaysStops()) &&
		r.Match.covers(&other.Match, delivery) && r.When.covers(&other.When)
}

// alwaysCloses reports whether the rule ends the attempt, or leaves it alone, whenever it fires.
func (r *Rule) alwaysCloses() bool {
	unless := *r
	unless.Last = false
	return unless.alwaysStops()
}
