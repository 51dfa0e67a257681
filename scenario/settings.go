package scenario

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/faultline/faultline/schema"
)

// Proxy is the table [proxy].
type Proxy struct {
	Listen   string         // host:port
	Admin    string         // host:port
	Allow    Destinations   // none: all that is not forbidden
	Deny     Destinations   // goes before Allow
	Clients  []netip.Prefix // who may use it; none: this machine alone, unless AuthFile or Open says otherwise
	AuthFile string         // htpasswd; "" none
	Open     bool           // anybody may use it
	Signs    string         // errors, all, none
}

// TLS is the table [tls].
type TLS struct {
	Intercept []string // globs of hosts, as in a match
	Auto      bool     // "auto" is among them: hosts that a rule needs to look into
	CADir     string   // "": the user's config folder, faultline
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
	CAFile   string        // PEM; "": the system's roots
	Insecure bool          // targets are not verified
	Timeout  time.Duration // 0: none
	Proxy    string        // host:port of a proxy on the way; "": none
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
		destinationsField(&p.Allow, "allow", "targets that may be reached, by name or by resolved address; without it all but link-local and metadata addresses"),
		destinationsField(&p.Deny, "deny", "targets that may not be reached, whatever allow says"),
		schema.Func("clients", "value or list", wantClient, "addresses or CIDRs of those who may use the proxy, besides this machine; without it this machine alone",
			func(v schema.Value) { each(v, p.readClient) }).Checked(notEmpty),
		schema.String(&p.AuthFile, "auth_file", "who may use the proxy, by password: an htpasswd file of bcrypt hashes (htpasswd -B); a path from the working folder").Checked(notEmpty),
		schema.Bool(&p.Open, "open", "anybody who reaches the address may use the proxy"),
		schema.Enum(&p.Signs, "signs", "on which answers Proxy-Status and X-Faultline-* stand: faultline's own errors, injected ones too, or none", "errors", "all", "none"),
	}
}

func (l *Log) fields() []schema.Field {
	return []schema.Field{
		schema.String(&l.Dir, "dir", "folder of the delivery log"),
		atLeast(&l.Segment, "segment", 4<<10, "size at which a segment is full"),
		atLeast(&l.Keep, "keep", 4<<10, "size of all segments together above which the oldest full ones are removed; one folder holds up to a segment more"),
		words(&l.Sync, "sync", `"interval 100ms", "always" or "never"`, "when records are synced to disk", readSync),
		words(&l.Bodies, "bodies", `"none", "hash", "first 4KiB" or "full"`, "what the log keeps of request bodies", readBodies),
		schema.Strings(&l.Redact, "redact", "names of headers, and JSON paths, that are redacted besides the usual secrets"),
		schema.Bool(&l.Required, "required", "an attempt that cannot be recorded is refused"),
	}
}

func (t *Target) fields() []schema.Field {
	return []schema.Field{
		schema.Duration(&t.Timeout, "timeout", "how long a target may take to answer; without it, or at 0s, as long as it wants"),
		schema.String(&t.CAFile, "ca_file", "certificates (PEM) that https targets are verified with, besides the system's and our own CA; a path from the working folder").Checked(notEmpty),
		schema.Bool(&t.Insecure, "insecure", "https targets are not verified"),
		schema.Func("proxy", "URL", wantParent, "a proxy on the way to every target, which resolves their names; without it targets are connected to directly", t.readProxy),
	}
}

const wantParent = `"http://host:port"`

func (t *Target) readProxy(v schema.Value) {
	text, _ := v.Raw.(string)
	address, isHTTP := strings.CutPrefix(text, "http://")
	switch address = strings.TrimSuffix(address, "/"); {
	case strings.Contains(address, "@"):
		v.Complain("has a user, which would stand in the log with the scenario's text", "use one that lets this machine in by its address")
	case !isHTTP || !isAddress(address):
		v.Reject("not the address of an HTTP proxy", wantParent, "")
	default:
		t.Proxy = address
	}
}

func (t *TLS) fields() []schema.Field {
	return []schema.Field{
		schema.Func("intercept", "value or list", wantIntercept, "hosts whose CONNECT is opened with our own CA; auto: those that a rule needs to look into",
			func(v schema.Value) { each(v, t.readIntercept) }),
		schema.String(&t.CADir, "ca_dir", "folder of our CA; without it faultline in the user's config folder").Checked(notEmpty),
	}
}

const wantIntercept = `"auto", or ` + wantHost

func (t *TLS) readIntercept(v schema.Value) error {
	if v.Raw == "auto" {
		t.Auto = true
		return nil
	}
	glob, err := readHost(v)
	if err != nil {
		return &wrong{"not a host", wantIntercept, hintOf(err)}
	}
	t.Intercept = append(t.Intercept, glob)
	return nil
}

func (p *Proxy) readClient(v schema.Value) error {
	prefix, err := readPrefix(v)
	if err == nil {
		p.Clients = append(p.Clients, prefix)
	}
	return err
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
	return words(to, key, `host:port such as "127.0.0.1:3128"`, doc, isAddress)
}

func isAddress(text string) bool {
	at := strings.LastIndexByte(text, ':')
	if at < 0 || strings.ContainsAny(text, "/ ") {
		return false
	}
	_, err := strconv.ParseUint(text[at+1:], 10, 16)
	return err == nil
}

func notEmpty(v schema.Value) {
	if list, isList := v.List(); v.Raw == "" || isList && len(list) == 0 {
		v.Complain("is empty", "leave it out")
	}
}

// checkOpen reports a proxy that is open to anybody and to some.
func (p *Proxy) checkOpen(v schema.Value) {
	if p.Open && (len(p.Clients) > 0 || p.AuthFile != "") {
		v.Key("open").Complain("is true, and clients or auth_file say who may use the proxy", "leave one of them out")
	}
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
	if *to != "" {
		f.Default = strconv.Quote(*to)
	}
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
