package matrix

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// TestEachKindIsInTheMatrix: each kind of the catalogue has a row, and each word that one of its keys may be stands in one, unless it is the default.
func TestEachKindIsInTheMatrix(t *testing.T) {
	for _, kind := range faults.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			var shown strings.Builder
			for _, row := range rows() {
				if row.kind == kind.Name {
					shown.WriteString(row.fault + "\n")
				}
			}
			require.NotEmpty(t, shown.String(), "no row shows %s", kind.Name)
			for _, field := range kind.New().Fields() {
				if field.Type != "word" {
					continue
				}
				for word := range strings.SplitSeq(strings.TrimPrefix(field.Allowed, "one of "), ", ") {
					if field.Default != `"`+word+`"` {
						require.Contains(t, shown.String(), `"`+word+`"`, "no row shows %s as %s", kind.Name, word)
					}
				}
			}
		})
	}
}

// TestRowsAreTold: each row has a name of its own and a kind that exists.
func TestRowsAreTold(t *testing.T) {
	var names []string
	for _, row := range rows() {
		require.NotContains(t, names, row.name)
		names = append(names, row.name)
		_, known := faults.Lookup(row.kind)
		require.True(t, known || row.kind == "", row.kind)
	}
}
