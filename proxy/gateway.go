package proxy

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/faultline/faultline/scenario"
)

// Gateway is a listener that stands for one target: the sender calls it as if it were the target.
type Gateway struct {
	Scheme    string // http or https
	Authority string // host, and port unless it is the scheme's own
	Path      string // put before each request's path; no slash at its end
}

// ServeGateway accepts attempts for one target on l until Shutdown. It takes ownership of l. The error is nil after Shutdown.
func (s *Server) ServeGateway(l *net.TCPListener, g Gateway) error {
	came := entrance{placement: scenario.Gateway, scheme: g.Scheme, authority: g.Authority, base: strings.TrimSuffix(g.Path, "/")}
	err := s.http.Serve(listener{TCPListener: l, came: came, conns: &s.conns})
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("accept attempts on gateway %s: %w", l.Addr(), err)
	}
	return nil
}
