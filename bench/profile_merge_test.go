package main

import (
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMerge(t *testing.T) {
	f := &profile.Function{ID: 1, Name: "main.run", Filename: "main.go", StartLine: 3}
	sampled := func(ns int64) *profile.Profile {
		mapping := &profile.Mapping{ID: 1, File: "/home/me/faultline", BuildID: "abc"}
		line := []profile.Line{{Function: f, Line: 7}}
		one, other := &profile.Location{ID: 1, Mapping: mapping, Address: 1, Line: line}, &profile.Location{ID: 2, Mapping: mapping, Address: 2, Line: line}
		unnamed := &profile.Location{ID: 3, Mapping: mapping, Address: 3}
		return &profile.Profile{
			SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
			PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
			TimeNanos:  1, Comments: []string{"me"},
			Sample: []*profile.Sample{
				{Location: []*profile.Location{one}, Value: []int64{1, ns / 2}},
				{Location: []*profile.Location{unnamed, other}, Value: []int64{1, ns / 2}},
			},
			Mapping: []*profile.Mapping{mapping}, Location: []*profile.Location{one, other, unnamed}, Function: []*profile.Function{f},
		}
	}

	got, err := merge([]*profile.Profile{sampled(300), sampled(100)}, []float64{0.5, 0.5})

	require.NoError(t, err)
	require.Len(t, got.Sample, 1, "the same lines, whatever the addresses")
	assert.Equal(t, []int64{400}, got.Sample[0].Value)
	assert.Empty(t, got.Mapping)
	assert.Empty(t, got.Comments)
	assert.Zero(t, got.TimeNanos)
}

func TestMergeByShares(t *testing.T) {
	sampled := func(name string, ns int64) *profile.Profile {
		f := &profile.Function{ID: 1, Name: name}
		at := &profile.Location{ID: 1, Line: []profile.Line{{Function: f, Line: 7}}}
		kind := &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}
		return &profile.Profile{
			SampleType: []*profile.ValueType{kind}, PeriodType: kind, Sample: []*profile.Sample{{Location: []*profile.Location{at}, Value: []int64{ns}}},
			Location: []*profile.Location{at}, Function: []*profile.Function{f},
		}
	}

	got, err := merge([]*profile.Profile{sampled("forward", 100), sampled("check", 900)}, []float64{0.8, 0.2})

	require.NoError(t, err)
	times := map[string]int64{}
	for _, s := range got.Sample {
		times[s.Location[0].Line[0].Function.Name] = s.Value[0]
	}
	assert.Equal(t, map[string]int64{"forward": 800, "check": 200}, times)
}

func TestCutRareLeavesItsTimeToTheCaller(t *testing.T) {
	at := func(id uint64, name string) *profile.Location {
		return &profile.Location{ID: id, Line: []profile.Line{{Function: &profile.Function{ID: id, Name: name}, Line: 7}}}
	}
	often, seldom, copying := at(1, "often"), at(2, "seldom"), at(3, "copying")
	sampled := func(ns int64, stack ...*profile.Location) *profile.Sample {
		return &profile.Sample{Location: stack, Value: []int64{ns}}
	}
	p := &profile.Profile{Sample: []*profile.Sample{
		sampled(100, copying, often), // the leaf is the first
		sampled(3, copying, seldom, often),
		sampled(1, copying, seldom),
	}}

	cutRare(p, 5)

	assert.Equal(t, []*profile.Sample{sampled(100, copying, often), sampled(3, often)}, p.Sample)
}
