package schema

import (
	"encoding/json"
	"fmt"
	"maps"
)

// Shape is what a value looks like, as JSON Schema has it (draft 4, which editors of TOML read). It allows all that faultline reads, and may allow more:
// an editor completes and points out, faultline judges.
type Shape map[string]any

// shapeOf is the shape of a type that fields name; nil for one that has none. Tables have the shape of their keys. A date-time of TOML is a text to JSON Schema.
func shapeOf(kind string) Shape {
	switch kind {
	case "string", "time zone", "date-time", "URL":
		return Shape{"type": "string"}
	case "list of strings":
		return OneOrMore(Shape{"type": "string"})
	case "boolean":
		return Shape{"type": "boolean"}
	case "number":
		return Shape{"type": "number"}
	case "duration":
		return Pattern(`^([0-9]+(\.[0-9]+)?(ms|s|m|h|d))+$`)
	case "size":
		return Either(Pattern(`^[0-9]+(B|KiB|MiB|GiB|kB|MB)?$`), Whole(0))
	case "rate":
		return Pattern(`^[0-9]+(B|KiB|MiB|GiB|kB|MB)?/s$`)
	case "share":
		return Either(Pattern(`^[0-9]+(\.[0-9]+)?%$`), Shape{"type": "number", "minimum": 0, "maximum": 1})
	case "amount":
		return Either(shapeOf("size"), shapeOf("share"))
	case "size or duration":
		return Either(shapeOf("size"), shapeOf("duration"))
	case "duration or ramp":
		return Either(shapeOf("duration"), rampOf(shapeOf("duration")))
	case "share or ramp":
		return Either(shapeOf("share"), rampOf(shapeOf("share")))
	case "range":
		return Some(Either(Whole(1), Pattern(`^[0-9]+(-[0-9]*)?$`)))
	case "status":
		return Some(Either(Whole(100), Pattern(`^[1-5]([0-9][0-9]|xx)$`)))
	case "comparison":
		return Pattern(`^(<|<=|>|>=)? ?[0-9]`)
	case "time of day":
		const clock = `([01][0-9]|2[0-4]):[0-5][0-9](:[0-5][0-9])?`
		return Pattern("^" + clock + "-" + clock + "( .+)?$")
	case "source":
		return Pattern(`^((header|query|json):.+|body)$`)
	case "list of sources":
		return OneOrMore(Either(shapeOf("source"), List(shapeOf("source"))))
	case "value or list":
		return Some(Shape{"type": []string{"string", "number", "boolean"}})
	default:
		return nil
	}
}

// Whole is the shape of a whole number of at least least.
func Whole(least int) Shape { return Shape{"type": "integer", "minimum": least} }

// Pattern is the shape of a text that a regular expression describes (ECMA 262).
func Pattern(expression string) Shape { return Shape{"type": "string", "pattern": expression} }

// Words is the shape of one of several words.
func Words[T ~string](words ...T) Shape { return Shape{"type": "string", "enum": words} }

// Constant is the shape of one value.
func Constant(value any) Shape { return Shape{"enum": []any{value}} }

// Either is the shape of what has one of several shapes.
func Either(shapes ...Shape) Shape { return Shape{"anyOf": shapes} }

// List is the shape of a list, of any length.
func List(of Shape) Shape { return Shape{"type": "array", "items": of} }

// OneOrMore is the shape of a value, or of a list of such.
func OneOrMore(of Shape) Shape { return Either(of, List(of)) }

// Some is the shape of a value, or of a list of such that is not empty.
func Some(of Shape) Shape { return Either(of, Shape{"type": "array", "items": of, "minItems": 1}) }

// Requiring is the shape of a table that has a key.
func Requiring(key string) Shape { return Shape{"required": []string{key}} }

// Not is the shape of what has none of several shapes.
func Not(shapes ...Shape) Shape { return Shape{"not": Either(shapes...)} }

// Named is the shape of a table with any keys.
func Named(of Shape) Shape { return Shape{"type": "object", "additionalProperties": of} }

// Defined is a shape that stands in the definitions of the schema under a name.
func Defined(name string) Shape { return Shape{"$ref": "#/definitions/" + name} }

// Object is the shape of a table with these keys and no others.
func Object(fields ...Field) Shape {
	properties, required := map[string]Shape{}, []string{}
	for _, f := range fields {
		properties[f.Key] = f.described()
		if f.Required {
			required = append(required, f.Key)
			if f.Type == "string" {
				properties[f.Key]["minLength"] = 1
			}
		}
	}
	object := Shape{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		object["required"] = required // draft 4 wants one or none
	}
	return object
}

func rampOf(value Shape) Shape {
	return Shape{
		"type": "object", "properties": map[string]Shape{"from": value, "to": value, "over": shapeOf("duration")},
		"required": []string{"from", "to", "over"}, "additionalProperties": false,
	}
}

// Shaped is the field, with a shape of its own in place of that of its type.
func (f Field) Shaped(shape Shape) Field {
	f.shape = shape
	return f
}

// Shape is what the field's value looks like. It panics for a type that has none: a mistake in its declaration, which a test of the whole language finds.
func (f Field) Shape() Shape {
	if f.shape != nil {
		return f.shape
	}
	switch {
	case f.Type == "table" && len(f.Fields) > 0:
		return Object(f.Fields...)
	case f.Type == "list of tables" && len(f.Fields) > 0:
		return List(Object(f.Fields...))
	}
	shape := shapeOf(f.Type)
	if shape == nil {
		panic(fmt.Sprintf("schema: the type %q of the key %q has no shape: use a type that has one (schema/json.go), or Shaped", f.Type, f.Key))
	}
	return shape
}

// described is the shape with what an editor shows of the key.
func (f Field) described() Shape {
	shape := maps.Clone(f.Shape())
	if _, elsewhere := shape["$ref"]; elsewhere {
		return shape // nothing beside a reference counts
	}
	shape["description"] = f.Doc
	if f.Allowed != "" && f.Allowed != "a table" {
		shape["description"] = f.Doc + "\n\n" + f.Allowed
	}
	var value any
	if f.Default != "" && json.Unmarshal([]byte(f.Default), &value) == nil { // what is no JSON is no default that could be pasted
		shape["default"] = value
	}
	return shape
}
