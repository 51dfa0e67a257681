package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTableOfAContest(t *testing.T) {
	contenders := []*contender{
		{peer: peer{name: "faultline"}, rounds: [][]float64{{1, 10}, {3, math.NaN()}}},
		{peer: peer{name: "squid"}, missing: "not on this machine"},
	}

	got := tableOf("forward", "Forwarding", []column{{Name: "CPU"}, {Name: "RSS"}}, contenders)

	assert.Equal(t, []row{
		{Name: "faultline", Cells: []spread{spreadOf([]float64{1, 3}), spreadOf([]float64{10})}},
		{Name: "squid", Missing: "not on this machine", Cells: []spread{{}, {}}},
	}, got.Rows)
}
