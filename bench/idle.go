package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// crowds are the numbers of connections that are held at once: 1,000, and 10,000 or as many as descriptors allow a proxy, which has two for each.
func crowds() ([]int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil, fmt.Errorf("ask how many descriptors there may be: %w", err)
	}
	const others = 200
	return []int{1000, min(10000, (int(limit.Cur)-others)/2)}, nil
}

// idle measures what connections cost that do nothing: kept by senders after an answer, or waiting for one; in clear, and looked into.
func idle(b *bench) ([]table, error) {
	o, err := b.newOpening()
	if err != nil {
		return nil, err
	}
	roomy := usual()
	roomy.more = "\n[limits]\nconnections = 20000\nheld = 20000\n"
	hanging := roomy
	hanging.more += "\n[[rule]]\nname = \"all hang\"\nhang = true\n"
	crowds := []crowd{
		{name: "idle", title: "Idle connections: kept by the sender after an answer", server: "target", act: (*sender).attempt, peers: []peer{
			{name: "faultline", start: faultlineAs("faultline-crowd", b.faultline, roomy)},
			{name: "goproxy, tuned", start: own("tuned")},
			{name: "squid", start: squid},
			{name: "HAProxy", start: haproxy},
		}},
		{name: "hanging", title: "Hanging attempts: waiting for an answer", server: "mute", act: (*sender).ask, peers: []peer{
			{name: "faultline, held by hang", start: faultlineAs("faultline-hang", b.faultline, hanging)},
			{name: "faultline, the target silent", start: faultlineAs("faultline-crowd", b.faultline, roomy)},
			{name: "goproxy, tuned, the target silent", start: own("tuned")},
		}},
		{name: "idle-intercepted", title: "Idle intercepted connections", server: "target", act: (*sender).attempt, opening: &o, peers: []peer{
			{name: "faultline", start: faultlineAs("faultline-crowd", b.faultline, o.added(b, roomy))},
			{name: "goproxy, tuned, EC key, certificates kept", start: own("tuned-opening", o.trust())},
		}},
		{name: "hanging-intercepted", title: "Hanging intercepted attempts", server: "mute", act: (*sender).ask, opening: &o, peers: []peer{
			{name: "faultline, held by hang", start: faultlineAs("faultline-hang", b.faultline, o.added(b, hanging))},
			{name: "faultline, the target silent", start: faultlineAs("faultline-crowd", b.faultline, o.added(b, roomy))},
			{name: "goproxy, tuned, EC key, certificates kept, the target silent", start: own("tuned-opening", o.trust())},
		}},
	}
	var tables []table
	for _, c := range crowds {
		t, err := b.crowd(c)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	tables[0].Notes = []string{"A connection to faultline keeps one to the target, that nobody else uses: two descriptors. The others share a pool. There are 10,000 connections where descriptors allow it."}
	return tables, nil
}

// A crowd is many connections on each of which act is done once.
type crowd struct {
	name, title string
	server      string // that is the target
	act         func(*sender) error
	opening     *opening // the proxies look into TLS; nil: in clear
	peers       []peer
}

// crowd is a table of what the connections of a crowd cost.
func (b *bench) crowd(c crowd) (table, error) {
	t := table{Name: c.name, Title: c.title}
	sizes, err := crowds()
	if err != nil {
		return t, err
	}
	for _, size := range sizes {
		t.Columns = append(t.Columns, column{Name: fmt.Sprintf("%d:", size), Unit: "KiB each", Digits: 1, Ratio: true}, column{Unit: "descriptors each", Digits: 2})
	}
	for _, p := range c.peers {
		r, err := b.crowdOf(c, p, sizes)
		if err != nil {
			return t, fmt.Errorf("%s: %w", p.name, err)
		}
		t.Rows = append(t.Rows, r)
		fmt.Fprintf(os.Stderr, "bench:   %s: %s\n", c.name, p.name)
	}
	return t, nil
}

// crowdOf starts a peer and fills it, crowd by crowd.
func (b *bench) crowdOf(c crowd, p peer, sizes []int) (row, error) {
	defer b.stopAll()
	var flags []string
	if c.opening != nil {
		flags = c.opening.target()
	}
	target, err := b.serve(c.server, b.otherCore, "", nil, flags...)
	if err != nil {
		return row{}, err
	}
	process, err := p.start(b, target.address)
	if errors.Is(err, errMissing) {
		return row{Name: p.name, Missing: errMissing.Error()}, nil
	}
	if err != nil {
		return row{}, err
	}
	before, err := process.quiet()
	if err != nil {
		return row{}, err
	}
	l := load{proxy: process.address, senders: 1, url: "http://" + target.address + "/claims/7", host: target.address, keys: keyCount}
	if c.opening != nil {
		l.url, l.tunnel = "/claims/7", c.opening.tunnel()
	}
	var connected []*sender
	defer func() {
		for _, s := range connected {
			s.hangUp()
		}
	}()
	r := row{Name: p.name}
	for _, size := range sizes {
		for len(connected) < size {
			more, err := b.connectAll(l, min(500, size-len(connected)), c.act)
			connected = append(connected, more...)
			if err != nil {
				return r, err
			}
			if err := b.awaitDescriptors(process, before.descriptors+len(connected)); err != nil {
				return r, err
			}
		}
		after, err := process.quiet()
		if err != nil {
			return r, err
		}
		r.Cells = append(r.Cells,
			spreadOf([]float64{float64(after.resident-before.resident) / 1024 / float64(size)}),
			spreadOf([]float64{float64(after.descriptors-before.descriptors) / float64(size)}))
	}
	return r, nil
}

// connectAll connects so many senders and has each act once, 64 at a time.
func (b *bench) connectAll(l load, count int, act func(*sender) error) ([]*sender, error) {
	all := make([]*sender, count)
	for i := range all {
		all[i] = newSender(l, i)
	}
	errs := make(chan error, senderCount)
	for worker := range senderCount {
		go func() {
			for i := worker; i < count; i += senderCount {
				if err := errors.Join(b.ctx.Err(), all[i].dial()); err != nil {
					errs <- err
					return
				}
				if err := act(all[i]); err != nil {
					errs <- fmt.Errorf("connection %d of %d: %w", i, count, err)
					return
				}
			}
			errs <- nil
		}()
	}
	var failed error
	for range senderCount {
		failed = cmp.Or(failed, <-errs)
	}
	return all, failed
}

// awaitDescriptors waits until the process has at least so many: until it has accepted all connections.
func (b *bench) awaitDescriptors(p *process, want int) error {
	for range 300 {
		got, err := descriptorsOf(p.pid())
		if err != nil || got >= want {
			return err
		}
		if err := b.ctx.Err(); err != nil {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("fewer than %d descriptors after 30 s: connections are refused or closed", want)
}

// ask sends an attempt, whose answer nobody waits for.
func (s *sender) ask() error {
	s.nextKey()
	_, err := s.conn.Write(s.request)
	return err
}

// A holding is what a process has while nothing happens.
type holding struct {
	resident    int64 // bytes
	descriptors int
}

// quiet is what a process has when it has settled.
func (p *process) quiet() (holding, error) {
	if err := p.settle(); err != nil {
		return holding{}, err
	}
	resident, err := residentOf(p.pid())
	if err != nil {
		return holding{}, err
	}
	descriptors, err := descriptorsOf(p.pid())
	return holding{resident: resident, descriptors: descriptors}, err
}
