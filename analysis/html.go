package analysis

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

// page is what the template shows.
type page struct {
	Style    template.CSS
	Title    string
	Verdict  Result // "": nothing was asked
	Headline string
	Run      string // scenario, seed and time
	Empty    bool   // not one attempt came
	Facts    []fact

	Findings []finding
	Policies []string
	Checks   []Check // asked for, and those of validity that do not hold
	Lost     []lostRow
	LostMore string
	Notes    []string

	Times    chart
	Rules    []lane
	Hosts    []hostRow
	HostsSay string
	Faults   []Fault
	Strips   stripChart
	Gaps     []chart
	Took     chart
	Herd     chart
	LeftOut  []string
}

// HTML is the report as one page that holds all it needs: no script, nothing to fetch. The same report gives the same bytes. Its question must have had Plots.
func (r *Report) HTML() ([]byte, error) {
	tmpl, err := template.New("page").Funcs(template.FuncMap{"period": period, "percent": percent, "thousands": thousands}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("parse the page: %w", err)
	}
	var b bytes.Buffer
	if err := tmpl.Execute(&b, r.page()); err != nil {
		return nil, fmt.Errorf("make the page: %w", err)
	}
	return b.Bytes(), nil
}

func (r *Report) page() page {
	p := page{
		Style: template.CSS(pageStyle), Title: "faultline: " + r.headline(), Headline: r.headline(), Run: r.run(), Empty: r.Attempts == 0,
		Findings: r.findings(), Policies: r.policies(), Notes: r.notes(),
	}
	if r.Asked > 0 {
		p.Verdict = r.Verdict
	}
	for _, lost := range r.Left {
		p.Lost = append(p.Lost, lostRow{readable(lost.name(), 40), lost.String()})
	}
	if more := r.Lost - len(r.Left); more > 0 {
		p.LostMore = "and " + thousands(more) + " more"
	}
	for i, c := range r.Checks {
		if asked := i >= len(r.Checks)-r.Asked; asked || c.Result != Pass && !p.Empty {
			c.Text = readable(c.Text, 400)
			c.Evidence = readableKeys(c.Evidence)
			p.Checks = append(p.Checks, c)
		}
	}
	if p.Empty {
		return p
	}
	p.Facts = r.facts()
	p.Times = r.plots.times.chart()
	rules, left := r.plots.times.rules()
	p.Rules = rules
	p.Hosts, p.HostsSay = r.hosts()
	p.Faults = r.Faults
	p.Strips = r.plots.strips.chart()
	for i := range r.plots.gaps[:min(len(r.plots.gaps), mostSenders)] {
		p.Gaps = append(p.Gaps, r.plots.gaps[i].chart())
	}
	p.Took = r.plots.took.chart(&r.Policy)
	p.Herd = r.plots.herd.chart()
	p.LeftOut = r.leftOut(p, left)
	return p
}
