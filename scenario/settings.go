package scenario

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// Proxy is the table [proxy].
type Proxy struct {
	Listen string // host:port
	Admin  string // host:port
	Open   bool   // anybody may use it
	Signs  string // errors, all, none
}

// Log is the table [log].
type Log struct {
	Dir      string
	Segment  int64 // bytes
	Keep     int64 // bytes
	Sync     string
	Bodies   string
	Redact   []string // header names and JSON paths besides the usual secrets
	Required bool
}

// Target is the table [target].
type Target struct {
	Timeout time.Duration // 0: none
}

// Limits is the table [limits].
type Limits struct {
	Header      int64 // bytes of a request's head
	Body        int64 // bytes of a body held for key and match
	Connections int
	Held        int
	Hold        time.Duration
	Deliveries  int
}

func defaultProxy() Proxy {
	return Proxy{Listen: "127.0.0.1:3128", Admin: "127.0.0.1:9128", Signs: "errors"}
}

func defaultLog() Log {
	return Log{Dir: "faultline-log", Segment: 64 << 20, Keep: 10 << 30, Sync: "interval 100ms", Bodies: "hash"}
}

func defaultLimits() Limits {
	return Limits{Header: 256 << 10, Body: 1 << 20, Connections: 10_000, Held: 10_000, Hold: 10 * time.Minute, Deliveries: 1_000_000}
}

func (p *Proxy) fields() []schema.Field {
	return []schema.Field{
		address(&p.Listen, "listen", "where workers point HTTP_PROXY at"),
		address(&p.Admin, "admin", "metrics and health"),
		schema.Bool(&p.Open, "open", "anybody who reaches the address may use the proxy"),
		schema.Enum(&p.Signs, "signs", "on which answers Proxy-Status and X-Faultline-* stand: faultline's own errors, injected ones too, or none", "errors", "all", "none"),
		schema.Later("allow", "targets that may be reached"),
		schema.Later("deny", "targets that may not be reached"),
		schema.Later("clients", "who may use the proxy"),
		schema.Later("auth_file", "who may use the proxy, by password"),
	}
}

func (l *Log) fields() []schema.Field {
	return []schema.Field{
		schema.String(&l.Dir, "dir", "folder of the delivery log"),
		atLeast(&l.Segment, "segment", 4<<10, "size at which a segment is full"),
		atLeast(&l.Keep, "keep", 4<<10, "size of all segments above which the oldest goes"),
		words(&l.Sync, "sync", `"interval 100ms", "always" or "never"`, "when records are synced to disk", readSync),
		words(&l.Bodies, "bodies", `"none", "hash", "first 4KiB" or "full"`, "what the log keeps of request bodies", readBodies),
		schema.Strings(&l.Redact, "redact", "names of headers, and JSON paths, that are redacted besides the usual secrets"),
		schema.Bool(&l.Required, "required", "an attempt that cannot be recorded is refused"),
	}
}

func (t *Target) fields() []schema.Field {
	return []schema.Field{
		schema.Duration(&t.Timeout, "timeout", "how long a target may take to answer; without it, or at 0s, as long as it wants"),
		schema.Later("ca_file", "certificates that targets are verified with"),
		schema.Later("insecure", "targets are not verified"),
		schema.Later("proxy", "a proxy on the way to the target"),
	}
}

func (l *Limits) fields() []schema.Field {
	return []schema.Field{
		atLeast(&l.Header, "header", 1<<10, "size of a request's head"),
		atLeast(&l.Body, "body", 1, "how much of a body is held in memory for key and match"),
		schema.Int(&l.Connections, "connections", 1, math.MaxInt, "connections of senders at once"),
		schema.Int(&l.Held, "held", 1, math.MaxInt, "attempts held at once by hang, stall and latency"),
		schema.Duration(&l.Hold, "hold", "the longest that an attempt is held"),
		schema.Int(&l.Deliveries, "deliveries", 1, math.MaxInt, "deliveries that are remembered"),
	}
}

// address is a field of host:port.
func address(to *string, key, doc string) schema.Field {
	return words(to, key, `host:port such as "127.0.0.1:3128"`, doc, func(text string) bool {
		at := strings.LastIndexByte(text, ':')
		if at < 0 || strings.ContainsAny(text, "/ ") {
			return false
		}
		_, err := strconv.ParseUint(text[at+1:], 10, 16)
		return err == nil
	})
}

// words is a field of a string in a form of its own.
func words(to *string, key, allowed, doc string, valid func(string) bool) schema.Field {
	f := schema.Func(key, "string", allowed, doc, func(v schema.Value) {
		t, isText := v.Raw.(string)
		if !isText || !valid(t) {
			v.Reject("unknown value", allowed, "")
			return
		}
		*to = t
	})
	f.Default = strconv.Quote(*to)
	return f
}

// atLeast is a field of a size that is not below least.
func atLeast(to *int64, key string, least int64, doc string) schema.Field {
	f := schema.Size(to, key, doc)
	return f.Checked(func(v schema.Value) {
		if *to < least {
			v.Reject("too small", "at least "+schema.FormatSize(least), "")
		}
	})
}

func readSync(text string) bool {
	interval, is := strings.CutPrefix(text, "interval ")
	d, err := schema.ParseDuration(interval)
	return is && err == nil && d > 0 || text == "always" || text == "never"
}

func readBodies(text string) bool {
	size, is := strings.CutPrefix(text, "first ")
	n, err := schema.ParseSize(size)
	return is && err == nil && n > 0 || text == "none" || text == "hash" || text == "full"
}
