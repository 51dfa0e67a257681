// Package harness starts the real programs that the end-to-end tests run against, and reads what they left behind:
// faultline itself, targets, Redis, Celery, HTTP clients, the log.
//
// Its promise: everything listens on a free port of the loopback, is ended with the test that started it at the latest, and nothing else is ever
// ended. A failed test prints what its programs printed.
//
//	target := harness.NewTarget(t, nil)
//	proxy := harness.Start(t, harness.Options{Binary: binary, Scenario: `name = "none"`})
//	… send something to target.URL through proxy.URL …
//	attempts := proxy.Log.Attempts(t)
package harness
