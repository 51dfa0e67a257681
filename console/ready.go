package console

import "net/http"

// readyPage answers 200 once everything is there that serving needs, else 503 with what is missing.
func readyPage(ready func() Readiness) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		missing := ready().missing()
		if len(missing) > 0 {
			problem{Status: http.StatusServiceUnavailable, Detail: "not ready", NotReady: missing}.write(w)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		write(w, []byte(`{"ready":true}`+"\n"))
	}
}

func (r Readiness) missing() map[string]string {
	missing := make(map[string]string)
	for name, err := range map[string]error{"listening": r.Listening, "log": r.Log, "scenario": r.Scenario} {
		if err != nil {
			missing[name] = err.Error()
		}
	}
	return missing
}
