package main

import (
	"errors"
	"slices"

	"github.com/faultline/faultline/scenario"
)

// stands reports whether the entrance is what the scenario has it be.
func (g gatewayEntrance) stands(as scenario.GatewayListener) bool {
	return g.target.Listen == as.Listen && g.target.Target.String() == as.Target.String()
}

// serveGateways lets senders in.
func (p *station) serveGateways(gateways []gatewayEntrance) {
	for i, g := range gateways {
		gateways[i].door = p.server.OpenGateway(g.listener, g.proxied())
		go p.serve(gateways[i].door.Serve)
	}
}

// gatewayChange is what is to be done so that the gateways are those that another text of the scenario asks for.
type gatewayChange struct {
	stay  []gatewayEntrance // with their connections
	leave []gatewayEntrance
	come  []gatewayEntrance          // open, and not served yet
	late  []scenario.GatewayListener // they come at the address of one that leaves
}

// prepareGateways opens what comes. An address that cannot be had is an error.
func (p *station) prepareGateways(next *scenario.Scenario) (gatewayChange, error) {
	if p.settings.gatewaysGiven {
		return gatewayChange{stay: p.gateways}, nil
	}
	if err := guardGateways(next.Gateways, p.rules.Proxy); err != nil {
		return gatewayChange{}, err
	}
	var change gatewayChange
	for _, g := range p.gateways {
		if slices.ContainsFunc(next.Gateways, g.stands) {
			change.stay = append(change.stay, g)
		} else {
			change.leave = append(change.leave, g)
		}
	}
	var come []scenario.GatewayListener
	for _, g := range next.Gateways {
		switch {
		case slices.ContainsFunc(change.stay, func(e gatewayEntrance) bool { return e.stands(g) }):
		case slices.ContainsFunc(change.leave, func(e gatewayEntrance) bool { return e.target.Listen == g.Listen }):
			change.late = append(change.late, g)
		default:
			come = append(come, g)
		}
	}
	var err error
	change.come, err = openGateways(come)
	return change, err
}

// cancel closes what was opened.
func (c gatewayChange) cancel() error { return closeGateways(c.come) }

// exchangeGateways carries a change out.
func (p *station) exchangeGateways(c gatewayChange) error {
	var errs []error
	for _, g := range c.leave {
		errs = append(errs, g.door.Retire())
		p.term.say("  gateway: http://%s closed", g.listener.Addr())
	}
	late, err := openGateways(c.late)
	errs = append(errs, err)
	come := append(c.come, late...)
	p.serveGateways(come)
	for _, g := range come {
		p.term.say("  gateway: http://%s stands for %s", g.listener.Addr(), g.target.Target)
	}
	p.gateways = append(c.stay, come...)
	return errors.Join(errs...)
}
