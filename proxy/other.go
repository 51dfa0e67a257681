package proxy

import (
	"context"
	"sync"
	"time"

	"github.com/faultline/faultline/deliveries"
)

// otherTraffic counts what passes and is no webhook: a line per host and minute, not one per request.
type otherTraffic struct {
	mu    sync.Mutex
	hosts map[otherKey]*deliveries.Other
}

type otherKey struct{ host, method string }

// maxOtherHosts bounds a minute's lines; what comes beyond is counted as one host.
const maxOtherHosts = 1000

func (o *otherTraffic) count(host, method string, status int, bytes int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := otherKey{host, method}
	line, known := o.hosts[key]
	if !known {
		if len(o.hosts) >= maxOtherHosts {
			key = otherKey{"other", ""}
		}
		if line = o.hosts[key]; line == nil {
			line = &deliveries.Other{Start: time.Now(), Host: key.host, Method: key.method, ByCode: make(map[string]int)}
			if o.hosts == nil {
				o.hosts = make(map[otherKey]*deliveries.Other)
			}
			o.hosts[key] = line
		}
	}
	line.Count++
	line.Bytes += bytes
	line.ByCode[codeName(status)]++
}

func (o *otherTraffic) take() []*deliveries.Other {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := make([]*deliveries.Other, 0, len(o.hosts))
	for _, line := range o.hosts {
		lines = append(lines, line)
	}
	clear(o.hosts)
	return lines
}

// flushOther writes the lines of the minute that is over.
func (s *Server) flushOther() {
	for _, line := range s.other.take() {
		s.writeOther(line)
	}
}

func (s *Server) writeOther(line *deliveries.Other) {
	defer s.surviveBeside("line about other traffic")
	if err := s.cfg.Journal.Append(context.Background(), line); err != nil {
		s.cfg.Log.Error("line missing from the log", "event", "other", "host", line.Host, "error", err)
	}
}
