package analysis

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// The JSON of reports is a public contract: names and order stand here, once.

// VerdictJSON is what check --json prints.
type VerdictJSON struct {
	Verdict    Result         `json:"verdict"`  // pass, fail or inconclusive
	Scenario   string         `json:"scenario"` // name@hash of the scenario that asks; empty without one
	Attempts   int            `json:"attempts"`
	Deliveries DeliveriesJSON `json:"deliveries"`
	Checks     []CheckJSON    `json:"checks"`
	Policy     PolicyJSON     `json:"policy"`             // of several senders what they have in common
	Policies   []SenderJSON   `json:"policies,omitempty"` // of each, where there are several
	Defects    []DefectJSON   `json:"defects"`
}

// DeliveriesJSON counts them by state.
type DeliveriesJSON struct {
	Acknowledged int `json:"acknowledged"`
	Lost         int `json:"lost"`
	Open         int `json:"open"`
}

// CheckJSON is one check.
type CheckJSON struct {
	Name     string   `json:"name"`     // the key of [expect], untouched.KEY, or V1 to V6
	Result   Result   `json:"result"`   // pass, fail or inconclusive
	Figure   *float64 `json:"figure"`   // what was found; times in milliseconds
	Limit    *float64 `json:"limit"`    // what was asked
	Basis    int      `json:"basis"`    // how many deliveries, attempts or gaps it rests on
	Evidence []string `json:"evidence"` // keys of up to three deliveries
	Text     string   `json:"text"`
}

// PolicyJSON is the inferred policy. What could not be inferred is null.
type PolicyJSON struct {
	Attempts   *int            `json:"attempts"`              // of a delivery that is given up
	Shape      *string         `json:"shape"`                 // none, constant, linear, exponential or schedule
	FirstMS    *int64          `json:"first_ms"`              // the wait after the first attempt; with full and equal jitter the longest it may be
	Factor     *float64        `json:"factor"`                // of an exponential shape
	StepMS     *int64          `json:"step_ms,omitempty"`     // of a linear one
	ScheduleMS []int64         `json:"schedule_ms,omitempty"` // of a schedule
	CapMS      *int64          `json:"cap_ms"`                // of an exponential shape, when waits were seen to reach it
	Jitter     *string         `json:"jitter"`                // none, full, equal or some
	Fit        *float64        `json:"fit"`                   // the share of the gaps that lie where the policy puts them
	Gaps       int             `json:"gaps"`                  // how many it rests on
	Retries    map[string]bool `json:"retries"`               // whether an ending is retried: a status, connect, read_timeout, broken
	RetryAfter Obedience       `json:"retry_after"`           // obeyed, ignored or unknown
	TimeoutMS  *int64          `json:"timeout_ms"`            // how long it waits for an answer
	SurvivesMS *SurvivesJSON   `json:"survives_ms"`           // the longest outage that a delivery survives
}

// SenderJSON is the policy of one of several senders, or one of several policies of one.
type SenderJSON struct {
	Of string `json:"of"` // what tells its deliveries from the others'
	PolicyJSON
}

// SurvivesJSON is the longest outage survived, in milliseconds.
type SurvivesJSON struct {
	Worst  int64 `json:"worst"`  // surely
	Median int64 `json:"median"` // in the middle of all
}

// DefectJSON is one defect.
type DefectJSON struct {
	Name       string   `json:"name"`         // as in the verdict
	Of         string   `json:"of,omitempty"` // the sender whose it is, where there are several
	Deliveries int      `json:"deliveries"`   // that show it
	Evidence   []string `json:"evidence"`     // keys of up to three
	Mend       string   `json:"mend"`         // in Celery's settings
}

// ReportJSON is what report --json prints.
type ReportJSON struct {
	Policy    PolicyJSON     `json:"policy"`             // how the sender retries, as its attempts show it; of several senders what they have in common
	Policies  []SenderJSON   `json:"policies,omitempty"` // the policy of each with `of`, what tells its deliveries from the others', where there are several
	Defects   []DefectJSON   `json:"defects"`            // what is wrong with that
	Endpoints []EndpointJSON `json:"endpoints"`          // by host, the worst first
	Faults    []FaultJSON    `json:"faults"`             // what became of attempts that met one, by kind
}

