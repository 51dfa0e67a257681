package faults_test

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
)

// A kind is a file kind_<name>.go and its line in kinds.go, no other Go file; a scenario in configs/ shows it.
func TestEachKindHasItsFiles(t *testing.T) {
	files := tokens(t, ".", token.IDENT)
	shown := scenarios(t, "../configs")
	for _, kind := range faults.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			file := "kind_" + kind.Name + ".go"
			require.Contains(t, files, file, "the kind %s has no file of its own", kind.Name)
			require.Contains(t, files[file], variable(kind))
			require.Regexp(t, regexp.MustCompile(`(?m)^`+kind.Name+` = |^\s*`+kind.Name+` = `), shown, "no scenario in configs/ shows %s", kind.Name)
			require.NotEmpty(t, kind.Doc, "the kind %s says nothing of the wire", kind.Name)
			require.NotEmpty(t, kind.Imitates, "the kind %s does not say what fails like it", kind.Name)
			require.NotEmpty(t, kind.Cousins, "the kind %s does not name its cousins", kind.Name)
			for name, identifiers := range files {
				if name != file && name != "kinds.go" {
					require.NotContains(t, identifiers, variable(kind), "%s knows the kind %s", name, kind.Name)
				}
			}
		})
	}
}

// variable is the Go name of a kind's line in the table: cutTunnelKind for cut_tunnel.
func variable(kind faults.Kind) string {
	words := strings.Split(kind.Name, "_")
	for i := 1; i < len(words); i++ {
		words[i] = strings.ToUpper(words[i][:1]) + words[i][1:]
	}
	return strings.Join(words, "") + "Kind"
}

// The scenario reads kinds by the table, never by name.
func TestScenarioKnowsNoKind(t *testing.T) {
	names := map[string]bool{}
	for _, kind := range faults.Kinds() {
		names[`"`+kind.Name+`"`] = true
	}
	for file, literals := range tokens(t, "../scenario", token.STRING) {
		for _, literal := range literals {
			if file == "parse.go" && literal == `"tls"` {
				continue // the table [tls] of the file
			}
			require.False(t, names[literal], "scenario/%s names the kind %s", file, literal)
		}
	}
}

func TestEachKindIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, kind := range faults.Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			require.False(t, seen[kind.Name], "the name is taken")
			seen[kind.Name] = true
			found, ok := faults.Lookup(kind.Name)
			require.True(t, ok)
			require.Equal(t, kind.Doc, found.Doc)
			main := false
			for _, f := range kind.New().Fields() {
				require.NotEmpty(t, f.Doc, "%s.%s", kind.Name, f.Key)
				main = main || f.Key == kind.Main
			}
			require.Equal(t, kind.Main != "", main, "the main key %q must be one of the fields", kind.Main)
		})
	}
	_, ok := faults.Lookup("no_such_fault")
	require.False(t, ok)
}

// tokens are the tokens of one kind in a folder's Go files, tests left out.
func tokens(t *testing.T, folder string, kind token.Token) map[string][]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	require.NoError(t, err)
	found := map[string][]string{}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found[filepath.Base(path)] = scan(t, path, text, kind)
	}
	require.NotEmpty(t, found)
	return found
}

func scan(t *testing.T, path string, text []byte, kind token.Token) []string {
	t.Helper()
	set := token.NewFileSet()
	_, err := parser.ParseFile(set, path, text, parser.PackageClauseOnly)
	require.NoError(t, err)
	var s scanner.Scanner
	s.Init(set.AddFile(path, -1, len(text)), text, nil, 0)
	var found []string
	for {
		_, is, literal := s.Scan()
		switch is {
		case token.EOF:
			return found
		case kind:
			found = append(found, literal)
		}
	}
}

// scenarios is the text of all scenarios of a folder.
func scenarios(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".toml" {
			return err
		}
		text, err := os.ReadFile(filepath.Join(folder, path))
		all.Write(text)
		return err
	}))
	return all.String()
}
