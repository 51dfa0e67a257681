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
		"rule":        schema.Object((&Rule{Enabled: true}).fields(time.UTC, nil)...),
		"alternative": schema.Object((&Option{Weight: 1}).fields("", nil)...),
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
