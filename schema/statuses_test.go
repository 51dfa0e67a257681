package schema_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

func TestStatuses(t *testing.T) {
	for _, test := range []struct {
		name   string
		value  any
		has    []int
		hasNot []int
	}{
		{"one", int64(503), []int{503}, []int{502, 500}},
		{"a class", "5xx", []int{500, 503, 599}, []int{499, 200, 5}},
		{"several", []any{int64(200), "202", "3xx"}, []int{200, 202, 301}, []int{201, 400}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var s schema.Statuses
			require.Empty(t, problemsOf(map[string]any{"success": test.value}, schema.StatusSet(&s, "success", "")))
			for _, status := range test.has {
				require.True(t, s.Has(status), "%d", status)
			}
			for _, status := range test.hasNot {
				require.False(t, s.Has(status), "%d", status)
			}
		})
	}
}

func TestStatusErrors(t *testing.T) {
	for _, value := range []any{int64(99), int64(600), int64(-200), "2XX", "xxx", "20x", "x0x", "0xx", "6xx", "", true, []any{}, []any{"5xx", int64(1)}} {
		var s schema.Statuses
		problems := problemsOf(map[string]any{"success": value}, schema.StatusSet(&s, "success", ""))
		require.Len(t, problems, 1, "%v", value)
		require.Contains(t, problems[0], `want a status such as 503, a class such as "5xx", or a list of them`)
	}
}
