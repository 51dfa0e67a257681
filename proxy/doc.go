// Package proxy accepts attempts and performs what was decided for them. It decides nothing.
//
// Every attempt, whatever the placement it came in by, is one exchange:
//
//	identify   what the attempt is: its target, its subject for the rules             identify.go
//	hold       as much of its body as the decision needs, and no more                 body.go
//	decide     scenario.Decide and the counters, under one lock                       exchange.go
//	perform    the plan's wire steps, one after another                               perform.go, wire_*.go
//	record     Journal.Append, before the last byte, the FIN or the RST               record.go
//
// A CONNECT that is passed through is a tunnel (tunnel.go): decided at the moment Connect, never a delivery.
//
// An exchange is begun by Server.ServeHTTP and asks its connection, not itself, where it came in: senderConn carries an entrance, which is the placement,
// and the scheme and authority that a request in origin form stands for. That is all that a placement provides. An intercepted connection is
// TLS on the hijacked one, handed to the same server (intercept.go, handed.go); a gateway is one more listener (gateway.go). The receiver will be a
// target that a Forward step calls instead of dialling, on a listener whose entrance names it.
//
// Promise: an attempt is recorded before the sender can see its end, at most one request goes to the target for one that came in, and what the
// sender sees of a target's failure is what it would have seen without us.
//
// goproxy is the engine that relays a target's answer to the sender (engine.go); the way to the target is ours (trip.go, target.go).
package proxy
