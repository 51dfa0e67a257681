package deliveries

// lineMember is a member of an object in a line, and how it is read.
type lineMember struct {
	name    string
	read    func(*lineReader, *parts)
	written string // the name as faultline writes it
}

// lineMembers are those of the objects in the line of an attempt, in the order in which they are written.
type lineMembers struct{ attempt, times, request, ruling, target, copy, answer []lineMember }

func newLineMembers() lineMembers {
	all := lineMembers{attemptMembers(), timesMembers(), requestMembers(), rulingMembers(), targetMembers(), copyMembers(), answerMembers()}
	for _, members := range [...][]lineMember{all.attempt, all.times, all.request, all.ruling, all.target, all.copy, all.answer} {
		for i, m := range members {
			members[i].written = `"` + m.name + `":`
		}
	}
	return all
}

func attemptMembers() []lineMember {
	return []lineMember{
		{name: "v", read: func(r *lineReader, p *parts) { p.V = int(r.int()) }},
		{name: "event", read: func(r *lineReader, p *parts) { p.Event = r.event() }},
		{name: "delivery", read: func(r *lineReader, p *parts) { p.Delivery = r.string() }},
		{name: "start", read: func(r *lineReader, p *parts) { p.Start = r.time(&r.days) }},
		{name: "attempt", read: func(r *lineReader, p *parts) { p.Attempt.Attempt = int(r.int()) }},
		{name: "outcome", read: func(r *lineReader, p *parts) { p.Outcome = Outcome(r.string()) }},
		{name: "reached", read: func(r *lineReader, p *parts) { p.Reached = Reached(r.string()) }},
		{name: "delivered", read: func(r *lineReader, p *parts) { p.Delivered = r.success(&p.delivered) }},
		{name: "host", read: func(r *lineReader, p *parts) { p.Host = r.string() }},
		{name: "ms", read: func(r *lineReader, p *parts) { r.object(r.members.times, p) }},
		{name: "key", read: func(r *lineReader, p *parts) { p.Key = r.string() }},
		{name: "key_from", read: func(r *lineReader, p *parts) { p.KeyFrom = r.string() }},
		{name: "endpoint", read: func(r *lineReader, p *parts) { p.Endpoint = r.string() }},
		{name: "id", read: func(r *lineReader, p *parts) { p.ID = r.string() }},
		{name: "run", read: func(r *lineReader, p *parts) { p.Run = r.string() }},
		{name: "proxy", read: func(r *lineReader, p *parts) { p.Proxy = r.string() }},
		{name: "seq", read: func(r *lineReader, p *parts) { p.Seq = uint64(r.int()) }},
		{name: "try", read: func(r *lineReader, p *parts) { p.Try = r.string() }},
		{name: "created", read: func(r *lineReader, p *parts) { p.Created = r.string() }},
		{name: "replay", read: func(r *lineReader, p *parts) { p.Replay = r.string() }},
		{name: "counted", read: func(r *lineReader, p *parts) { p.Counted = r.string() }},
		{name: "placement", read: func(r *lineReader, p *parts) { p.Placement = r.string() }},
		{name: "tunnelled", read: func(r *lineReader, p *parts) { p.Tunnelled = r.bool() }},
		{name: "client", read: func(r *lineReader, p *parts) { p.Client = r.string() }},
		{name: "method", read: func(r *lineReader, p *parts) { p.Method = r.string() }},
		{name: "url", read: func(r *lineReader, p *parts) { p.URL = r.string() }},
		{name: "request", read: func(r *lineReader, p *parts) { r.object(r.members.request, p) }},
		{name: "rules", read: func(r *lineReader, p *parts) { p.Rules = r.list() }},
		{name: "faults", read: func(r *lineReader, p *parts) { p.Faults = r.list() }},
		{name: "phase", read: func(r *lineReader, p *parts) { p.Phase = r.string() }},
		{name: "scenario", read: func(r *lineReader, p *parts) { p.Scenario = r.string() }},
		{name: "revision", read: func(r *lineReader, p *parts) { p.Revision = int(r.int()) }},
		{name: "decided", read: (*lineReader).rulings},
		{name: "target", read: (*lineReader).targets},
		{name: "copies", read: (*lineReader).copies},
		{name: "left_alone", read: func(r *lineReader, p *parts) { p.LeftAlone = r.list() }},
		{name: "answer", read: (*lineReader).answers},
		{name: "end", read: func(r *lineReader, p *parts) { p.End = End(r.string()) }},
		{name: "ended_by", read: func(r *lineReader, p *parts) { p.EndedBy = Party(r.string()) }},
		{name: "error", read: func(r *lineReader, p *parts) { p.Error = r.string() }},
	}
}

