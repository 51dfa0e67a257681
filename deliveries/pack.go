package deliveries

import (
	"encoding/json"
	"time"
)

// Packed records are what grouping holds of a log: a fifth of the bytes of its lines, and no pointers, so that they can be put aside on a disk. Header fields are
// left out. A record begins with its kind, its delivery and its start, so that it can be sorted without being unpacked.

// packedKind is the first byte of a packed record.
type packedKind byte

const (
	packedAttempt packedKind = 'a'
	packedOpen    packedKind = 'o'
)

// packedHead is what a packed record begins with.
type packedHead struct {
	kind     packedKind
	worker   int // whose symbols it has
	delivery string
	start    time.Time
}

func (c *codec) head(h *packedHead) {
	c.byte((*byte)(&h.kind))
	c.int(&h.worker)
	c.string(&h.delivery)
	c.time(&h.start)
}

// attempt packs or unpacks an attempt behind its head.
func (c *codec) attempt(p *parts) {
	a := &p.Attempt
	c.outline(a)
	c.beginning(a)
	if c.has(a.Delivered != nil) {
		c.bool(point(&a.Delivered, &p.delivered))
	}
	if c.has(a.Target != nil) {
		c.target(point(&a.Target, &p.target))
	}
	if c.has(a.Answer != nil) {
		c.answer(point(&a.Answer, &p.answer), &p.retryAfter)
	}
	c.bool(&a.Tunnelled)
	c.int(&a.Revision)
	for i := range size(c, &a.Decided) {
		c.number(&a.Decided[i].Order)
		c.ms(&a.Decided[i].MS)
	}
	for i := range size(c, &a.Copies) {
		c.copy(&a.Copies[i])
	}
	c.int64(&a.Request.Bytes)
	c.int64(&a.Request.Announced)
	c.string(&a.Request.SHA256)
	c.body(&a.Request.Body)
}

// beginning packs or unpacks what stands behind the outline of an attempt: what each has.
func (c *codec) beginning(a *Attempt) {
	c.int(&a.Attempt)
	c.string(&a.ID)
	c.string(&a.Key)
	c.number(&a.Seq)
	c.string(&a.Client)
	c.string(&a.Replay)
	for _, ms := range [...]*float64{&a.MS.Decide, &a.MS.Target, &a.MS.FirstByte, &a.MS.Total} {
		c.ms(ms)
	}
	for _, text := range [...]*string{&a.Endpoint, &a.URL, &a.Try, &a.Created, &a.Error} {
		symbol(c, text)
	}
}

// common packs or unpacks what many attempts have in common, so that it is held once, whole.
func (c *codec) common(a *Attempt) {
	symbol(c, &a.Outcome)
	symbol(c, &a.Reached)
	symbol(c, &a.End)
	symbol(c, &a.EndedBy)
	for _, text := range [...]*string{&a.Host, &a.KeyFrom, &a.Method, &a.Run, &a.Proxy, &a.Counted, &a.Placement, &a.Phase, &a.Scenario} {
		symbol(c, text)
	}
	for _, list := range [...]*[]string{&a.Rules, &a.Faults, &a.LeftAlone} {
		c.list(list)
	}
}

func (c *codec) target(t *Target) {
	c.int(&t.Status)
	c.int64(&t.Bytes)
	c.ms(&t.MS)
	symbol(c, &t.Error)
	symbol(c, &t.Addr)
	c.bool(&t.Reused)
}

func (c *codec) copy(o *Copy) {
	c.int(&o.Status)
	if c.has(o.Delivered != nil) {
		c.bool(point(&o.Delivered, new(bool)))
	}
	c.int64(&o.Bytes)
	c.ms(&o.MS)
	symbol(c, &o.Error)
	symbol(c, &o.Addr)
}

func (c *codec) answer(a *Answer, retryAfter *int64) {
	c.int(&a.Status)
	c.int64(&a.Bytes)
	if c.has(a.RetryAfterMS != nil) {
		c.int64(point(&a.RetryAfterMS, retryAfter))
	}
}

// open packs or unpacks what follows the head of an attempt that had not ended.
func (c *codec) open(o *Open) {
	c.int(&o.Attempt)
	c.string(&o.ID)
	c.string(&o.Key)
	for _, text := range [...]*string{&o.Run, &o.Host, &o.KeyFrom, &o.Endpoint} {
		symbol(c, text)
	}
	c.list(&o.Rules)
}

// body packs or unpacks a body: mostly there is none, or it is a text. Whatever else JSON can say is packed as JSON.
func (c *codec) body(body *any) {
	if !c.has(*body != nil) {
		return
	}
	text, isText := (*body).(string)
	if c.packing && !isText {
		other, err := json.Marshal(*body)
		text, c.err = string(other), err
	}
	c.bool(&isText)
	c.string(&text)
	switch {
	case c.packing:
	case isText:
		*body = text
	default:
		c.err = json.Unmarshal([]byte(text), body)
	}
}

// point is where a pointer leads; when there is nothing yet, to a place.
func point[T any](pointer **T, place *T) *T {
	if *pointer == nil {
		*pointer = place
	}
	return *pointer
}
