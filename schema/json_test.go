package schema_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/schema"
)

// What an editor reads of a table: its keys and no others, each with its doc, what is allowed, and its default.
func TestObject(t *testing.T) {
	name, pause, tries := "", 30*time.Second, 0
	got, err := json.Marshal(schema.Object(
		schema.String(&name, "name", "the name").Needed(),
		schema.Duration(&pause, "pause", "how long"),
		schema.Int(&tries, "tries", 1, 9, "how often"),
		schema.Table("more", "further keys", schema.Bool(new(bool), "yes", "a switch")),
	))
	require.NoError(t, err)
	require.JSONEq(t, `{
		"type": "object", "additionalProperties": false, "required": ["name"],
		"properties": {
			"name": {"type": "string", "minLength": 1, "description": "the name\n\na string"},
			"pause": {"type": "string", "pattern": "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$", "default": "30s",
				"description": "how long\n\na duration such as \"30s\" (units ms, s, m, h, d)"},
			"tries": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how often\n\na whole number from 1 to 9"},
			"more": {"type": "object", "additionalProperties": false, "description": "further keys", "properties": {
				"yes": {"type": "boolean", "default": false, "description": "a switch\n\ntrue or false"}}}
		}
	}`, string(got))
}

func TestTypeWithoutAShape(t *testing.T) {
	require.PanicsWithValue(t, `schema: the type "dream" of the key "x" has no shape: use a type that has one (schema/json.go), or Shaped`,
		func() { schema.Func("x", "dream", "", "", nil).Shape() })
}
