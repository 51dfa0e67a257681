package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// observedHosts counts the attempts at each host, for the question that a run without a scenario ends with. Safe for concurrent use.
type observedHosts struct {
	mu       sync.Mutex
	attempts map[string]int
}

// maxObserved bounds the memory; who sees so many hosts knows which are webhooks.
const maxObserved = 100

func (o *observedHosts) saw(host string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.attempts == nil {
		o.attempts = make(map[string]int)
	}
	if _, known := o.attempts[host]; known || len(o.attempts) < maxObserved {
		o.attempts[host]++
	}
}

// question asks which of the hosts are webhooks, with the lines to paste; "" when there were none.
func (o *observedHosts) question() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.attempts) == 0 {
		return ""
	}
	hosts := slices.SortedFunc(maps.Keys(o.attempts), func(a, b string) int {
		if d := o.attempts[b] - o.attempts[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	counts, quoted := make([]string, len(hosts)), make([]string, len(hosts))
	for i, host := range hosts {
		counts[i] = fmt.Sprintf("%s (%d attempts)", host, o.attempts[host])
		quoted[i] = fmt.Sprintf("%q", host)
	}
	return fmt.Sprintf("which of these hosts are webhooks?  %s\n  [delivery]\n  match.host = [%s]", strings.Join(counts, ", "), strings.Join(quoted, ", "))
}
