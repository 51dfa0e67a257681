package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/faultline/faultline/faults"
)

// Intercepts reports whether a CONNECT is to be opened with our own CA: its host is in tls.intercept, or that is "auto" and rules need to look inside, by
// what matches when it is taken for a tunnel.
func (s *Scenario) Intercepts(subj *Subject, m Matching) bool {
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
		return r.Enabled && slices.ContainsFunc(r.all(), func(f Injection) bool {
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
