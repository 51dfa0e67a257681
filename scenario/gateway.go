package scenario

import (
	"errors"
	"net/url"
	"strconv"
	"strings"

	"github.com/faultline/faultline/schema"
)

// GatewayListener is one [[gateway]]: a listener that stands for one target. The sender calls it as if it were the target.
type GatewayListener struct {
	Listen string // host:port; port 0 picks one
	// Target is an http or https URL in lower case, without the scheme's own port, without a slash at its end, without query, fragment and user.
	Target *url.URL
}

const (
	wantListen = `host:port such as "127.0.0.1:9001"`
	wantTarget = `an http or https URL such as "https://hooks.example.com" or "http://hooks.example.com:8080/base"`
)

// ParseGateway reads a gateway as --gateway LISTEN=TARGET has it.
func ParseGateway(listen, target string) (GatewayListener, error) {
	if !isAddress(listen) {
		return GatewayListener{}, errors.New("listen: want " + wantListen)
	}
	at, why := parseTarget(target)
	if why != "" {
		return GatewayListener{}, errors.New("target: " + why + ", want " + wantTarget)
	}
	return GatewayListener{Listen: listen, Target: at}, nil
}

// withUser is said without showing the value, which may hold a password.
const withUser = "has a user, which is the sender's to name"

// parseTarget reads the URL that a gateway stands for; why says what is wrong with it.
func parseTarget(text string) (at *url.URL, why string) {
	at, err := url.Parse(text)
	if err != nil {
		return nil, "not a URL"
	}
	at.Scheme, at.Host = strings.ToLower(at.Scheme), strings.ToLower(at.Host)
	switch {
	case at.Scheme != "http" && at.Scheme != "https":
		return nil, "not http or https"
	case at.Hostname() == "":
		return nil, "has no host"
	case at.User != nil:
		return nil, withUser
	case at.RawQuery != "" || at.ForceQuery:
		return nil, "has a query"
	case strings.Contains(text, "#"):
		return nil, "has a fragment"
	case !soundPort(at):
		return nil, "has no sound port"
	}
	ownPort := map[string]string{"http": ":80", "https": ":443"}[at.Scheme]
	at.Host = strings.TrimSuffix(strings.TrimSuffix(at.Host, ":"), ownPort)
	if strings.HasSuffix(at.EscapedPath(), "/") {
		at.Path, at.RawPath = strings.TrimSuffix(at.Path, "/"), strings.TrimSuffix(at.RawPath, "/")
	}
	return at, ""
}

func soundPort(at *url.URL) bool {
	if at.Port() == "" {
		return true
	}
	port, err := strconv.ParseUint(at.Port(), 10, 16)
	return err == nil && port > 0
}

// readGateways reads [[gateway]].
func (s *Scenario) readGateways(v schema.Value) {
	tables, isList := v.List()
	if !isList {
		v.Reject("not a list of tables", "[[gateway]] in two brackets", "")
		return
	}
	s.Gateways = make([]GatewayListener, len(tables))
	first := make(map[string]int)
	for i, table := range tables {
		if !table.Read(s.Gateways[i].fields()...) {
			continue
		}
		listen := table.Key("listen")
		at := s.Gateways[i].Listen
		if line, taken := first[at]; taken && !strings.HasSuffix(at, ":0") {
			listen.Reject("two gateways listen on this address", "an address of its own", "the first is on line "+strconv.Itoa(line))
			continue
		}
		first[at] = listen.Line()
	}
}

func (g *GatewayListener) fields() []schema.Field {
	return []schema.Field{
		words(&g.Listen, "listen", wantListen, "where the sender calls, as if it were the target; port 0 picks one", isAddress).Needed(),
		schema.Func("target", "URL", wantTarget, "the target that the listener stands for; a path is put before each request's own", func(v schema.Value) {
			s, isText := v.Raw.(string)
			if !isText {
				v.Reject("not a string", wantTarget, "")
				return
			}
			at, why := parseTarget(s)
			switch why {
			case "":
				g.Target = at
			case withUser:
				v.Complain(why, "")
			default:
				v.Reject(why, wantTarget, "")
			}
		}).Needed(),
	}
}
