package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/faultline/faultline/faults"
)

// Connecting looks at a CONNECT, subj: whether it leads to webhooks, what it matches, and whether it is to be opened with our own CA, if there is one
// (canOpen): its host is in tls.intercept, or that is "auto" and rules need to look inside. Then its placement becomes intercept, and it is matched as such.
// Nothing is to be decided for what leads to no webhook.
func (s *Scenario) Connecting(subj *Subject, canOpen bool) (m Matching, webhook, opened bool) {
	match := func() {
		m = Matching{}
		if webhook = s.Webhook(subj); webhook {
			m = s.Matching(subj)
		}
	}
	match()
	if opened = canOpen && s.intercepts(subj, m); opened {
		subj.Placement = Intercept
		match()
	}
	return m, webhook, opened
}

func (s *Scenario) intercepts(subj *Subject, m Matching) bool {
	named := slices.ContainsFunc(s.TLS.Intercept, func(glob string) bool { return matchHost(glob, subj) })
	return named || s.TLS.Auto && m.unseen > 0
}

// NeedsCA reports whether connections may be opened with our own CA: for tls.intercept, or by a rule that shows a certificate.
func (s *Scenario) NeedsCA() bool {
	return s.TLS.Auto || len(s.TLS.Intercept) > 0 || s.Certifies()
}

// Certifies reports whether a rule opens connections of its own accord, to show a certificate.
func (s *Scenario) Certifies() bool {
	return slices.ContainsFunc(s.Rules, func(r Rule) bool {
		return r.Enabled && slices.ContainsFunc(r.Injections(), func(f Injection) bool {
			shows, ok := f.Fault.(faults.Certifying)
			return ok && shows.Certifies()
		})
	})
}

// WithIntercept is the scenario with other hosts for tls.intercept: globs, "auto" among them or alone.
func (s *Scenario) WithIntercept(hosts []string) (*Scenario, error) {
	other := *s
	other.TLS.Intercept, other.TLS.Auto = nil, false
	for _, host := range hosts {
		host = strings.ToLower(host)
		switch {
		case host == "auto":
			other.TLS.Auto = true
		case host == "" || strings.ContainsAny(host, "/ "):
			return nil, fmt.Errorf("%q is no host, want a glob such as \"*.partner.test\", or auto", host)
		default:
			other.TLS.Intercept = append(other.TLS.Intercept, host)
		}
	}
	return &other, nil
}
