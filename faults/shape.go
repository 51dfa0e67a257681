package faults

import "github.com/faultline/faultline/schema"

// Shape is what a rule may write for a fault of this kind: a table, the value of its main key alone, or true.
func (k Kind) Shape() schema.Shape {
	fields := k.New().Fields()
	forms := []schema.Shape{schema.Object(fields...)}
	for _, f := range fields {
		if f.Key == k.Main {
			forms = append(forms, f.Shape())
		}
	}
	if k.Bare {
		forms = append(forms, schema.Constant(true))
	}
	shape := schema.Either(forms...)
	shape["description"] = k.Doc
	return shape
}
