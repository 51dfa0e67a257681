package scenario_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// gatewayTo is a gateway's listener, which stands for a target.
func gatewayTo(scheme, host string, port int) *scenario.Subject {
	return &scenario.Subject{Placement: scenario.Gateway, Scheme: scheme, Host: host, Port: port}
}

// ownListener is the proxy's own.
func ownListener() *scenario.Subject { return &scenario.Subject{Placement: scenario.Forward} }

// What closes a listener, and which rule it is; 30 s after the start.
func TestDoor(t *testing.T) {
	const down = "[[rule]]\nname = \"down\"\n"
	const above = "[[rule]]\nname = \"above\"\n"
	const own = down + "refuse = { listener = true }\n"
	for _, test := range []struct {
		name, rules  string
		gateway, own string
	}{
		{"no rule", ``, "", ""},
		{"refuse", down + `refuse = true`, "down refusing", ""},
		{"refuse with a code", down + `refuse = { code = 502 }`, "", ""},
		{"refuse by the listener", own, "", "down refusing"},
		{"not enabled", down + "enabled = false\nrefuse = true", "", ""},
		{"not enabled, own", own + "enabled = false", "", ""},
		{"connect_timeout", down + `connect_timeout = true`, "down silent", ""},
		{"connect_timeout by the listener", down + `connect_timeout = { listener = true }`, "", "down silent"},
		{"another fault", down + `reset = true`, "", ""},

		{"in its window", down + "when = { after = \"20s\", for = \"20s\" }\nrefuse = true", "down refusing", ""},
		{"after its window", down + "when.for = \"30s\"\nrefuse = true", "", ""},
		{"at this time of day", down + "when.daily = \"12:00-12:01\"\nrefuse = true", "down refusing", ""},
		{"in this phase", "[[phase]]\nname = \"calm\"\nfor = \"10s\"\n[[phase]]\nname = \"outage\"\n" + down + "when.phase = \"outage\"\nrefuse = true", "down refusing", ""},
		{"in another phase", "[[phase]]\nname = \"calm\"\nfor = \"1m\"\n[[phase]]\nname = \"outage\"\n" + down + "when.phase = \"outage\"\nrefuse = true", "", ""},

		{"this target", down + "match = { host = \"hooks.example.com:443\", scheme = \"https\", placement = \"gateway\" }\nrefuse = true", "down refusing", ""},
		{"another host", down + "match.host = \"a.test\"\nrefuse = true", "", ""},
		{"another scheme", down + "match.scheme = \"http\"\nrefuse = true", "", ""},
		{"another placement", down + "match.placement = \"forward\"\nrefuse = true", "", ""},
		{"some senders", down + "match.client = \"10.0.0.0/8\"\nrefuse = true", "", ""},
		{"some paths", down + "match.path = \"/x\"\nrefuse = true", "", ""},
		{"some attempts", down + "when.attempt = 1\nrefuse = true", "", ""},
		{"by number", down + "when.nth = 2\nrefuse = true", "", ""},
		{"some times", down + "when.times = 2\nrefuse = true", "", ""},
		{"by chance", down + "when.chance = 0.5\nrefuse = true", "", ""},
		{"by a draw", down + "one_of = [{ refuse = true }, { reset = true }]", "", ""},
		{"after the delivery", down + "deliver_first = true\nrefuse = true", "", ""},
		{"bound to the CONNECT", down + "when.moment = \"connect\"\nrefuse = true", "down refusing", ""},
		{"with a delay", down + "latency = \"1s\"\nrefuse = true", "down refusing", ""},

		{"below a pass", above + "pass = true\n" + down + "refuse = true\n", "", ""},
		{"below a pass, own", above + "pass = true\n" + own, "", ""},
		{"below a pass of another host", above + "match.host = \"a.test\"\npass = true\n" + down + "refuse = true", "down refusing", ""},
		{"below a pass of a host, own", above + "match.host = \"hooks.example.com\"\npass = true\n" + own, "", "down refusing"},
		{"below a pass that is over", above + "when.for = \"10s\"\npass = true\n" + down + "refuse = true", "down refusing", ""},
		{"below a pass that looks inside", above + "match.path = \"/health\"\npass = true\n" + down + "refuse = true", "", ""},
		{"below a status", above + "when.for = \"1m\"\nstatus = 503\n" + down + "refuse = true", "", ""},
		{"below a status of first attempts", above + "when.attempt = 1\nstatus = 503\n" + down + "refuse = true", "", ""},
		{"below a last", above + "last = true\nlatency = \"1s\"\n" + down + "refuse = true", "", ""},
		{"below a delay", above + "match.path = \"/x\"\nlatency = \"1s\"\n" + down + "refuse = true", "down refusing", ""},
		{"below what waits for the answer", above + "match.response = \"5xx\"\nreset = true\n" + down + "refuse = true", "down refusing", ""},
		{"below a fault of CONNECT", above + "tls = \"expired\"\n" + down + "refuse = true", "down refusing", ""},
		{"below a fault of a sender's CONNECT", above + "match.client = \"10.0.0.7\"\nwhen.moment = \"connect\"\nrefuse = true\n" + down + "refuse = true", "down refusing", ""},
		{"the first of two", above + "refuse = true\n" + down + "refuse = true", "above refusing", ""},
		{"each its own", above + "refuse = { listener = true }\n" + down + "refuse = true", "down refusing", "above refusing"},

		{"no webhook", "delivery.match.host = \"a.test\"\n" + down + "refuse = true", "", ""},
		{"webhooks of some senders", "delivery.match.client = \"10.0.0.0/8\"\n" + down + "refuse = true", "", ""},
		{"webhooks of some methods", "delivery.match.method = \"POST\"\n" + down + "refuse = true", "down refusing", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := parse(t, test.rules)
			at := scenario.Instant{Now: noon.Add(30 * time.Second), Start: noon}
			said := func(subj *scenario.Subject) string {
				door, _ := s.DoorAt(subj, at)
				if door.State == faults.DoorOpen {
					require.Equal(t, scenario.Door{}, door)
					return ""
				}
				require.NotEmpty(t, door.Faults)
				return fmt.Sprintf("%s %s", door.Rule, door.State)
			}
			require.Equal(t, test.gateway, said(gatewayTo("https", "hooks.example.com", 443)))
			require.Equal(t, test.own, said(ownListener()))
		})
	}
}

