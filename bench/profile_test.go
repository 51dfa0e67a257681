package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inTree is the profile that faultline is built by.
const inTree = "../cmd/faultline/default.pgo"

func parsedProfile(t *testing.T) *profile.Profile {
	t.Helper()
	text, err := os.ReadFile(inTree)
	require.NoError(t, err)
	assert.Less(t, len(text), 150<<10, "each change of it stays in the history")
	p, err := profile.ParseData(text)
	require.NoError(t, err)
	return p
}

func TestTheProfileNamesNoMachine(t *testing.T) {
	p := parsedProfile(t)

	assert.Empty(t, p.Mapping, "files that were mapped, and their build ids")
	assert.Empty(t, p.Comments)
	assert.Zero(t, p.TimeNanos)
	for _, f := range p.Function {
		assert.NotRegexp(t, `^/|^[A-Za-z]:|/(home|tmp|work|root)/`, f.Filename)
	}
}

// Whoever changes what most of the time goes to makes the profile anew; a function that is renamed here or there is no reason to.
func TestTheProfileIsOfFunctionsThatExist(t *testing.T) {
	exists, err := functionsBelow("..")
	require.NoError(t, err)
	var found, all int64
	missing := map[string]int64{}
	for _, s := range parsedProfile(t).Sample {
		for name := range ownFunctions(s) {
			all += s.Value[0]
			if exists.has(name) {
				found += s.Value[0]
			} else {
				missing[name] += s.Value[0]
			}
		}
	}

	require.NotZero(t, all)
	assert.Greater(t, float64(found)/float64(all), 0.75, "share of the time in functions of this module that exist: `make profile` is due; missing, in ns: %v", missing)
}

// What `go build` reads of it are pairs of functions that call each other.
func TestGoReadsTheProfile(t *testing.T) {
	out := filepath.Join(t.TempDir(), "calls")
	text, err := exec.Command("go", "tool", "preprofile", "-i", inTree, "-o", out).CombinedOutput()
	require.NoError(t, err, string(text))

	calls, err := os.ReadFile(out)

	require.NoError(t, err)
	assert.Contains(t, string(calls), ownPath+"proxy.")
	assert.Contains(t, string(calls), ownPath+"deliveries.")
}

const ownPath = "github.com/faultline/faultline/"

// ownFunctions are the names of faultline's functions in a stack.
func ownFunctions(s *profile.Sample) map[string]bool {
	names := map[string]bool{}
	for _, l := range s.Location {
		for _, line := range l.Line {
			if name := line.Function.Name; strings.HasPrefix(name, ownPath) || strings.HasPrefix(name, "main.") {
				names[name] = true
			}
		}
	}
	return names
}

// functions are names as the linker has them, without type arguments: path/package.F, path/package.T.F, path/package.(*T).F.
type functions map[string]bool

// undeclared is what the linker adds to a name: type arguments, method values, bodies of loops over functions.
var undeclared = regexp.MustCompile(`\[.*\]|-fm|-range\d+`)

// has reports whether a function of that name exists, or the one around it, for one without a name of its own: F.func1, F.G.func2.
func (f functions) has(name string) bool {
	name = undeclared.ReplaceAllString(name, "")
	for !f[name] {
		end := strings.LastIndexByte(name, '.')
		if end <= strings.LastIndexByte(name, '/') {
			return false
		}
		name = name[:end]
	}
	return true
}

var (
	mainPackage = regexp.MustCompile(`(?m)^package main$`)
	declaration = regexp.MustCompile(`(?m)^func (?:\((?:\w+ )?(\*?\w+)[^)]*\) )?(\w+)`) // receiver, name
)

// functionsBelow are those of the Go files of a module.
func functionsBelow(root string) (functions, error) {
	all := functions{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "bench" || entry.Name() == "testdata"):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, name))
		prefix := ownPath + path.Dir(name) + "."
		if mainPackage.Match(text) {
			prefix = "main."
		}
		for _, found := range declaration.FindAllStringSubmatch(string(text), -1) {
			receiver, function := found[1], found[2]
			switch {
			case strings.HasPrefix(receiver, "*"):
				function = "(" + receiver + ")." + function
			case receiver != "":
				function = receiver + "." + function
			}
			all[prefix+function] = true
		}
		return err
	})
	return all, err
}

// faultline knows nothing of being profiled, but ends as the profile needs it.
func TestMainCanEndWithAProfile(t *testing.T) {
	main, err := os.ReadFile("../cmd/faultline/main.go")
	require.NoError(t, err)

	got, err := endingWithProfile(string(main))

	require.NoError(t, err)
	assert.Contains(t, got, "\tendProfile(run(")
	_, err = endingWithProfile(got)
	assert.ErrorContains(t, err, "where would its profile end?")
}
