package proxy

import "runtime/debug"

// surviveBeside keeps the process alive when what runs beside attempts, and that none of them depends on, panics.
func (s *Server) surviveBeside(what string) {
	if p := recover(); p != nil {
		s.panicked(what, p)
	}
}

// surviveConn keeps it alive when what serves a connection panics between two attempts.
func (s *Server) surviveConn(c *senderConn) {
	if p := recover(); p != nil {
		s.panicked("connection", p)
		c.reset()
	}
}

// panicked counts a panic and logs where it came from.
func (s *Server) panicked(what string, p any) {
	s.cfg.Refused("panic")
	s.cfg.Log.Error(what+" ended by a panic", "panic", p, "stack", string(debug.Stack()))
}
