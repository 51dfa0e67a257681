package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/scenario"
)

var redactedKey = regexp.MustCompile(`^sha256:[0-9a-f]{8}$`)

// judge notes what the record does not hold, and where the decision is not what it says.
func (g *again) judge(account *Account, a *deliveries.Attempt, said Attempt) {
	for _, m := range said.Moments {
		for _, r := range m.Readings {
			if r.Miss == scenario.MissUnheld {
				account.note("the log does not hold this body, and rules ask for it: log.bodies = \"full\" keeps bodies")
			}
			if strings.Contains(r.Miss, "sha256:") {
				account.note("a value that a rule asks for is redacted in the log")
			}
		}
		for _, kept := range m.Kept {
			if g.remembered != nil {
				break
			}
			account.note(fmt.Sprintf("what %q had left by then is not in the log: it is taken to have had all", kept.Rule))
		}
	}
	for _, p := range g.points[slices.Index(g.attempts, a)] {
		if missing := p.missing(g.changes); missing > 0 && countsOthers(g.rules) {
			account.note(fmt.Sprintf("the log lacks %s that came before it, or has them not yet: counts may be too low", counted(missing, "decision")))
		}
	}
	if redactedKey.MatchString(a.Key) {
		account.note("the key is redacted in the log: draws for it come out differently")
	}
	if fired := said.Fired(); !slices.Equal(fired, a.Rules) {
		account.note(fmt.Sprintf("attempt %d: the log says that %s, decided again %s", a.Attempt, firing(a.Rules), firing(fired)))
	}
}

// firing says which rules fired.
func firing(rules []string) string {
	if len(rules) == 0 {
		return "no rule fired"
	}
	return strings.Join(rules, ", ") + " fired"
}