// A clock that waits for the first attempt must not be kept waiting by what it would open.
func TestDoorBeforeTheClockStarts(t *testing.T) {
	const first = "clock = \"first_attempt\"\n[[rule]]\nname = \"down\"\nrefuse = true\n"
	before := scenario.Instant{Now: noon}
	gateway := gatewayTo("http", "a.test", 80)
	for _, test := range []struct {
		keys string
		want faults.Door
	}{
		{``, faults.DoorRefusing},
		{`when.daily = "11:00-13:00"`, faults.DoorRefusing},
		{`when.for = "1m"`, faults.DoorOpen},
	} {
		door, _ := parse(t, first+test.keys).DoorAt(gateway, before)
		require.Equal(t, test.want, door.State, test.keys)
		door, _ = parse(t, first+test.keys).DoorAt(gateway, scenario.Instant{Now: noon, Start: noon})
		require.Equal(t, faults.DoorRefusing, door.State, test.keys)
	}
}

// Up to the moment that is named a door stays as it is, and it is named often enough that every change is seen.
func TestDoorStaysUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	const phases = "[[phase]]\nname = \"calm\"\nfor = \"40m\"\n[[phase]]\nname = \"outage\"\nfor = \"20m\"\n"
	for _, test := range []struct {
		name, text string
		changes    int // in four days that have a change of the clocks in them
	}{
		{"never", ``, 0},
		{"once", `when = { after = "10m", for = "1h" }`, 2},
		{"without end", `when.after = "10m"`, 1},
		{"flapping", `when = { after = "7m", for = "90m", repeat_every = "5h" }`, 39},
		{"always flapping", `when = { for = "5h", repeat_every = "5h" }`, 0},
		{"daily", `when.daily = "03:15-04:00"`, 8},
		{"daily, in the hour that is left out", `when.daily = "02:15-02:45"`, 6},
		{"over midnight", `when.daily = "23:00-01:30"`, 8},
		{"days", `when.days = ["sun", "tue"]`, 3},
		{"days and hours", "when = { days = [\"sun\"], daily = \"22:00-06:00\" }", 2},
		{"hours elsewhere", `when.daily = "02:00-03:00 America/New_York"`, 8},
		{"from", `when.from = 2026-03-29T10:00:00`, 1},
		{"from, until", "when = { from = 2026-03-29T01:59:00, until = 2026-03-29T03:01:00 }", 2},
		{"phase", `when.phase = "outage"`, 2},
	} {
		for season, start := range map[string]time.Time{
			"spring": time.Date(2026, 3, 27, 18, 0, 0, 0, berlin), "autumn": time.Date(2026, 10, 23, 18, 0, 0, 0, berlin),
		} {
			t.Run(test.name+" in "+season, func(t *testing.T) {
				s := parse(t, "timezone = \"Europe/Berlin\"\n"+phases+"[[rule]]\nname = \"down\"\nrefuse = true\n"+test.text)
				gateway := gatewayTo("http", "a.test", 80)
				at := scenario.Instant{Now: start, Start: start}
				door, until := s.DoorAt(gateway, at)
				changes, looks := 0, 0
				for at.Now = start.Add(time.Minute); at.Now.Before(start.Add(96 * time.Hour)); at.Now = at.Now.Add(time.Minute) {
					now, next := s.DoorAt(gateway, at)
					if until.IsZero() || at.Now.Before(until) {
						require.Equal(t, door, now, "at %s, said to stay until %s", at.Now, until)
						continue
					}
					if now.State != door.State {
						changes++
					}
					require.True(t, next.IsZero() || next.After(at.Now))
					door, until, looks = now, next, looks+1
				}
				if season == "spring" {
					require.Equal(t, test.changes, changes)
				}
				require.Less(t, looks, 100)
			})
		}
	}
}
