package deliveries

// lineMember is a member of an attempt's line, and how it is read.
type lineMember struct {
	name    string
	read    func(*lineReader, *parts)
	written string // the name as faultline writes it
}

// lineMembers are an attempt's members, in the order in which they are written.
func lineMembers() []lineMember {
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
		{name: "ms", read: (*lineReader).times},
		{name: "key", read: func(r *lineReader, p *parts) { p.Key = r.string() }},
		{name: "key_from", read: func(r *lineReader, p *parts) { p.KeyFrom = r.string() }},
		{name: "endpoint", read: func(r *lineReader, p *parts) { p.Endpoint = r.string() }},
		{name: "id", read: func(r *lineReader, p *parts) { p.ID = r.string() }},
		{name: "run", read: func(r *lineReader, p *parts) { p.Run = r.string() }},
		{name: "proxy", read: func(r *lineReader, p *parts) { p.Proxy = r.string() }},
		{name: "seq", read: func(r *lineReader, p *parts) { p.Seq = uint64(r.int()) }},
		{name: "try", read: func(r *lineReader, p *parts) { p.Try = r.string() }},
		{name: "created", read: func(r *lineReader, p *parts) { p.Created = r.string() }},
		{name: "counted", read: func(r *lineReader, p *parts) { p.Counted = r.string() }},
		{name: "placement", read: func(r *lineReader, p *parts) { p.Placement = r.string() }},
		{name: "client", read: func(r *lineReader, p *parts) { p.Client = r.string() }},
		{name: "method", read: func(r *lineReader, p *parts) { p.Method = r.string() }},
		{name: "url", read: func(r *lineReader, p *parts) { p.URL = r.string() }},
		{name: "request", read: (*lineReader).request},
		{name: "rules", read: func(r *lineReader, p *parts) { p.Rules = r.list() }},
		{name: "faults", read: func(r *lineReader, p *parts) { p.Faults = r.list() }},
		{name: "phase", read: func(r *lineReader, p *parts) { p.Phase = r.string() }},
		{name: "scenario", read: func(r *lineReader, p *parts) { p.Scenario = r.string() }},
		{name: "target", read: (*lineReader).targets},
		{name: "copies", read: (*lineReader).copies},
		{name: "left_alone", read: func(r *lineReader, p *parts) { p.LeftAlone = r.list() }},
		{name: "answer", read: (*lineReader).answers},
		{name: "end", read: func(r *lineReader, p *parts) { p.End = End(r.string()) }},
		{name: "ended_by", read: func(r *lineReader, p *parts) { p.EndedBy = Party(r.string()) }},
		{name: "error", read: func(r *lineReader, p *parts) { p.Error = r.string() }},
	}
}

// event is that of a line about an attempt.
func (r *lineReader) event() Event {
	switch event := Event(r.string()); event {
	case EventAttempt, EventOpen, EventAmend:
		return event
	}
	r.fail()
	return ""
}

// success is whether the target answered with success, null when nobody knows.
func (r *lineReader) success(place *bool) *bool {
	if r.null() {
		return nil
	}
	*place = r.bool()
	return place
}

func (r *lineReader) times(p *parts) {
	for more := r.begin('{', '}'); more; more = r.more('}') {
		switch r.name() {
		case "decide":
			p.MS.Decide = r.ms()
		case "target":
			p.MS.Target = r.ms()
		case "first_byte":
			p.MS.FirstByte = r.ms()
		case "total":
			p.MS.Total = r.ms()
		default:
			r.fail()
		}
	}
}

func (r *lineReader) request(p *parts) {
	for more := r.begin('{', '}'); more; more = r.more('}') {
		switch r.name() {
		case "bytes":
			p.Request.Bytes = r.int()
		case "sha256":
			p.Request.SHA256 = r.string()
		case "header":
			p.Request.Header = r.header(p.Request.Header)
		case "body":
			p.Request.Body = r.body()
		default:
			r.fail()
		}
	}
}

func (r *lineReader) targets(p *parts) {
	if r.null() {
		return
	}
	p.Target = &p.target
	for more := r.begin('{', '}'); more; more = r.more('}') {
		switch r.name() {
		case "status":
			p.target.Status = int(r.int())
		case "bytes":
			p.target.Bytes = r.int()
		case "ms":
			p.target.MS = r.ms()
		case "error":
			p.target.Error = r.string()
		case "addr":
			p.target.Addr = r.string()
		case "reused":
			p.target.Reused = r.bool()
		default:
			r.fail()
		}
	}
}

func (r *lineReader) copies(p *parts) {
	p.Copies = []Copy{}
	for more := r.begin('[', ']'); more; more = r.more(']') {
		p.Copies = append(p.Copies, r.copy())
	}
}

func (r *lineReader) copy() (c Copy) {
	for more := r.begin('{', '}'); more; more = r.more('}') {
		switch r.name() {
		case "status":
			c.Status = int(r.int())
		case "delivered":
			c.Delivered = r.success(new(bool))
		case "bytes":
			c.Bytes = r.int()
		case "ms":
			c.MS = r.ms()
		case "error":
			c.Error = r.string()
		case "addr":
			c.Addr = r.string()
		default:
			r.fail()
		}
	}
	return c
}

func (r *lineReader) answers(p *parts) {
	if r.null() {
		return
	}
	p.Answer = &p.answer
	for more := r.begin('{', '}'); more; more = r.more('}') {
		switch r.name() {
		case "status":
			p.answer.Status = int(r.int())
		case "bytes":
			p.answer.Bytes = r.int()
		case "retry_after_ms":
			p.answer.RetryAfterMS = r.retryAfter(p)
		case "header":
			p.answer.Header = r.header(p.answer.Header)
		default:
			r.fail()
		}
	}
}

func (r *lineReader) retryAfter(p *parts) *int64 {
	if r.null() {
		return nil
	}
	p.retryAfter = r.int()
	return &p.retryAfter
}

// body is a text, or an object with one for what is no UTF-8, or null.
func (r *lineReader) body() any {
	switch r.peek() {
	case '"':
		return r.string()
	case '{':
		fields := make(map[string]any)
		for more := r.begin('{', '}'); more; more = r.more('}') {
			fields[r.name()] = r.string()
		}
		return fields
	default:
		r.null()
		return nil
	}
}

// header takes header fields; those without a value are left out.
func (r *lineReader) header(before map[string][]string) map[string][]string {
	if before != nil || r.peek() != '{' { // named twice, or null
		r.fail()
	}
	var fields map[string][]string
	if r.headers {
		fields = make(map[string][]string)
	}
	for more := r.begin('{', '}'); more; more = r.more('}') {
		if !r.headers {
			r.skipString()
			r.expect(':')
			r.skipList()
			continue
		}
		name := r.string()
		r.expect(':')
		if values := r.list(); len(values) > 0 {
			fields[name] = values
		} else {
			delete(fields, name)
		}
	}
	return fields
}

// list takes a list of texts.
func (r *lineReader) list() []string {
	texts := []string{}
	for more := r.begin('[', ']'); more; more = r.more(']') {
		texts = append(texts, r.string())
	}
	return texts
}

func (r *lineReader) skipList() {
	for more := r.begin('[', ']'); more; more = r.more(']') {
		r.skipString()
	}
}
