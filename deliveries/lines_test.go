package deliveries

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLines holds every kind of line against the log's contract, byte for byte.
func TestLines(t *testing.T) {
	yes, retryAfter := true, int64(30000)
	berlin := time.FixedZone("CET", 3600)
	tests := []struct {
		name   string
		record Record
		want   string
	}{
		{
			name: "attempt",
			record: &Attempt{
				Delivery: "5f2c9a", Start: time.Date(2026, 11, 24, 2, 53, 51, 123456789, berlin), Attempt: 2, Outcome: Rejected, Reached: None,
				Host: "hooks.example.com", MS: Times{Decide: 0.02, FirstByte: 812.9, Total: 813.40049}, Key: `wh_"2f9`, KeyFrom: "header:Webhook-Id",
				Endpoint: "http://hooks.example.com/claims/7", ID: "01938c7e", Try: "1", Counted: "local", Placement: "forward",
				Client: "127.0.0.1:51234", Method: "POST", URL: "http://hooks.example.com/claims/7?x=1&y=2",
				Request: Message{Bytes: 1024, SHA256: "ab", Header: map[string][]string{"Content-Type": {"application/json"}, "Date": nil}},
				Rules:   []string{"first two attempts fail"}, Faults: []string{"status"}, Phase: "outage", Scenario: "claims-outage@3f2a",
				Revision: 2, Decided: []Ruling{{4711, 0.0212341}, {4713, 12}}, Answer: &Answer{Status: 503, RetryAfterMS: &retryAfter}, End: Complete, EndedBy: ByProxy,
			},
			want: `{"v":1,"event":"attempt","delivery":"5f2c9a","start":"2026-11-24T01:53:51.123456789Z","attempt":2,"outcome":"rejected",` +
				`"reached":"none","delivered":null,"host":"hooks.example.com","ms":{"decide":0.02,"target":0,"first_byte":812.9,"total":813.4},` +
				`"key":"wh_\"2f9","key_from":"header:Webhook-Id","endpoint":"http://hooks.example.com/claims/7","id":"01938c7e","run":"run-1",` +
				`"proxy":"host-a","seq":1,"try":"1","counted":"local","placement":"forward","client":"127.0.0.1:51234","method":"POST",` +
				`"url":"http://hooks.example.com/claims/7?x=1&y=2","request":{"bytes":1024,"sha256":"ab",` +
				`"header":{"Content-Type":["application/json"]},"body":null},"rules":["first two attempts fail"],"faults":["status"],` +
				`"phase":"outage","scenario":"claims-outage@3f2a","revision":2,"decided":[{"order":4711,"ms":0.021234},{"order":4713,"ms":12}],"target":null,"answer":{"status":503,"bytes":0,"retry_after_ms":30000,` +
				`"header":{}},"end":"complete","ended_by":"proxy","error":""}`,
		},
		{
			name: "attempt that tries to look like another",
			record: &Attempt{
				Delivery: `","seq":0,"start":"`, Start: at(1), Attempt: 1, Outcome: Acknowledged, Reached: Whole, Delivered: &yes,
				Target: &Target{Status: 200, Bytes: 2, MS: 1.23456, Addr: "127.0.0.1:80", Reused: true}, End: Complete, EndedBy: ByTarget,
			},
			want: `{"v":1,"event":"attempt","delivery":"\",\"seq\":0,\"start\":\"","start":"2026-11-24T01:53:51.001000000Z","attempt":1,` +
				`"outcome":"acknowledged","reached":"whole","delivered":true,"host":"","ms":{"decide":0,"target":0,"first_byte":0,"total":0},` +
				`"key":"","key_from":"","endpoint":"","id":"","run":"run-1","proxy":"host-a","seq":1,"counted":"","placement":"","client":"",` +
				`"method":"","url":"","request":{"bytes":0,"sha256":"","header":{},"body":null},"rules":[],"faults":[],"phase":"","scenario":"",` +
				`"target":{"status":200,"bytes":2,"ms":1.235,"error":"","addr":"127.0.0.1:80","reused":true},"answer":null,"end":"complete",` +
				`"ended_by":"target","error":""}`,
		},
		{
			name:   "open",
			record: &Open{Delivery: "5f2c9a", Start: at(2), Attempt: 3, ID: "x", Host: "h", Rules: []string{"r"}, Key: "k", KeyFrom: "body", Endpoint: "e"},
			want: `{"v":1,"event":"open","delivery":"5f2c9a","start":"2026-11-24T01:53:51.002000000Z","attempt":3,"id":"x","run":"run-1",` +
				`"host":"h","rules":["r"],"key":"k","key_from":"body","endpoint":"e"}`,
		},
		{
			name:   "amend",
			record: &Amend{ID: "x", Outcome: Broken, End: Reset, EndedBy: BySender},
			want:   `{"v":1,"event":"amend","id":"x","run":"run-1","outcome":"broken","end":"reset","ended_by":"sender"}`,
		},
		{
			name:   "connect",
			record: &Connect{Start: at(3), Host: "h:443", Client: "127.0.0.1:5", Rules: []string{"r"}, Faults: []string{"refuse"}, End: Reset},
			want: `{"v":1,"event":"connect","start":"2026-11-24T01:53:51.003000000Z","host":"h:443","client":"127.0.0.1:5","rules":["r"],` +
				`"faults":["refuse"],"end":"reset","error":"","run":"run-1"}`,
		},
		{
			name: "connect, of a listener",
			record: &Connect{
				Start: at(3), Host: "h:443", Listener: "127.0.0.1:9001", Until: until(4), Rules: []string{"r"}, Faults: []string{"refuse"}, End: Refused,
			},
			want: `{"v":1,"event":"connect","start":"2026-11-24T01:53:51.003000000Z","host":"h:443","client":"","listener":"127.0.0.1:9001",` +
				`"until":"2026-11-24T01:53:51.004000000Z","rules":["r"],"faults":["refuse"],"end":"refused","error":"","run":"run-1"}`,
		},
		{
			name:   "tunnel",
			record: &Tunnel{Start: at(4), Host: "h:443", Client: "127.0.0.1:5", Up: 1024, Down: 512, MS: TunnelTimes{93.1}, End: Complete},
			want: `{"v":1,"event":"tunnel","start":"2026-11-24T01:53:51.004000000Z","host":"h:443","client":"127.0.0.1:5","up":1024,"down":512,` +
				`"ms":{"total":93.1},"end":"complete","run":"run-1"}`,
		},
		{
			name:   "other",
			record: &Other{Start: at(5), Host: "h", Method: "GET", Count: 17, Bytes: 40960, ByCode: map[string]int{"200": 16, "404": 1}},
			want: `{"v":1,"event":"other","start":"2026-11-24T01:53:51.005000000Z","host":"h","method":"GET","count":17,"bytes":40960,` +
				`"by_code":{"200":16,"404":1},"run":"run-1"}`,
		},
		{
			name:   "gap",
			record: &Gap{Start: at(6), Until: at(7), Records: 12, Error: "no space left on device"},
			want: `{"v":1,"event":"gap","start":"2026-11-24T01:53:51.006000000Z","until":"2026-11-24T01:53:51.007000000Z","records":12,` +
				`"error":"no space left on device","run":"run-1"}`,
		},
		{
			name:   "change, of a scenario",
			record: &Change{Start: at(8), Order: 12, What: ChangedScenario, Revision: 2, Scenario: "claims-outage@3f2a"},
			want: `{"v":1,"event":"change","start":"2026-11-24T01:53:51.008000000Z","run":"run-1","order":12,"what":"scenario","revision":2,` +
				`"scenario":"claims-outage@3f2a"}`,
		},
		{
			name:   "change, of a rule",
			record: &Change{Start: at(8), Order: 13, What: ChangedRule, Revision: 3, Rule: "r", On: new(bool)},
			want: `{"v":1,"event":"change","start":"2026-11-24T01:53:51.008000000Z","run":"run-1","order":13,"what":"rule","revision":3,` +
				`"rule":"r","on":false}`,
		},
		{
			name:   "change, of the phase",
			record: &Change{Start: at(8), Order: 14, What: ChangedPhase, Phase: "outage"},
			want:   `{"v":1,"event":"change","start":"2026-11-24T01:53:51.008000000Z","run":"run-1","order":14,"what":"phase","phase":"outage"}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			w := begin(t, Config{Dir: dir})
			require.NoError(t, w.Append(context.Background(), tt.record))
			require.Equal(t, runLine+tt.want+"\n", text(t, dir, "000001.jsonl"))
		})
	}
}

func until(ms int) *time.Time {
	t := at(ms)
	return &t
}
