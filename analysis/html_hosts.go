package analysis

import "fmt"

// hostRow is an endpoint in the table.
type hostRow struct {
	Host, Title                          string
	Success                              string
	Rate                                 string // a width
	Bad                                  bool
	Deliveries, Open, Attempts, P50, P99 string
	Twice                                string
	Trend                                []rect
}

// mostHosts is how many the table has.
const mostHosts = 50

// hosts are the endpoints, the worst first, and what there is to be seen.
func (r *Report) hosts() (rows []hostRow, says string) {
	for _, e := range r.Endpoints[:min(len(r.Endpoints), mostHosts)] {
		row := hostRow{
			Host: readable(e.Host, 60), Title: readable(e.Host, 300), Success: "–", Rate: share(e.SuccessRate), Bad: e.SuccessRate < 1, Deliveries: thousands(e.Deliveries),
			Open: thousands(e.Deliveries - e.Settled), Attempts: thousands(e.Attempts), P50: period(e.P50), P99: period(e.P99), Twice: thousands(e.Duplicates), Trend: e.bars(),
		}
		if e.Settled > 0 {
			row.Success = percent(e.SuccessRate)
		}
		rows = append(rows, row)
	}
	worst := r.Endpoints[0]
	switch {
	case worst.SuccessRate == 1 && len(r.Endpoints) == 1:
		says = fmt.Sprintf("All settled deliveries to %s arrived.", rows[0].Host)
	case worst.SuccessRate == 1:
		says = fmt.Sprintf("All settled deliveries to all %d endpoints arrived.", len(r.Endpoints))
	case len(r.Endpoints) == 1:
		says = fmt.Sprintf("%s of %s to %s did not arrive.", thousands(worst.Settled-worst.Arrived), manyOf(worst.Settled, "settled delivery"), rows[0].Host)
	default:
		says = fmt.Sprintf("%s fares worst: %s of its %s did not arrive.", rows[0].Host, thousands(worst.Settled-worst.Arrived), manyOf(worst.Settled, "settled delivery"))
	}
	return rows, says
}

// bars are the attempts from the first in the log to the last.
func (e *Endpoint) bars() []rect {
	const height = 24
	most := 1
	for _, step := range e.steps {
		most = max(most, step.sum())
	}
	scale := countScale{float64(most), height}
	var bars []rect
	for i, step := range e.steps {
		bars = append(bars, scale.stack((float64(i)+(1-barShare)/2)/trendSteps, barShare/trendSteps, step, "")...)
	}
	return bars
}
