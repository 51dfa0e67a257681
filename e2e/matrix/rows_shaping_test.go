package matrix

import (
	"fmt"
	"strings"
	"time"
)

// shapingRows are the target's own answers, shaped; and what keeps them away.
func shapingRows() []row {
	const hints = "HTTP/1.1 103 Early Hints\r\n\r\n"
	long := strings.Repeat(ten, 160)
	return []row{
		{
			name: "informational", kind: "informational", fault: "informational = { code = 103, count = 3 }\nlatency = \"2s\"", asks: 1, relays: true,
			truth: failure{first: hints + hints + hints, silent: 2 * time.Second, says: healthy().says},
		},
		{
			name: "informational-status", kind: "informational", fault: "informational = 102\nstatus = 503",
			truth: failure{first: "HTTP/1.1 102 Processing\r\n\r\n", says: status(503, "Content-Length: 0")},
		},
		{
			name: "informational-hang", kind: "informational", fault: "informational = true\nhang = { for = \"8s\" }",
			truth: failure{first: hints, silent: 8 * time.Second, ends: resets},
		},
		{
			name: "bandwidth-drip", kind: "bandwidth", fault: fmt.Sprintf("bandwidth = { down = \"200B/s\" }\nstatus = { code = 200, body = %q }", long),
			truth: failure{says: status(200, "Content-Length: 1600") + long, pace: time.Second / 200},
		},
		{
			name: "bandwidth-up", kind: "bandwidth", fault: `bandwidth = { up = "1KiB/s" }`, asks: 1, relays: true,
			truth: failure{silent: time.Second, says: healthy().says},
		},
		{
			name: "duplicate", kind: "duplicate", fault: `duplicate = true`, asks: 2, relays: true,
			truth: healthy(),
		},
		{
			name: "rewrite-request", kind: "rewrite", fault: `rewrite = { json_set = { event = "other" } }`, asks: 1, relays: true,
			truth: healthy(),
		},
		{
			name: "rewrite-response", kind: "rewrite", fault: `rewrite = { on = "response", body = "other", set_header = { Retry-After = "7" } }`,
			asks: 1, relays: true,
			truth: answering(head("Retry-After: 7", "Content-Length: 5") + "other"),
		},
		{
			name: "corrupt", kind: "corrupt", fault: `corrupt = 3`, asks: 1, relays: true, sound: ten,
			truth: answering(head("Content-Length: 10") + "\xcf1\xcd345678\xc6"),
		},
		{
			name: "corrupt-json", kind: "corrupt", fault: "corrupt = { json = true }\nstatus = { code = 200, body = '{\"ok\":[1]}' }", sound: `{"ok":[1]}`,
			truth: answering(status(200, "Content-Length: 10") + `{"ok"~[1]}`),
		},
		{
			name: "latency", kind: "latency", fault: `latency = { delay = "200ms", jitter = "50ms" }`, asks: 1, relays: true,
			truth: failure{silent: 200 * time.Millisecond, says: healthy().says},
		},
		{
			name: "latency-too-long", kind: "latency", fault: `latency = "1h"`,
			truth: failure{silent: forEver},
		},
		{
			name: "latency-response", kind: "latency", fault: `latency = { delay = "1h", at = "response" }`, asks: 1,
			truth: failure{silent: forEver},
		},
		{
			name: "latency-exponential", kind: "latency", fault: `latency = { delay = "50ms", distribution = "exponential" }`, asks: 1, relays: true,
			truth: failure{silent: 50 * time.Millisecond, says: healthy().says},
		},
	}
}

// admissionRows are of endpoints that have taken in all that they can.
func admissionRows() []row {
	return []row{
		{
			name: "rate-limit", kind: "rate_limit", fault: `rate_limit = { limit = 1, per = "1h", scope = "rule" }`, primed: true,
			truth: answering(status(429, "Retry-After: 3600", "Content-Length: 0")),
		},
		{
			name: "rate-limit-under", kind: "rate_limit", fault: `rate_limit = { limit = 1_000, per = "1h", scope = "client" }`, asks: 1, relays: true,
			truth: healthy(),
		},
		{
			name: "capacity-full", kind: "capacity", fault: `capacity = { workers = 1, work = "1h", queue = 0, retry_after = "5s" }`, primed: true,
			truth: answering(status(503, "Retry-After: 5", "Content-Length: 0")),
		},
		{
			name: "capacity-queue", kind: "capacity", fault: `capacity = { workers = 1, work = "1h", queue = 1_000 }`, primed: true,
			truth: failure{silent: forEver},
		},
		{
			name: "capacity-free", kind: "capacity", fault: `capacity = { workers = 1_000, work = "100ms" }`, asks: 1, relays: true,
			truth: failure{silent: 100 * time.Millisecond, says: healthy().says},
		},
	}
}
