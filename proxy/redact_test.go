package proxy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/internal/wiretest"
)

// TestTryAndCreatedAreRedacted: what is taken out of a place with a secret's name is as secret as the key is.
func TestTryAndCreatedAreRedacted(t *testing.T) {
	const hunter2 = "sha256:f52fbd32" // of hunter2
	tests := []struct {
		name, delivery string
		path, header   string
		try, created   string
	}{
		{name: "no secrets", delivery: `try = "header:X-Try"` + "\n" + `created = "json:created_at"`, path: "/hook", header: "X-Try: 2",
			try: "2", created: "2026-11-24"},
		{name: "a header", delivery: `try = "header:X-Secret-Token"`, path: "/hook", header: "X-Secret-Token: hunter2", try: hunter2},
		{name: "a parameter", delivery: `try = "query:api_key"`, path: "/hook?api_key=hunter2", try: hunter2},
		{name: "a member of the body", delivery: `created = "json:auth.secret"`, path: "/hook", created: hunter2},
		{name: "a secret's name without a value", delivery: `try = "header:X-Secret-Token"` + "\n" + `created = "json:secret"`, path: "/hook"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			target := wiretest.Listen(t, wiretest.Answering(wiretest.OK))
			p := start(t, "[delivery]\n"+tt.delivery)
			var header []string
			if tt.header != "" {
				header = append(header, tt.header)
			}
			p.one(t, wiretest.Post(target.Address(), tt.path, `{"created_at":"2026-11-24","auth":{"secret":"hunter2"}}`, header...))
			a := p.journal.attempts(t, 1)[0]
			require.Equal(t, tt.try, a.Try)
			require.Equal(t, tt.created, a.Created)
		})
	}
}
