// Package arrows is the import graph as policy: what each package may import, in one table, and a check of the source against it. For tests only.
//
// A package that wants an import that its row does not have is at the wrong stage, or the row is to be changed on purpose.
package arrows

// Row is what one package may import besides the standard library. Files of tests are free, but for Sole.
type Row struct {
	Package string   // its folder
	Ours    []string // folders; "all" is every package with a row outside internal and e2e
	Modules []string // third party, by import path; what lies below is included
	Never   []string // of the standard library; "os/..." is os and what lies below
	NoClock bool     // may not ask for the time, nor wait for it
}

// Sole is a module that one package alone imports, in tests too.
type Sole struct{ Module, Package string }

// Table is the policy.
type Table struct {
	Module string // the path of ours
	Rows   []Row
	Sole   []Sole
}

// The modules.
const (
	toml       = "github.com/BurntSushi/toml"
	goproxy    = "github.com/elazarl/goproxy"
	prometheus = "github.com/prometheus/client_golang"
	doublestar = "github.com/bmatcuk/doublestar/v4"
	gjson      = "github.com/tidwall/gjson"
	sjson      = "github.com/tidwall/sjson"
	uuid       = "github.com/google/uuid"
	cobra      = "github.com/spf13/cobra"
	pflag      = "github.com/spf13/pflag"
	bcrypt     = "golang.org/x/crypto/bcrypt"
	unix       = "golang.org/x/sys/unix"
	httpguts   = "golang.org/x/net/http/httpguts"
	zstd       = "github.com/klauspost/compress/zstd"
	fsnotify   = "github.com/fsnotify/fsnotify"
	testify    = "github.com/stretchr/testify"
)

// faultlines is the table of this repository, in the order of an attempt's way.
func faultlines() Table {
	// What decides is pure: the same input, the same decision, whatever the machine. net/netip is only a way to write addresses.
	impure := []string{"net", "net/http/...", "os/...", "math/rand/...", "crypto/rand", "syscall"}
	return Table{
		Module: "github.com/faultline/faultline",
		Rows: []Row{
			{Package: "schema", Never: impure, NoClock: true},
			{Package: "faults", Ours: []string{"schema"}, Modules: []string{toml, gjson, sjson}, Never: impure, NoClock: true},
			{Package: "scenario", Ours: []string{"faults", "schema"}, Modules: []string{toml, gjson, doublestar}, Never: impure, NoClock: true},

			{Package: "deliveries", Modules: []string{zstd}, Never: []string{"net/http/..."}},
			{Package: "counters", Never: []string{"net/http/..."}},
			{Package: "ca", Never: []string{"net", "net/http/..."}, NoClock: true},

			{Package: "http1", Modules: []string{httpguts}, Never: []string{"net", "os/..."}, NoClock: true},
			{Package: "proxy", Ours: []string{"faults", "scenario", "deliveries", "counters", "ca", "http1"}, Modules: []string{goproxy, uuid, bcrypt, unix}},
			{Package: "explain", Ours: []string{"schema", "faults", "scenario", "deliveries", "counters"}, Never: impure, NoClock: true},
			{Package: "analysis", Ours: []string{"deliveries", "scenario"}, Never: impure, NoClock: true},
			{Package: "har", Ours: []string{"deliveries"}, Never: []string{"os/..."}, NoClock: true},
			{Package: "receiver", Ours: []string{"deliveries"}, Modules: []string{zstd, unix}},
			{Package: "sender", Ours: []string{"deliveries"}},
			{Package: "console", Ours: []string{"deliveries", "analysis"}, Modules: []string{prometheus}},
			{Package: "trial", Ours: []string{
				"schema", "faults", "scenario", "deliveries", "counters", "ca", "proxy", "analysis", "receiver", "sender", "configs",
			}},

			{Package: "configs"},
			{Package: "cmd/faultline", Ours: []string{"all"}, Modules: []string{cobra, pflag, uuid, fsnotify, unix}},

			{Package: "scripts/gotest"},
			{Package: "internal/arrows"},
			{Package: "internal/wiretest", Modules: []string{testify}},
			{Package: "e2e/harness", Ours: []string{"internal/wiretest"}, Modules: []string{testify, zstd}},
		},
		Sole: []Sole{{goproxy, "proxy"}},
	}
}
