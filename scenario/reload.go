package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
)

// identity is what a rule's counts are kept under: its name, and its table as it was parsed. A rule whose table is equal in another text of the scenario,
// whatever the comments and the order, is the same rule.
func identity(name string, table any) string {
	text, err := json.Marshal(table) // keys come sorted
	if err != nil {
		text = nil // an infinite or undefined number, which no key allows
	}
	sum := sha256.Sum256(text)
	return name + "@" + hex.EncodeToString(sum[:8])
}

// Identities are what each rule's counts are kept under, by its name.
func (s *Scenario) Identities() map[string]string {
	all := make(map[string]string, len(s.Rules))
	for i := range s.Rules {
		all[s.Rules[i].Name] = s.Rules[i].identity
	}
	return all
}

// Restarts names the tables of process settings in which next differs: what they say comes into force with a restart alone. tls.intercept and [[gateway]]
// follow at once.
func (s *Scenario) Restarts(next *Scenario) []string {
	var changed []string
	for _, table := range []struct {
		name      string
		was, will any
	}{
		{"proxy", s.Proxy, next.Proxy},
		{"log", s.Log, next.Log},
		{"tls.ca_dir", s.TLS.CADir, next.TLS.CADir},
		{"target", s.Target, next.Target},
		{"limits", s.Limits, next.Limits},
	} {
		if !reflect.DeepEqual(table.was, table.will) {
			changed = append(changed, table.name)
		}
	}
	return changed
}

// WithEnabled is the scenario with one rule left out, or let in again; its counts stay. False: there is no such rule.
func (s *Scenario) WithEnabled(rule string, enabled bool) (*Scenario, bool) {
	changed := *s
	changed.Rules = make([]Rule, len(s.Rules))
	copy(changed.Rules, s.Rules)
	for i := range changed.Rules {
		if changed.Rules[i].Name == rule {
			changed.Rules[i].Enabled = enabled
			return &changed, true
		}
	}
	return nil, false
}
