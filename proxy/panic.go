package proxy

import (
	"net/http"
	"runtime/debug"
)

// survive keeps the process alive when an attempt panics: the attempt fails, its connection is reset, so that nothing of it looks whole. That is done here,
// as the server no longer closes a connection that was taken from it.
func (s *Server) survive(r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler {
		panic(p)
	}
	s.panicked("attempt", p)
	connOf(r.Context()).reset()
	panic(http.ErrAbortHandler)
}

// surviveBeside is survive for what runs beside attempts, and that none of them depends on.
func (s *Server) surviveBeside(what string) {
	if p := recover(); p != nil {
		s.panicked(what, p)
	}
}

// panicked counts a panic and logs where it came from.
func (s *Server) panicked(what string, p any) {
	s.cfg.Refused("panic")
	s.cfg.Log.Error(what+" ended by a panic", "panic", p, "stack", string(debug.Stack()))
}
