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
// An exchange is begun by Server.ServeHTTP and asks its connection, not itself, where it came in: senderConn carries the placement, the scheme and
// the authority that a request in origin form stands for. That is all that a later placement has to provide. An intercepted
// connection is a senderConn over tls.Server on the hijacked one, served by an http.Server on a listener that hands out just that connection,
// with this same handler; a gateway is one more listener whose connections carry its target's scheme and authority; the receiver is a target
// that a Forward step calls instead of dialling.
//
// Promise: an attempt is recorded before the sender can see its end, at most one request goes to the target for one that came in, and what the
// sender sees of a target's failure is what it would have seen without us.
//
// goproxy is the engine that relays a target's answer to the sender (engine.go); the way to the target is ours (target.go).
package proxy
