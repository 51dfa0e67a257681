package analysis_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

// TestReportPage: docs/report.md says what the code says. Its example is made, its tables are the comments of the fields in the source, its bounds the
// constants.
func TestReportPage(t *testing.T) {
	const page = "../docs/report.md"
	text, err := template.New("report.md.tmpl").Funcs(template.FuncMap{
		"table": func() string {
			return analysis.Judge(logOf(makeLog(t, outage(90)+"lost host=pay.test 80s 503 1s 503")), ended(nil)).Table()
		},
		"bounds": analysis.Bounds, "bound": bound, "types": reportTypes,
		"fields": func(name string) string { return fieldTable(t, name) },
	}).ParseFiles("testdata/report.md.tmpl")
	require.NoError(t, err)
	var want strings.Builder
	require.NoError(t, text.Execute(&want, nil))
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(want.String()), 0o644))
	}
	got, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, want.String(), string(got), "make golden writes it anew")
}

func bound(name string) int {
	for _, b := range analysis.Bounds() {
		if b.Name == name {
			return b.Most
		}
	}
	panic("no bound " + name)
}

// reportType is an object in report --json.
type reportType struct{ Title, Name string }

func reportTypes() []reportType {
	return []reportType{
		{"The report", "ReportJSON"}, {"`policy`: what could not be inferred is null", "PolicyJSON"}, {"`policy.survives_ms`", "SurvivesJSON"}, {"`defects`", "DefectJSON"},
		{"`endpoints`", "EndpointJSON"}, {"`faults`", "FaultJSON"},
	}
}

// fieldTable has the fields of a type with their comments.
func fieldTable(t *testing.T, name string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "json.go", nil, parser.ParseComments)
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString("| field | meaning |\n|---|---|\n")
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.TypeSpec)
		if !is || spec.Name.Name != name {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			tag, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
			meaning := strings.TrimSpace(field.Comment.Text())
			require.NotEmpty(t, meaning, "comment of %s.%s", name, tag)
			fmt.Fprintf(&b, "| `%s` | %s |\n", tag, meaning)
		}
		return false
	})
	return b.String()
}
