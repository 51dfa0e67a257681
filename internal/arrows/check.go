package arrows

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Violation is an import or a call that the table does not allow.
type Violation struct {
	File string // from the root, with slashes
	Line int
	Text string
}

// String is the violation as a compiler would write it.
func (v Violation) String() string { return fmt.Sprintf("%s:%d: %s", v.File, v.Line, v.Text) }

// Check holds every Go file below root against the table, whatever its build constraints. Folders named testdata, those that begin with a
// dot or an underscore, and modules of their own are left out, as the go command does. An error is a file that cannot be read or is no Go.
func (t Table) Check(root string) ([]Violation, error) {
	var found []Violation
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("walk to %q: %w", name, err)
		case entry.IsDir() && name != "." && (ignored(entry.Name()) || isModule(filepath.Join(root, filepath.FromSlash(name)))):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, filepath.Join(root, filepath.FromSlash(name)), nil, 0)
		if err != nil {
			return fmt.Errorf("parse %q: %w", name, err)
		}
		found = append(found, t.judge(source{name: name, set: set, file: file})...)
		return nil
	})
	return found, err
}

func ignored(folder string) bool {
	return folder == "testdata" || strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_")
}

// isModule reports whether a folder has a go.mod: what it imports is not for the module around it to say.
func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// source is one parsed file.
type source struct {
	name string
	set  *token.FileSet
	file *ast.File
}

func (s source) folder() string { return path.Dir(s.name) }

func (s source) violation(at ast.Node, format string, args ...any) Violation {
	return Violation{File: s.name, Line: s.set.Position(at.Pos()).Line, Text: fmt.Sprintf(format, args...)}
}

// judge is what is wrong with a file.
func (t Table) judge(s source) []Violation {
	if strings.HasSuffix(s.name, "_test.go") {
		return t.soles(s)
	}
	at := slices.IndexFunc(t.Rows, func(r Row) bool { return r.Package == s.folder() })
	if at < 0 {
		return []Violation{s.violation(s.file.Name, "package %q has no row in the table of internal/arrows", s.folder())}
	}
	row := t.Rows[at]
	found := t.soles(s)
	for _, spec := range s.file.Imports {
		if why := t.refuses(row, importPath(spec)); why != "" {
			found = append(found, s.violation(spec, "%s %s", row.Package, why))
		}
	}
	if row.NoClock {
		found = append(found, clock(s, row.Package)...)
	}
	return found
}

// soles are imports of modules that another package alone may import.
func (t Table) soles(s source) []Violation {
	var found []Violation
	for _, spec := range s.file.Imports {
		for _, sole := range t.Sole {
			if below(importPath(spec), sole.Module) && s.folder() != sole.Package {
				found = append(found, s.violation(spec, "%s imports %q, which only %s may, in tests too", s.folder(), importPath(spec), sole.Package))
			}
		}
	}
	return found
}

// refuses says why a package may not import a path; empty when it may, or when soles has said so.
func (t Table) refuses(row Row, imported string) string {
	folder, ours := strings.CutPrefix(imported, t.Module+"/")
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case ours && !t.mayOurs(row, folder):
		return fmt.Sprintf("imports %q, of ours it may import %s", folder, list(row.Ours))
	case ours:
		return ""
	case strings.Contains(first, "."):
		return t.refusesModule(row, imported)
	}
	for _, never := range row.Never {
		if tree, all := strings.CutSuffix(never, "/..."); imported == never || all && below(imported, tree) {
			return fmt.Sprintf("imports %q, never of the standard library: %s", imported, list(row.Never))
		}
	}
	return ""
}

func (t Table) mayOurs(row Row, folder string) bool {
	if slices.Contains(row.Ours, folder) {
		return true
	}
	listed := slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Package == folder })
	return slices.Contains(row.Ours, "all") && listed && !below(folder, "internal") && !below(folder, "e2e")
}

func (t Table) refusesModule(row Row, imported string) string {
	allowed := slices.ContainsFunc(row.Modules, func(module string) bool { return below(imported, module) })
	sole := slices.ContainsFunc(t.Sole, func(s Sole) bool { return below(imported, s.Module) })
	if allowed || sole {
		return ""
	}
	return fmt.Sprintf("imports %q, of third party it may import %s", imported, list(row.Modules))
}

// clock are uses of package time that ask for the time or wait for it.
func clock(s source, pkg string) []Violation {
	asks := []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}
	var found []Violation
	local := ""
	for _, spec := range s.file.Imports {
		if importPath(spec) != "time" {
			continue
		}
		local = "time"
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			found = append(found, s.violation(spec, "%s imports \"time\" into its own names, where its clock cannot be told", pkg))
		}
	}
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := selector.X.(*ast.Ident)
		// An identifier with an object is a variable of that name, not the package.
		if ok && x.Name == local && x.Obj == nil && slices.Contains(asks, selector.Sel.Name) {
			found = append(found, s.violation(selector, "%s uses time.%s: time comes in as an argument", pkg, selector.Sel.Name))
		}
		return true
	})
	return found
}

func importPath(spec *ast.ImportSpec) string {
	unquoted, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		panic(fmt.Sprintf("arrows: import path %s: %v", spec.Path.Value, err)) // the parser has accepted it
	}
	return unquoted
}

// below reports whether a path is tree, or lies below it.
func below(imported, tree string) bool {
	return imported == tree || strings.HasPrefix(imported, tree+"/")
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