// EndpointJSON is one host.
type EndpointJSON struct {
	Host        string                     `json:"host"`         // with its port, unless it is the scheme's own
	Attempts    int                        `json:"attempts"`     // to it
	Deliveries  int                        `json:"deliveries"`   // to it, open ones too
	SuccessRate float64                    `json:"success_rate"` // share of the settled deliveries that were acknowledged and delivered
	P50MS       float64                    `json:"p50_ms"`       // half of the attempts took no longer, as the sender saw them
	P99MS       float64                    `json:"p99_ms"`       // 99 in 100 took no longer
	Duplicates  int                        `json:"duplicates"`   // deliveries that the target answered with success more than once
	ByOutcome   map[deliveries.Outcome]int `json:"by_outcome"`   // attempts, by what the sender saw
}

// FaultJSON is one kind of fault.
type FaultJSON struct {
	Fault      string `json:"fault"`      // its kind
	Attempts   int    `json:"attempts"`   // that met it
	Followed   int    `json:"followed"`   // attempts that were followed by another one
	Deliveries int    `json:"deliveries"` // of these attempts
	Arrived    int    `json:"arrived"`    // of these deliveries, acknowledged and delivered
}

// VerdictJSON is the report as check --json prints it, with its newline.
func (r *Report) VerdictJSON() ([]byte, error) {
	out := VerdictJSON{
		Verdict: r.Verdict, Scenario: r.Scenario, Attempts: r.Attempts, Deliveries: DeliveriesJSON{r.Acknowledged, r.Lost, r.Open},
		Checks: []CheckJSON{}, Policy: r.Policy.json(), Policies: r.policiesJSON(), Defects: r.defectsJSON(),
	}
	for _, c := range r.Checks {
		evidence := c.Evidence
		if evidence == nil {
			evidence = []string{}
		}
		out.Checks = append(out.Checks, CheckJSON{c.Name, c.Result, c.Figure, c.Limit, c.Basis, evidence, c.Text})
	}
	return encoded(out)
}

// JSON is the report as report --json prints it, with its newline.
func (r *Report) JSON() ([]byte, error) {
	out := ReportJSON{Policy: r.Policy.json(), Policies: r.policiesJSON(), Defects: r.defectsJSON(), Endpoints: []EndpointJSON{}, Faults: []FaultJSON{}}
	for _, e := range r.Endpoints {
		out.Endpoints = append(out.Endpoints, EndpointJSON{e.Host, e.Attempts, e.Deliveries, e.SuccessRate, ms(e.P50), ms(e.P99), e.Duplicates, e.ByOutcome})
	}
	for _, f := range r.Faults {
		out.Faults = append(out.Faults, FaultJSON{f.Kind, f.Attempts, f.Followed, f.Deliveries, f.Arrived})
	}
	return encoded(out)
}

func (r *Report) policiesJSON() (all []SenderJSON) {
	for _, p := range r.Policies {
		all = append(all, SenderJSON{p.Of, p.json()})
	}
	return all
}

func (r *Report) defectsJSON() []DefectJSON {
	all := []DefectJSON{}
	for _, d := range r.Defects {
		all = append(all, DefectJSON{d.Name, d.Sender, d.Deliveries, d.Evidence, d.Mend})
	}
	return all
}

func (p *Policy) json() PolicyJSON {
	out := PolicyJSON{
		Attempts: p.Attempts, Shape: text(p.Shape), FirstMS: whole(p.First), Factor: p.Factor, StepMS: whole(p.Step), CapMS: whole(p.Cap), Jitter: text(p.Jitter),
		Fit: p.Fit, Gaps: p.Gaps, Retries: p.Retries, RetryAfter: p.Obeys, TimeoutMS: whole(p.Timeout),
	}
	for _, wait := range p.Schedule {
		out.ScheduleMS = append(out.ScheduleMS, wait.Milliseconds())
	}
	if s := p.Survives; s != nil {
		out.SurvivesMS = &SurvivesJSON{s.Worst.Milliseconds(), s.Median.Milliseconds()}
	}
	return out
}

// text is a word, or null for none.
func text[T ~string](word T) *string {
	if word == "" {
		return nil
	}
	plain := string(word)
	return &plain
}

// whole is a time in whole milliseconds, or null.
func whole(d *time.Duration) *int64 {
	if d == nil {
		return nil
	}
	n := d.Milliseconds()
	return &n
}

func encoded(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	return b.Bytes(), err
}
