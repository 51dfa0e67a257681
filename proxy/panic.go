package proxy

import "runtime/debug"

// surviveBeside keeps the process alive when what runs beside attempts, and that none of them depends on, panics.
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
