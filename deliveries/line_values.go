package deliveries

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

func (r *lineReader) targets(p *parts) {
	if !r.null() {
		p.Target = &p.target
		r.object(r.members.target, p)
	}
}

func (r *lineReader) answers(p *parts) {
	if !r.null() {
		p.Answer = &p.answer
		r.object(r.members.answer, p)
	}
}

func (r *lineReader) rulings(p *parts) {
	p.Decided = []Ruling{}
	for more := r.begin('[', ']'); more; more = r.more(']') {
		r.ruled = Ruling{}
		r.object(r.members.ruling, p)
		p.Decided = append(p.Decided, r.ruled)
	}
}

func (r *lineReader) copies(p *parts) {
	p.Copies = []Copy{}
	for more := r.begin('[', ']'); more; more = r.more(']') {
		r.copied = Copy{}
		r.object(r.members.copy, p)
		p.Copies = append(p.Copies, r.copied)
	}
}

func (r *lineReader) retryAfter(p *parts) {
	if !r.null() {
		p.retryAfter = r.int()
		p.answer.RetryAfterMS = &p.retryAfter
	}
}

// body is a text, or an object with one for what is no UTF-8, or null.
func (r *lineReader) body() any {
	if !r.bodies {
		r.skipBody()
		return nil
	}
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
		if !r.null() {
			r.fail()
		}
		return nil
	}
}

func (r *lineReader) skipBody() {
	switch r.peek() {
	case '"':
		r.skipString()
	case '{':
		for more := r.begin('{', '}'); more; more = r.more('}') {
			r.skipString()
			r.expect(':')
			r.skipString()
		}
	default:
		if !r.null() {
			r.fail()
		}
	}
}

// header takes header fields; those without a value are left out.
func (r *lineReader) header() map[string][]string {
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
