package har

import "github.com/faultline/faultline/deliveries"

// The objects of HAR 1.2, as far as a log can fill them, in the order of the specification. A field that it calls optional has omitempty.

type archive struct {
	Log log `json:"log"`
}

type log struct {
	Version string  `json:"version"`
	Creator creator `json:"creator"`
	Entries []entry `json:"entries"` // the oldest first
}

type creator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type entry struct {
	Started   string    `json:"startedDateTime"` // ISO 8601
	Time      float64   `json:"time"`            // milliseconds
	Request   request   `json:"request"`
	Response  response  `json:"response"`
	Cache     struct{}  `json:"cache"`
	Timings   timings   `json:"timings"`
	ServerIP  string    `json:"serverIPAddress,omitempty"`
	Comment   string    `json:"comment,omitempty"`
	Faultline faultline `json:"_faultline"`
}

type request struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []pair    `json:"cookies"` // none: the log has redacted them, in their header field
	Headers     []pair    `json:"headers"`
	QueryString []pair    `json:"queryString"`
	PostData    *postData `json:"postData,omitempty"`
	HeadersSize int64     `json:"headersSize"`
	BodySize    int64     `json:"bodySize"`
}

type pair struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Comment string `json:"comment,omitempty"`
}

type postData struct {
	MimeType string `json:"mimeType"`
	Params   []pair `json:"params"` // none: Text has them
	Text     string `json:"text"`
	Comment  string `json:"comment,omitempty"`
}

type response struct {
	Status      int     `json:"status"` // 0: not one byte was sent
	StatusText  string  `json:"statusText"`
	HTTPVersion string  `json:"httpVersion"`
	Cookies     []pair  `json:"cookies"`
	Headers     []pair  `json:"headers"`
	Content     content `json:"content"`
	RedirectURL string  `json:"redirectURL"`
	HeadersSize int64   `json:"headersSize"`
	BodySize    int64   `json:"bodySize"`
	Comment     string  `json:"comment,omitempty"`
}

type content struct {
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
	Comment  string `json:"comment,omitempty"`
}

type timings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// faultline is what the log says of an attempt beyond HTTP, by the names of the log.
type faultline struct {
	Delivery  string             `json:"delivery"`
	Key       string             `json:"key"`
	ID        string             `json:"id"`
	Attempt   int                `json:"attempt"`
	Outcome   deliveries.Outcome `json:"outcome"`
	Reached   deliveries.Reached `json:"reached"`
	Delivered *bool              `json:"delivered"`
	Rules     []string           `json:"rules"`
	Faults    []string           `json:"faults"`
	Target    *deliveries.Target `json:"target"`
	End       deliveries.End     `json:"end"`
	EndedBy   deliveries.Party   `json:"ended_by"`
	Error     string             `json:"error"`
}
