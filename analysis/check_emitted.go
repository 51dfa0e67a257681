package analysis

// emittedName is the check of what a log cannot know of: the keys that the application says it published.
const emittedName = "emitted"

// mostMissing is how many keys are named that never came: nothing else knows them.
const mostMissing = 100

// AddEmitted adds to a report, and its verdict, whether each of so many keys that an application has published came to the wire; missing are those that did not. Where nothing
// else is asked, those that came must have arrived, all but undelivered of them, for a pass.
func (r *Report) AddEmitted(keys int, missing []string, undelivered int) {
	var c Check
	came := keys - len(missing)
	switch {
	case keys == 0:
		c = answer(Inconclusive, 0, "no key was noted: is it that file that the application writes?")
	case len(missing) > 0:
		c = answer(Fail, keys, "%d of %d keys never came to the wire", len(missing), keys)
	case r.Asked == 0 && undelivered > 0:
		c = answer(Inconclusive, keys, `%d of %d keys did not arrive, of which nothing is asked: delivered = "100%%" in [expect] asks`, undelivered, keys)
	default:
		c = answer(Pass, keys, "%d of %d keys came to the wire", keys, keys)
	}
	c = c.of(float64(came), float64(keys))
	c.Name, c.Evidence, c.absent = emittedName, missing[:min(len(missing), mostMissing)], true
	verdict := r.Verdict
	if r.Asked == 0 {
		verdict = c.Result
	}
	r.Checks, r.Asked, r.Verdict = append(r.Checks, c), r.Asked+1, verdict.and(c.Result)
}
