package scenario

import "github.com/faultline/faultline/schema"

// Expect is the table [expect]: what is asked of the sender.
type Expect struct {
	line int
}

func (s *Scenario) expectField() schema.Field {
	return schema.Func("expect", "table", "a table", "what is asked of the sender", func(v schema.Value) {
		s.Expect = &Expect{line: v.Line()}
	})
}
