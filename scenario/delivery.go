package scenario

import (
	"time"

	"github.com/faultline/faultline/schema"
)

// Delivery is the table [delivery]: what a webhook is, and how its attempts are told to belong together.
type Delivery struct {
	Match   Match
	Key     []composite
	Per     Per
	Ignore  []jsonPath
	Success schema.Statuses
	// ForgetAfter is how long a delivery without attempts is remembered.
	ForgetAfter time.Duration
	Try         *source // nil: the sender does not say
	Created     *source

	matchUnsound bool // while the file is read
}

// Per is what a delivery key is unique within.
type Per string

// The values of [delivery] per.
const (
	PerEndpoint Per = "endpoint"
	PerHost     Per = "host"
	PerAll      Per = "all"
)

// webhookMethods are the methods of a webhook, unless [delivery] match says otherwise.
func webhookMethods() []string { return []string{"POST", "PUT", "PATCH", "DELETE"} }

func defaultDelivery() Delivery {
	success, err := schema.ParseStatus("2xx")
	if err != nil {
		panic(err) // a constant
	}
	return Delivery{
		Match: Match{Method: webhookMethods()},
		Key: []composite{
			{{from: inHeader, name: "Webhook-Id"}}, {{from: inHeader, name: "Svix-Id"}}, {{from: inHeader, name: "Idempotency-Key"}},
			{{from: inHeader, name: "Ce-Id"}}, {{from: inBody}},
		},
		Per: PerEndpoint, Success: success, ForgetAfter: 7 * 24 * time.Hour,
	}
}

func (d *Delivery) fields() []schema.Field {
	return []schema.Field{
		schema.Func("match", "table", "a table", "what a webhook is; all else passes untouched. Same keys as a rule's match, but for response", func(v schema.Value) {
			d.Match = Match{}
			d.matchUnsound = !v.Read(d.Match.fields()...)
			if !d.Match.Response.Empty() {
				v.Key("response").Complain("is not known when a request comes in, and then it must be known whether it is a webhook", "a rule's match asks for it")
			}
			if len(d.Match.Method) == 0 {
				d.Match.Method = webhookMethods()
			}
		}).With(new(Match).fields()...),
		schema.Func("key", "list of sources", wantKey, "the first that is present is the delivery's key; a list in the list is a composite key", d.readKey),
		schema.Enum(&d.Per, "per", "what a key is unique within", PerEndpoint, PerHost, PerAll),
		listOf(&d.Ignore, "ignore", "JSON paths", "JSON paths left out of the body's hash", func(v schema.Value) (jsonPath, error) {
			t, err := text(v, "a JSON path")
			if err != nil {
				return jsonPath{}, err
			}
			path, err := parseJSONPath(t)
			if err != nil {
				return path, &wrong{"not a JSON path", "names and indices such as a.b or items[0].id", ""}
			}
			return path, nil
		}),
		schema.StatusSet(&d.Success, "success", "which answers of a target mean delivered"),
		sourceField(&d.Try, "try", "where the sender says which try this is"),
		sourceField(&d.Created, "created", "where the payload says when it was created"),
		schema.Duration(&d.ForgetAfter, "forget_after", "a delivery without attempts for so long is forgotten"),
	}
}

const wantKey = "a source or a list of sources: " + wantSource + "; a list of them is a composite key"

func (d *Delivery) readKey(v schema.Value) {
	alternatives, isList := v.List()
	if !isList {
		alternatives = []schema.Value{v}
	}
	if len(alternatives) == 0 {
		v.Complain("is an empty list", "leave it out for the default")
	}
	d.Key = nil
	for _, alternative := range alternatives {
		parts, isComposite := alternative.List()
		if !isComposite {
			parts = []schema.Value{alternative}
		}
		if len(parts) == 0 {
			alternative.Complain("is an empty list", "a composite key has at least one source")
		}
		var c composite
		for _, part := range parts {
			s, err := readSource(part)
			if err != nil {
				reject(part, err)
				continue
			}
			c = append(c, s)
		}
		d.Key = append(d.Key, c)
	}
}

// Webhook reports whether an attempt is one that the scenario is about: faulted, numbered, judged. At Connect only host, client and placement are asked.
func (s *Scenario) Webhook(subj *Subject) bool { return s.noWebhook(look(subj, false)) == "" }

// NoWebhook says why an attempt is none that the scenario is about, "" when it is: the first condition of [delivery] match that fails.
func (s *Scenario) NoWebhook(subj *Subject) (why string) { return s.noWebhook(look(subj, true)) }

func (s *Scenario) noWebhook(v *view) (why string) {
	if v.Moment == Connect {
		return s.Delivery.Match.missConnection(v)
	}
	return s.Delivery.Match.miss(v)
}

// Success reports whether a target's answer with this status means delivered.
func (s *Scenario) Success(status int) bool { return s.Delivery.Success.Has(status) }
