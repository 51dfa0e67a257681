package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// Warnings are what a valid scenario most likely does not mean, by line.
func Warnings(s *Scenario) []schema.Problem {
	var found []schema.Problem
	if len(s.Hosts()) == 0 && len(s.Rules) > 0 {
		found = append(found, s.root.Key("delivery").Key("match").Key("host").
			Note("neither [delivery] nor a rule names a host: every POST, PUT, PATCH and DELETE of the worker is a webhook",
				`match.host = ["hooks.example.com"] keeps faults away from other traffic`))
	}
	for i := range s.Rules {
		if s.Rules[i].Enabled {
			found = append(found, s.warnRule(i)...)
		}
	}
	schema.SortProblems(found)
	return found
}

// warnRule is what there is to say of an enabled rule; of one that can never fire only why.
func (s *Scenario) warnRule(i int) []schema.Problem {
	r := &s.Rules[i]
	for _, look := range [...]func(i int) *schema.Problem{s.warnShadowed, s.warnSilenced, s.warnNever, s.warnPlacement, s.warnPhase} {
		if p := look(i); p != nil {
			return []schema.Problem{*p}
		}
	}
	return append(s.warnAttempts(i), r.warnUnnoticed()...)
}

// warnShadowed: a rule above leaves nothing to it.
func (s *Scenario) warnShadowed(i int) *schema.Problem {
	at := slices.IndexFunc(s.Rules[:i], func(above Rule) bool { return above.covers(&s.Rules[i], &s.Delivery.Match) })
	if at < 0 {
		return s.warnTogether(i)
	}
	what := "fires wherever this one would"
	if above := &s.Rules[at]; above.Match.always() && above.When.always() {
		what = "fires at every attempt"
	}
	p := s.Rules[i].at.Note(fmt.Sprintf("can never fire: the rule %q above it %s, and ends the reading", s.Rules[at].Name, what), "move it up")
	return &p
}

// warnTogether: rules above leave nothing to it together, each at other attempts.
func (s *Scenario) warnTogether(i int) *schema.Problem {
	wanted := s.Rules[i].When.Attempt
	if wanted.Empty() {
		wanted = schema.AllNumbers()
	}
	var taken schema.Range
	var names []string
	for _, above := range s.Rules[:i] {
		some := above.When.Attempt
		above.When.Attempt = schema.Range{}
		if some.Empty() || !above.covers(&s.Rules[i], &s.Delivery.Match) {
			continue
		}
		taken, names = taken.Union(some), append(names, fmt.Sprintf("%q", above.Name))
		if taken.Covers(wanted) {
			p := s.Rules[i].at.Note(fmt.Sprintf("can never fire: the rules %s above it fire at every attempt that it would, and end the reading", strings.Join(names, " and ")), "move it up")
			return &p
		}
	}
	return nil
}

// warnSilenced: it waits for an answer of the target that another rule does not let come, or lets pass.
func (s *Scenario) warnSilenced(i int) *schema.Problem {
	at := -1
	for j := range s.Rules {
		if s.Rules[j].silences(&s.Rules[i], &s.Delivery.Match, j < i) {
			at = j
			break
		}
	}
	if at < 0 {
		return nil
	}
	p := s.Rules[i].at.Note(fmt.Sprintf("can never fire: the rule %q fires wherever this one would, and ends the reading before the target has answered", s.Rules[at].Name),
		"match.response is asked for attempts that no terminal fault and no pass has met")
	return &p
}

// warnNever: a share of nothing.
func (s *Scenario) warnNever(i int) *schema.Problem {
	r := &s.Rules[i]
	if r.When.Chance == nil || r.When.Chance.From != 0 || r.When.Chance.To != 0 {
		return nil
	}
	p := r.at.Key("when").Key("chance").Note("is 0: the rule never fires", "enabled = false leaves it out")
	return &p
}

