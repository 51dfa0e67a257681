package scenario

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/schema"
)

// SchemaTitle is the title of the JSON Schema.
const SchemaTitle = "a scenario of faultline"

// JSONSchema is the language as a JSON Schema (draft 4, for editors of TOML), made of the fields that read a file. What it refuses a reader refuses, too;
// the reader finds more.
func JSONSchema() []byte {
	definitions := map[string]schema.Shape{
		"rule":        ruleShape(),
		"alternative": alternativeShape(),
	}
	for _, kind := range faults.Kinds() {
		definitions[kind.Name] = kind.Shape()
	}
	whole := schema.Object(Empty().fields(nil)...)
	whole["$schema"] = "http://json-schema.org/draft-04/schema#"
	whole["title"] = SchemaTitle
	whole["definitions"] = definitions
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		panic(fmt.Sprintf("scenario: the JSON schema cannot be encoded: %v", err)) // it is made of maps, lists and texts
	}
	return append(text, '\n')
}

// ruleShape is that of a [[rule]]: it has a fault, one_of them, or pass; at most one of its faults is terminal.
func ruleShape() schema.Shape {
	shape := schema.Object((&Rule{Enabled: true}).fields(time.UTC, nil)...)
	passes := schema.Shape{"properties": map[string]schema.Shape{"pass": schema.Constant(true)}, "required": []string{"pass"}}
	faulty := append(requiringFaults(), schema.Requiring("one_of"))
	shape["anyOf"] = append(faulty, passes)
	shape["not"] = schema.Shape{"allOf": []schema.Shape{passes, schema.Either(faulty...)}}
	shape["dependencies"] = oneTerminal()
	return shape
}

// alternativeShape is that of one of one_of.
func alternativeShape() schema.Shape {
	shape := schema.Object((&Option{Weight: 1}).fields("", nil)...)
	shape["anyOf"] = requiringFaults()
	shape["dependencies"] = oneTerminal()
	return shape
}

// requiringFaults are the shapes of tables with a fault, for each kind.
func requiringFaults() []schema.Shape {
	var shapes []schema.Shape
	for _, kind := range faults.Kinds() {
		shapes = append(shapes, schema.Requiring(kind.Name))
	}
	return shapes
}

// oneTerminal says of each terminal fault that no other stands beside it.
func oneTerminal() map[string]schema.Shape {
	all := make(map[string]schema.Shape)
	for _, kind := range faults.Kinds() {
		var others []schema.Shape
		for _, other := range faults.Kinds() {
			if other.Terminal && other.Name != kind.Name {
				others = append(others, schema.Requiring(other.Name))
			}
		}
		if kind.Terminal {
			all[kind.Name] = schema.Not(others...)
		}
	}
	return all
}
