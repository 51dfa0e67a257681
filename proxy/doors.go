package proxy

import (
	"context"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/faultline/faultline/counters"
	"github.com/faultline/faultline/deliveries"
	"github.com/faultline/faultline/faults"
	"github.com/faultline/faultline/scenario"
)

// doors are the listeners of a server. What the rules have of them is looked up when it may have changed: at the moments that the scenario names, when faults
// are lifted or restored, when another scenario or phase comes into force, and when a clock starts that waited for the first attempt.
type doors struct {
	mu  sync.Mutex
	all []*Door
	// news is full when they are to be looked at before the time is up.
	news chan struct{}
}

func (d *doors) add(door *Door) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, door)
}

// remove takes a door out, and says that what the rules had of it is over.
func (d *doors) remove(door *Door) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = slices.DeleteFunc(d.all, func(other *Door) bool { return other == door })
	door.over(nil)
}

// close ends all listeners.
func (d *doors) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, door := range d.all {
		_ = door.Close() // an error means that it is closed already
	}
}

// tell has the doors looked at soon.
func (d *doors) tell() {
	select {
	case d.news <- struct{}{}:
	default: // it is known that there are news
	}
}

// doorsEvery bounds the time between two looks: a wall clock may be set.
const doorsEvery = time.Minute

// watchDoors keeps the listeners as the scenario says until the drain.
func (s *Server) watchDoors() {
	for {
		timer := time.NewTimer(s.lookAtDoors())
		select {
		case <-timer.C:
		case <-s.doors.news:
		case <-s.draining.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// turnDoors closes and opens the listeners at once, after anything but the time has changed.
func (s *Server) turnDoors() {
	s.lookAtDoors()
	s.doors.tell() // when to look next is to be found anew
}

// lookAtDoors closes and opens the listeners as the scenario says now, and says when to look again.
func (s *Server) lookAtDoors() (again time.Duration) {
	s.doors.mu.Lock()
	defer s.doors.mu.Unlock()
	again = doorsEvery
	if s.closing.Load() {
		return again
	}
	rules, at := s.ruling.Load(), s.clock.instant(time.Now())
	off, _ := s.faults.lifted()
	for _, d := range s.doors.all {
		var door scenario.Door
		if !off {
			var until time.Time
			if door, until = rules.scenario.DoorAt(&d.subject, at); !until.IsZero() {
				again = min(again, until.Sub(at.Now))
			}
		}
		d.show(door)
	}
	return again
}

// show opens or closes the door, unless it is so already. The doors' lock is held.
func (d *Door) show(door scenario.Door) {
	switch {
	case door.State == d.shown.State && door.Rule == d.shown.Rule:
	case door.State == faults.DoorOpen:
		d.reopen()
	default:
		d.shut(door)
	}
}

// shut closes the door, which is in the log before anybody can notice.
func (d *Door) shut(door scenario.Door) {
	d.over(nil) // what another rule had
	d.shown = door
	d.began(door)
	if err := d.turn(door.State); err != nil {
		d.s.cfg.Log.Error("listener cannot be closed", "listener", d.Addr().String(), "rule", door.Rule, "error", err)
		d.over(err)
	}
	d.s.conns.closeIdle(d)
}

// reopen opens the door, and has it in the log then.
func (d *Door) reopen() {
	if err := d.turn(faults.DoorOpen); err != nil {
		d.s.cfg.Log.Error("listener cannot be opened yet", "listener", d.Addr().String(), "error", err)
		return // the next look tries again
	}
	d.shown = scenario.Door{}
	d.over(nil)
}

// began says in the log that the listener closes, and counts it as a firing of its rule.
func (d *Door) began(door scenario.Door) {
	d.line = &deliveries.Connect{
		Start: time.Now(), Listener: d.Addr().String(), Host: d.target(), Rules: []string{door.Rule}, Faults: door.Faults, End: endOfDoor(door.State),
	}
	d.s.cfg.Counters.Do(func(tx *counters.Tx) { tx.Fire(d.s.ruling.Load().identities[door.Rule], time.Time{}) })
	d.s.append(d.line, []scenario.Firing{{Rule: door.Rule, Faults: door.Faults}})
}

// over says that what the log has begun of the door is over, or could not be done.
func (d *Door) over(err error) {
	if d.line == nil {
		return
	}
	now, line := time.Now(), *d.line
	line.Until, line.Error = &now, errorText(err)
	d.line = nil
	d.s.append(&line, nil)
}

// target is what a gateway stands for, or a receiver is, with its port; "" for the proxy's own listener, which stands for all.
func (d *Door) target() string {
	if d.subject.Placement == scenario.Forward {
		return ""
	}
	return net.JoinHostPort(d.subject.Host, strconv.Itoa(d.subject.Port))
}

// endOfDoor is how an attempt ends that meets a closed listener.
func endOfDoor(state faults.Door) deliveries.End {
	if state == faults.DoorSilent {
		return deliveries.Silence
	}
	return deliveries.Refused
}

// leaveDoors says of the doors that are still closed that they end with the proxy.
func (s *Server) leaveDoors() {
	s.doors.mu.Lock()
	defer s.doors.mu.Unlock()
	for _, d := range s.doors.all {
		d.over(nil)
	}
}

// append writes a record that belongs to no attempt.
func (s *Server) append(record deliveries.Record, fired []scenario.Firing) {
	if err := s.cfg.Journal.Append(context.Background(), record); err != nil {
		s.cfg.Log.Error("line missing from the log", "error", err)
	}
	s.cfg.Observer.Observe(record, fired)
}
