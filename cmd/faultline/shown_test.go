package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/configs"
	"github.com/faultline/faultline/scenario"
)

// The statuses that rules answer with are known before anything has happened, for every fault of the built-in scenarios.
func TestCodesOfBuiltIns(t *testing.T) {
	found := map[int]bool{}
	for _, name := range configs.Names() {
		text, err := configs.Read(name)
		require.NoError(t, err)
		rules, problems := scenario.Parse(name+".toml", text, configs.Files())
		require.Empty(t, problems)
		for _, rule := range rules.Rules {
			for _, f := range rule.Injections() {
				for _, code := range codesOf(f.Fault) {
					found[code] = true
				}
			}
		}
	}
	for _, code := range []int{307, 410, 413, 429, 503} {
		require.True(t, found[code], code)
	}
}