func timesMembers() []lineMember {
	return []lineMember{
		{name: "decide", read: func(r *lineReader, p *parts) { p.MS.Decide = r.ms() }},
		{name: "target", read: func(r *lineReader, p *parts) { p.MS.Target = r.ms() }},
		{name: "first_byte", read: func(r *lineReader, p *parts) { p.MS.FirstByte = r.ms() }},
		{name: "total", read: func(r *lineReader, p *parts) { p.MS.Total = r.ms() }},
	}
}

func requestMembers() []lineMember {
	return []lineMember{
		{name: "bytes", read: func(r *lineReader, p *parts) { p.Request.Bytes = r.int() }},
		{name: "announced", read: func(r *lineReader, p *parts) { p.Request.Announced = r.int() }},
		{name: "sha256", read: func(r *lineReader, p *parts) { p.Request.SHA256 = r.string() }},
		{name: "header", read: func(r *lineReader, p *parts) { p.Request.Header = r.header() }},
		{name: "body", read: func(r *lineReader, p *parts) { p.Request.Body = r.body() }},
	}
}

func rulingMembers() []lineMember {
	return []lineMember{
		{name: "order", read: func(r *lineReader, _ *parts) { r.ruled.Order = uint64(r.int()) }},
		{name: "ms", read: func(r *lineReader, _ *parts) { r.ruled.MS = r.preciseMS() }},
	}
}

func targetMembers() []lineMember {
	return []lineMember{
		{name: "status", read: func(r *lineReader, p *parts) { p.target.Status = int(r.int()) }},
		{name: "bytes", read: func(r *lineReader, p *parts) { p.target.Bytes = r.int() }},
		{name: "ms", read: func(r *lineReader, p *parts) { p.target.MS = r.ms() }},
		{name: "error", read: func(r *lineReader, p *parts) { p.target.Error = r.string() }},
		{name: "addr", read: func(r *lineReader, p *parts) { p.target.Addr = r.string() }},
		{name: "reused", read: func(r *lineReader, p *parts) { p.target.Reused = r.bool() }},
	}
}

func copyMembers() []lineMember {
	return []lineMember{
		{name: "status", read: func(r *lineReader, _ *parts) { r.copied.Status = int(r.int()) }},
		{name: "delivered", read: func(r *lineReader, _ *parts) { r.copied.Delivered = r.success(new(bool)) }},
		{name: "bytes", read: func(r *lineReader, _ *parts) { r.copied.Bytes = r.int() }},
		{name: "ms", read: func(r *lineReader, _ *parts) { r.copied.MS = r.ms() }},
		{name: "error", read: func(r *lineReader, _ *parts) { r.copied.Error = r.string() }},
		{name: "addr", read: func(r *lineReader, _ *parts) { r.copied.Addr = r.string() }},
	}
}

func answerMembers() []lineMember {
	return []lineMember{
		{name: "status", read: func(r *lineReader, p *parts) { p.answer.Status = int(r.int()) }},
		{name: "bytes", read: func(r *lineReader, p *parts) { p.answer.Bytes = r.int() }},
		{name: "retry_after_ms", read: (*lineReader).retryAfter},
		{name: "header", read: func(r *lineReader, p *parts) { p.answer.Header = r.header() }},
	}
}