// warnPlacement: no attempt comes in where it could fire.
func (s *Scenario) warnPlacement(i int) *schema.Problem {
	r := &s.Rules[i]
	placement := r.at.Key("match").Key("placement")
	var p schema.Problem
	switch {
	case r.onlyInTunnels() && !r.moments.known:
		p = r.at.Note("can never fire: in a tunnel only "+tunnelKinds()+" act", connectKnows)
	case r.moments.only && r.neverConnects():
		p = r.at.Note("can never fire: it is decided at a CONNECT, and match.placement has none where one comes", "tunnel and intercept are those")
	case len(r.Match.Placement) > 0 && slices.Equal(r.Match.Scheme, []string{"http"}) && !r.Match.placed(Forward, Gateway, Receiver):
		p = placement.Note("can never fire: a CONNECT leads to https, and match.scheme is http", "")
	case r.Match.placedOnly(Gateway) && len(s.Gateways) == 0:
		p = placement.Note("can only fire at a gateway, and the file has none", "[[gateway]] makes one, or --gateway LISTEN=TARGET")
	case slices.Equal(r.Match.Scheme, []string{"https"}) && r.moments.boundBy == "" && !r.moments.known && !s.opensHTTPS():
		p = r.at.Key("match").Key("scheme").Note("can only fire where https is opened: in a tunnel nothing of it is seen", `tls.intercept = "auto" opens it, or --intercept auto`)
	default:
		return nil
	}
	return &p
}

// placed reports whether one of the placements is among those that are asked for.
func (m *Match) placed(any ...Placement) bool {
	return slices.ContainsFunc(m.Placement, func(p Placement) bool { return slices.Contains(any, p) })
}

func (m *Match) placedOnly(p Placement) bool { return len(m.Placement) == 1 && m.Placement[0] == p }

// opensHTTPS reports whether the file has https seen from the inside: by interception, or by a gateway that stands for such a target.
func (s *Scenario) opensHTTPS() bool {
	return s.TLS.Auto || len(s.TLS.Intercept) > 0 ||
		slices.ContainsFunc(s.Gateways, func(g GatewayListener) bool { return g.Target.Scheme == "https" })
}

// warnPhase: what counts from the clock's start is over before the phase begins, or begins after it.
func (s *Scenario) warnPhase(i int) *schema.Problem {
	w := &s.Rules[i].When.window
	if len(w.phases) == 0 || !w.clocked() || w.repeats || s.RepeatPhases || w.meetsPhase(s.Phases) {
		return nil
	}
	p := s.Rules[i].at.Key("when").Key("phase").Note("is not on while after and for hold: it only fires when somebody jumps to the phase",
		"after, for and repeat_every count from the clock's start, not from the phase's")
	return &p
}

// meetsPhase reports whether one of the window's phases overlaps with its after and for, all counted from the clock's start.
func (w *window) meetsPhase(phases []Phase) bool {
	begin := int64(0)
	for _, p := range phases {
		end := begin + int64(p.For)
		endless := p.For == 0
		if slices.Contains(w.phases, p.Name) && (endless || int64(w.after) < end) && (!w.hasLength || int64(w.after+w.length) > begin) {
			return true
		}
		begin = end
	}
	return false
}

// mostAttempts is how far attempts are looked at one by one.
const mostAttempts = 100

// warnAttempts: an attempt that only comes if the ones before it fail, which nothing makes them do.
func (s *Scenario) warnAttempts(i int) []schema.Problem {
	r := &s.Rules[i]
	least := r.When.Attempt.Least()
	if least < 2 || least > mostAttempts {
		return nil
	}
	for n := uint64(1); n < least; n++ {
		if !slices.ContainsFunc(s.Rules, func(other Rule) bool { return other.touches(n) }) {
			what := fmt.Sprintf("attempt %d is only seen if %s, and no rule touches attempt %d", least, failing(least-1), n)
			return []schema.Problem{r.at.Key("when").Key("attempt").Note(what, "the target itself must fail then, or a rule above")}
		}
	}
	return nil
}

// failing says which attempts fail, all up to one.
func failing(last uint64) string {
	switch last {
	case 1:
		return "1 fails"
	case 2:
		return "1 and 2 fail"
	default:
		return fmt.Sprintf("1 to %d fail", last)
	}
}

// touches reports whether the rule may do something to an attempt of this number that makes its sender try again.
func (r *Rule) touches(attempt uint64) bool {
	never := r.When.Chance != nil && r.When.Chance.From == 0 && r.When.Chance.To == 0
	return r.Enabled && !r.Pass && !never && (r.When.Attempt.Empty() || r.When.Attempt.Has(attempt))
}

// warnUnnoticed: faults that some clients take for none.
func (r *Rule) warnUnnoticed() []schema.Problem {
	var found []schema.Problem
	for _, f := range r.Injections() {
		unnoticed, ok := f.Fault.(faults.Unnoticed)
		if !ok {
			continue
		}
		by, mend := unnoticed.Unnoticed()
		if by == "" {
			continue
		}
		at := r.at.Key(f.Kind)
		if len(r.OneOf) > 0 {
			at = r.at.Key("one_of")
		}
		found = append(found, at.Note("goes unnoticed by some: "+by, mend))
	}
	return found
}
