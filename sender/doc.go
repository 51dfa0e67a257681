// Package sender is a sender of webhooks to test with: of `demo`, of `send`, of `replay` and of the tests. One retry policy in many shapes,
// from a sender that does all right to one with the bug that faultline was made to find.
//
// Promise: what the policy says happens and nothing else does: no redirect is followed, no request is sent twice behind its back, no proxy is
// taken from the environment, and the same seed pauses for the same times whatever else is sent at once.
//
//	policy, err := sender.ParsePolicy("exponential 1s x2 full-jitter 5")
//	s := sender.New(sender.Config{Policy: policy, Proxy: proxyURL, Seed: 42})
//	result := s.Deliver(ctx, sender.Webhook{URL: "http://hooks.example.com/claims", ID: "wh_1", Body: body})
package sender
