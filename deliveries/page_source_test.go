package deliveries

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// source is what the Go source says of the log's types.
type source struct {
	types  map[string]*ast.TypeSpec
	docs   map[string]string
	values map[string][]value // of the closed sets, by type
}

// value is one of a closed set.
type value struct{ text, meaning string }

// readSource reads the files that hold the log's types.
func readSource(t *testing.T) *source {
	t.Helper()
	s := &source{types: map[string]*ast.TypeSpec{}, docs: map[string]string{}, values: map[string][]value{}}
	for _, name := range []string{"attempt.go", "records.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			if d, ok := declaration.(*ast.GenDecl); ok {
				s.take(t, d)
			}
		}
	}
	return s
}

func (s *source) take(t *testing.T, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			s.types[spec.Name.Name], s.docs[spec.Name.Name] = spec, d.Doc.Text()
		case *ast.ValueSpec:
			set := spec.Type.(*ast.Ident).Name
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			s.values[set] = append(s.values[set], value{text, strings.TrimSpace(spec.Comment.Text())})
		}
	}
}

// synopsis is the first sentence about a type.
func (s *source) synopsis(name string) string { return new(doc.Package).Synopsis(s.docs[name]) }

// valueTable has the values of a closed set.
func (s *source) valueTable(of set) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "| `%s` | meaning |\n|---|---|\n", of.Name)
	for _, v := range s.values[of.Type] {
		if v.meaning == "" {
			return "", fmt.Errorf("%s %q has no comment", of.Type, v.text)
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", v.text, v.meaning)
	}
	return b.String(), nil
}

// fieldTable has the fields of a line, in their order, those of the objects in it among them.
func (s *source) fieldTable(name string) (string, error) {
	var b strings.Builder
	b.WriteString("| field | value | meaning |\n|---|---|---|\n")
	return b.String() + s.rows("", name), s.silent(name)
}

func (s *source) rows(prefix, name string) string {
	var b strings.Builder
	for _, field := range s.fieldsOf(name) {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", prefix+field.name, s.valueOf(field), strings.ReplaceAll(field.meaning, "|", `\|`))
		if s.isObject(field.typ) {
			b.WriteString(s.rows(prefix+field.name+brackets(field.typ)+".", element(field.typ)))
		}
	}
	return b.String()
}

// silent is an error when a field has no comment: the page would have a hole.
func (s *source) silent(name string) error {
	for _, field := range s.fieldsOf(name) {
		if field.meaning == "" {
			return fmt.Errorf("field %q of %s has no comment", field.name, name)
		}
		if s.isObject(field.typ) {
			if err := s.silent(element(field.typ)); err != nil {
				return err
			}
		}
	}
	return nil
}

// member is a field of a line.
type member struct{ name, typ, meaning string }

func (s *source) fieldsOf(name string) []member {
	var members []member
	for _, field := range s.types[name].Type.(*ast.StructType).Fields.List {
		tag := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json")
		name, _, _ := strings.Cut(tag, ",")
		members = append(members, member{name, typeText(field.Type), strings.TrimSpace(field.Comment.Text())})
	}
	return members
}

// typeText is a type as the source writes it.
func typeText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return "*" + typeText(e.X)
	case *ast.ArrayType:
		return "[]" + typeText(e.Elt)
	case *ast.MapType:
		return "map[" + typeText(e.Key) + "]" + typeText(e.Value)
	case *ast.SelectorExpr:
		return typeText(e.X) + "." + e.Sel.Name
	default:
		panic(fmt.Sprintf("type %T", e))
	}
}

func bare(typ string) string { return strings.TrimPrefix(typ, "*") }

// element is what a list is of, or the type itself.
func element(typ string) string { return strings.TrimPrefix(bare(typ), "[]") }

// brackets are those that jq writes behind the name of a list.
func brackets(typ string) string {
	if strings.HasPrefix(typ, "[]") {
		return "[]"
	}
	return ""
}

func (s *source) isObject(typ string) bool {
	spec, known := s.types[element(typ)]
	if !known {
		return false
	}
	_, isStruct := spec.Type.(*ast.StructType)
	return isStruct
}

// valueOf says in words what JSON a field has.
func (s *source) valueOf(field member) string {
	typ := bare(field.typ)
	words := map[string]string{
		"string": "text", "int": "integer", "int64": "integer", "uint64": "integer", "float64": "milliseconds", "bool": "true, false",
		"time.Time": "time", "[]string": "list of texts", "map[string][]string": "lists of texts by name", "map[string]int": "integers by name",
		"any": "null, text, object",
	}[typ]
	for _, set := range sets() {
		if set.Type == typ {
			words = fmt.Sprintf("[%[1]s](#%[1]s)", set.Name)
		}
	}
	switch {
	case typ == "Event":
		words = "text"
	case s.isObject(typ) && brackets(typ) != "":
		words = "list of objects"
	case s.isObject(typ):
		words = "object"
	case words == "":
		panic("no words for a " + typ)
	}
	if typ != field.typ {
		words += ", null"
	}
	return words
}

// TestSourceKnowsEveryField: the comments are those of the fields that are written.
func TestSourceKnowsEveryField(t *testing.T) {
	said := readSource(t)
	for _, record := range exampleRecords() {
		typ := reflect.TypeOf(record).Elem()
		var want, got []string
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			want = append(want, name)
		}
		for _, field := range said.fieldsOf(typ.Name()) {
			got = append(got, field.name)
		}
		require.Equal(t, want, got, typ.Name())
	}
}
