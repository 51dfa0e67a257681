package main

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuestion(t *testing.T) {
	tests := []struct {
		name string
		saw  []string
		want string
	}{
		{"nothing came", nil, ""},
		{"the busiest first", []string{"b.test", "a.test:8080", "c.test", "c.test"},
			"which of these hosts are webhooks?  c.test (2 attempts), a.test:8080 (1 attempts), b.test (1 attempts)\n" +
				"  [delivery]\n  match.host = [\"c.test\", \"a.test:8080\", \"b.test\"]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var o observedHosts
			for _, host := range tt.saw {
				o.saw(host)
			}
			require.Equal(t, tt.want, o.question())
		})
	}
}

func TestObservedHostsAreBounded(t *testing.T) {
	var o observedHosts
	for i := range 1000 {
		o.saw(fmt.Sprint(i))
	}
	require.Len(t, o.attempts, maxObserved)
}
