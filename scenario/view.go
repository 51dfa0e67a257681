package scenario

import (
	"net/url"

	"github.com/tidwall/gjson"
)

// view is a subject with what several rules ask of it, worked out once. For one decision, and not for several at once.
type view struct {
	*Subject
	telling
	headOnly bool // the body counts as not looked at
	json     gjson.Result
	isDoc    bool
	read     bool
	query    url.Values
}

func look(subj *Subject, tells telling) *view { return &view{Subject: subj, telling: tells} }

// document is the body as JSON; ok is false while it is not held whole, and when it is no JSON.
func (v *view) document() (doc gjson.Result, ok bool) {
	if !v.BodyHeld || !v.BodyWhole {
		return gjson.Result{}, false
	}
	if !v.read {
		v.json, v.isDoc = parseJSON(v.Body)
		v.read = true
	}
	return v.json, v.isDoc
}

// parameters is the query. Of a malformed one it is what can be read.
func (v *view) parameters() url.Values {
	if v.query == nil {
		query, err := url.ParseQuery(v.RawQuery)
		if query == nil || err != nil && len(query) == 0 {
			query = url.Values{}
		}
		v.query = query
	}
	return v.query
}
