package matrix

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// answerRows are whole answers that the target never gave.
func answerRows() []row {
	return []row{
		{
			name: "status", kind: "status", fault: `status = 503`,
			truth: answering(status(503, "Content-Length: 0")),
		},
		{
			name: "status-body", kind: "status", fault: `status = { code = 422, header = { Content-Type = "application/json" }, body = '{"error":"no"}' }`,
			truth: answering(status(422, "Content-Type: application/json", "Content-Length: 14") + `{"error":"no"}`),
		},
		{
			name: "status-retry-after", kind: "status", fault: `status = { code = 429, retry_after = "30s" }`,
			truth: answering(status(429, "Retry-After: 30", "Content-Length: 0")),
		},
		{
			name: "status-retry-date", kind: "status", fault: `status = { code = 503, retry_after = "1h", retry_after_as = "date" }`,
			truth: answering(status(503, "Retry-After: "+time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), "Content-Length: 0")),
		},
		{
			name: "status-early", kind: "status", fault: `status = { code = 413, early = true }`,
			truth: failure{reads: heads, says: status(413, "Content-Length: 0")},
		},
		{
			name: "status-false-success", kind: "status", fault: `status = 204`,
			truth: answering(status(204)),
		},
	}
}

// status is an answer with these lines and no body.
func status(code int, lines ...string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\n%s\r\n", code, http.StatusText(code), strings.Join(append(lines, ""), "\r\n"))
}

// redirectRows send the client elsewhere: to where it came from, or to where nothing fails.
func redirectRows() []row {
	var all []row
	for _, code := range []int{301, 302, 303, 307, 308} {
		name := fmt.Sprintf("redirect-%d", code)
		all = append(all, row{
			name: name, kind: "redirect", fault: fmt.Sprintf(`redirect = { to = %q, code = %d }`, "/"+name+landed, code), follows: true,
			truth: answering(status(code, "Location: /"+name+landed, "Content-Length: 0")),
		})
	}
	for _, code := range []int{302, 307} {
		name := fmt.Sprintf("redirect-loop-%d", code)
		all = append(all, row{
			name: name, kind: "redirect", fault: fmt.Sprintf(`redirect = { to = "loop", code = %d }`, code),
			truth: answering(status(code, "Location: ./"+name, "Content-Length: 0")),
		})
	}
	return all
}
