package scenario

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

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

// pathCovers compares globs of paths: equal ones, one that ends in /** with what lies below, any with a plain path.
func pathCovers(wide, narrow string) bool {
	if base, all := strings.CutSuffix(wide, "/**"); all && plainPath(base) && (narrow == base || strings.HasPrefix(narrow, base+"/")) {
		return true
	}
	return wide == narrow || plainPath(narrow) && doublestar.MatchUnvalidated(wide, narrow)
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
		return !slices.ContainsFunc(narrow, func(n jsonCondition) bool { return n.path.Text == w.path.Text && covered(w.wants, n.wants, equal[any]) })
	})
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
	sameClock := w.after == other.after && w.length == other.length && w.hasLength == other.hasLength && w.repeatEvery == other.repeatEvery
	sameHours := w.daily == other.daily || w.daily != nil && other.daily != nil && w.daily.text == other.daily.text
	return (!w.clocked() || sameClock) &&
		(w.from.IsZero() || !other.from.IsZero() && !other.from.Before(w.from)) &&
		(w.until.IsZero() || !other.until.IsZero() && !other.until.After(w.until)) &&
		(w.daily == nil || sameHours) &&
		(len(w.days) == 0 || sameHours && covered(w.days, other.days, equal)) &&
		covered(w.phases, other.phases, equal)
}
