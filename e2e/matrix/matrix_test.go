package matrix

import (
	"maps"
	"testing"

	"github.com/faultline/faultline/e2e/harness"
)

// outcome is all that one run of the matrix showed.
type outcome struct {
	*stage
	rows     []row
	plain    map[cell]saw // at targets that fail by themselves
	secure   map[cell]saw // the same inside TLS
	through  map[placement]map[cell]saw
	attempts map[placement]map[sent][]harness.Line
	connects []harness.Line

	wireDirectly, wire, wireAtGateway map[string]came // by row
}

// truth is what clients have of the failures themselves, as they come where faultline imitates them.
func (o *outcome) truth(in placement) map[cell]saw {
	if in.secure() {
		return o.secure
	}
	return o.plain
}

// raw is the target whose failures are the truth there.
func (o *outcome) raw(in placement) *raw {
	if in.secure() {
		return o.rawSecure
	}
	return o.rawPlain
}

// TestMatrix: each client has of each fault what it has of a target that fails by itself, but for what no proxy can reach; the log says what was seen; and
// the target got what it should.
func TestMatrix(t *testing.T) {
	t.Parallel()
	o := run(t, rows())

	t.Run("clients", func(t *testing.T) { requireTruth(t, o) })
	t.Run("wire", func(t *testing.T) { requireWire(t, o) })
	t.Run("records", func(t *testing.T) { requireRecords(t, o) })
	t.Run("connections", func(t *testing.T) { requireConnections(t, o) })
	t.Run("targets", func(t *testing.T) { requireTargets(t, o) })
	if !t.Failed() {
		t.Run("docs", func(t *testing.T) { requireGolden(t, o) })
	}
}

// run sends everything, directly and through faultline.
func run(t *testing.T, rows []row) *outcome {
	t.Helper()
	o := &outcome{stage: newStage(t, rows, answerHealthily), rows: rows, through: map[placement]map[cell]saw{}}
	o.prime(t, rows)
	results := map[placement]map[cell]harness.Result{forward: {}, tunnel: {}, intercept: {}, gateway: {}, listener: {}}
	sendIn := func(in placement) func(*testing.T) {
		return func(t *testing.T) {
			maps.Copy(results[in], post(t, chosen(rows, func(r row) bool { return r.is(in) }), o.places[in]))
		}
	}
	bare := chosen(rows, onTheWire)
	together(t, "directly", map[string]func(*testing.T){
		"http": func(t *testing.T) {
			o.plain = seenBy(post(t, chosen(rows, row.inClear), o.direct), o.rawPlain.exchanges)
		},
		"https": func(t *testing.T) {
			o.secure = seenBy(post(t, chosen(rows, row.inTLS), o.directTLS), o.rawSecure.exchanges)
		},
		"bytes": func(t *testing.T) { o.wireDirectly = listenToAll(t, bare, o.direct) },
	})
	together(t, "through faultline", map[string]func(*testing.T){
		"forward":           sendIn(forward),
		"gateway":           sendIn(gateway),
		"bytes, forward":    func(t *testing.T) { o.wire = listenToAll(t, bare, o.places[forward]) },
		"bytes, gateway":    func(t *testing.T) { o.wireAtGateway = listenToAll(t, bare, o.places[gateway]) },
		"its own listeners": func(t *testing.T) { sendToListeners(t, rows, results[listener]) },
	})
	together(t, "through faultline, TLS", map[string]func(*testing.T){"tunnel": sendIn(tunnel), "intercept": sendIn(intercept)})
	o.faultline.Stop(t) // its log is complete from here
	o.attempts = recorded(t, o.faultline.Log)
	o.connects = o.faultline.Log.Of(t, "connect")
	for _, in := range placements() {
		o.through[in] = seenBy(results[in], func(at sent) []exchange { return exchangesOf(o.attempts[in][at]) })
	}
	return o
}

// sendToListeners sends the rows whose proxy fails, each to a faultline of its own.
func sendToListeners(t *testing.T, rows []row, results map[cell]harness.Result) {
	t.Helper()
	for i, row := range rows {
		if row.is(listener) {
			maps.Copy(results, post(t, rows[i:i+1], alone(t, row)))
		}
	}
}

// together runs parts of a test at the same time.
func together(t *testing.T, name string, parts map[string]func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		for name, part := range parts {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				part(t)
			})
		}
	})
}
