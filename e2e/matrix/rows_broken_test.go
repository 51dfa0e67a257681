package matrix

import (
	"fmt"
	"strings"
	"time"
)

// silentRows are attempts of which nothing comes.
func silentRows() []row {
	return []row{
		{
			name: "hang", kind: "hang", fault: `hang = true`,
			truth: failure{silent: forEver},
		},
		{
			name: "hang-for", kind: "hang", fault: `hang = { for = "300ms" }`,
			truth: failure{silent: 300 * time.Millisecond, ends: resets},
		},
		{
			name: "close", kind: "close", fault: `close = true`,
			truth: failure{ends: finishes},
		},
		{
			name: "close-kept", kind: "close", fault: `close = true`, second: true,
			truth: failure{ends: finishes},
		},
		{
			name: "reset", kind: "reset", fault: `reset = true`,
			truth: failure{ends: resets},
		},
		{
			name: "reset-request", kind: "reset", fault: `reset = { at = "request" }`,
			truth: failure{reads: half, ends: resets},
		},
		{
			name: "reset-kept", kind: "reset", fault: `reset = true`, second: true,
			truth: failure{ends: resets},
		},
	}
}

// brokenRows are answers that are begun and not completed.
func brokenRows() []row {
	const half = "01234"
	length := head("Content-Length: 10")
	return []row{
		{
			name: "stall-head", kind: "stall", fault: `stall = { body = "0123456789" }`,
			truth: failure{says: length},
		},
		{
			name: "stall", kind: "stall", fault: `stall = { after = 5, body = "0123456789" }`,
			truth: failure{says: length + half},
		},
		{
			name: "stall-for", kind: "stall", fault: `stall = { after = 5, for = "300ms", body = "0123456789" }`,
			truth: failure{says: length + half, held: 300 * time.Millisecond, ends: resets},
		},
		{
			name: "reset-body", kind: "reset", fault: `reset = { at = "body", after = 5, body = "0123456789" }`,
			truth: failure{says: length + half, ends: resets},
		},
		{
			name: "truncate", kind: "truncate", fault: `truncate = { after = 5, body = "0123456789" }`,
			truth: failure{says: head("Transfer-Encoding: chunked") + "5\r\n01234\r\n", ends: finishes},
		},
		{
			name: "truncate-length", kind: "truncate", fault: `truncate = { after = 5, keep_length = true, body = "0123456789" }`,
			truth: failure{says: length + half, ends: finishes},
		},
	}
}

// oddRows are answers that are no sound HTTP, or not what they say they are.
func oddRows() []row {
	var many []string
	for i := range 300 {
		many = append(many, fmt.Sprintf("X-Many-%03d: x", i))
	}
	malformed := func(as string) string { return fmt.Sprintf(`malformed = { as = %q, body = "0123456789" }`, as) }
	return []row{
		{
			name: "malformed-garbage", kind: "malformed", fault: `malformed = "garbage"`,
			truth: failure{says: "\x00\x01 this is no answer\r\n\r\n", ends: finishes},
		},
		{
			name: "malformed-chunk", kind: "malformed", fault: malformed("chunk"),
			truth: failure{says: head("Transfer-Encoding: chunked") + "xyz\r\n0123456789\r\n0\r\n\r\n", ends: finishes},
		},
		{
			name: "malformed-gzip", kind: "malformed", fault: malformed("gzip"),
			truth: answering(head("Content-Encoding: gzip", "Content-Length: 10") + ten),
		},
		{
			name: "malformed-huge-header", kind: "malformed", fault: malformed("huge_header"),
			truth: answering(head("X-Huge: "+strings.Repeat("x", 130_000), "Content-Length: 10") + ten),
		},
		{
			name: "malformed-many-headers", kind: "malformed", fault: malformed("many_headers"),
			truth: answering(head(append(many, "Content-Length: 10")...) + ten),
		},
	}
}
