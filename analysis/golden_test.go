package analysis_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/analysis"
)

var update = flag.Bool("update", false, "write goldens anew")

// Verdicts as people, programs and CI servers see them. Each file has a made log and what is expected of it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			require.NoError(t, err)
			given := make(map[string]string)
			for _, f := range archive.Files {
				given[f.Name] = string(f.Data)
			}
			seed := logOf(makeLog(t, given["log"]))
			r := analysis.Judge(seed, analysis.Question{Expect: expect(t, given["expect"]), Label: "claims-outage@3f2a6c01d9e4"})
			for i, f := range archive.Files {
				archive.Files[i].Data = seen(t, r, f)
			}
			if *update {
				require.NoError(t, os.WriteFile(file, txtar.Format(archive), 0o600))
				return
			}
			for _, f := range archive.Files {
				require.Equal(t, given[f.Name], string(f.Data), f.Name)
			}
		})
	}
}

// seen is what a file of the archive should hold.
func seen(t *testing.T, r *analysis.Report, f txtar.File) []byte {
	t.Helper()
	var text []byte
	var err error
	switch f.Name {
	case "text":
		text = []byte(r.Text("LOG"))
	case "verdict.json":
		text, err = r.VerdictJSON()
	case "report.json":
		text, err = r.JSON()
	case "table":
		text = []byte(r.Table())
	case "junit.xml":
		text, err = r.JUnit()
	default:
		return f.Data
	}
	require.NoError(t, err)
	return text
}
