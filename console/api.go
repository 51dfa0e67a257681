package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// api is what of the admin API, below /api/v1, an operator may do.
type api struct{ control Control }

const (
	maxText = 2 << 20 // more than any scenario may have: what is longer is reported by its reader
	maxJSON = 64 << 10
)

// paths are what it does, by path and method.
func (a api) paths() map[string]methods {
	return map[string]methods{
		"/api/v1/scenario":     {"GET": a.scenario, "PUT": a.replace},
		"/api/v1/rules":        {"GET": a.rules},
		"/api/v1/rules/{name}": {"GET": a.rule, "PATCH": a.enable},
		"/api/v1/phase":        {"GET": a.phase, "POST": a.jump},
		"/api/v1/faults":       {"GET": a.faults, "DELETE": a.faultsOff, "POST": a.faultsOn},
	}
}

func (a api) scenario(w http.ResponseWriter, _ *http.Request) {
	r := a.control.Scenario()
	w.Header().Set("Content-Type", "application/toml; charset=utf-8")
	w.Header().Set("ETag", quoted(r.Tag))
	write(w, []byte(r.Text))
}

func (a api) replace(w http.ResponseWriter, r *http.Request) {
	if !isType(r, "application/toml") {
		problem{Status: http.StatusUnsupportedMediaType, Detail: "a scenario is application/toml"}.write(w)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxText))
	if err != nil {
		unread(w, err)
		return
	}
	tag, err := tagIn(r.Header["If-Match"])
	if err != nil {
		problem{Status: http.StatusBadRequest, Detail: err.Error()}.write(w)
		return
	}
	restart := r.URL.Query().Get("restart_clock")
	if restart != "" && restart != "true" && restart != "false" {
		problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf("restart_clock %q, want true or false", restart)}.write(w)
		return
	}
	put, err := a.control.Replace(string(text), tag, restart == "true")
	var invalid Invalid
	switch {
	case errors.As(err, &invalid):
		problem{Status: http.StatusUnprocessableEntity, Detail: err.Error(), Problems: invalid}.write(w)
	case errors.Is(err, ErrChanged):
		problem{Status: http.StatusPreconditionFailed, Detail: err.Error() + ": its ETag is " + quoted(a.control.Scenario().Tag)}.write(w)
	case err != nil:
		problem{Status: http.StatusConflict, Detail: err.Error()}.write(w)
	default:
		w.Header().Set("ETag", quoted(put.Tag))
		writeJSON(w, map[string]any{"name": put.Name, "hash": put.Tag, "rules": put.Rules, "restart_needed": orEmpty(put.Restart)})
	}
}

func (a api) rules(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]any{"rules": orEmpty(a.control.Rules())})
}

func (a api) rule(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	all := a.control.Rules()
	at := slices.IndexFunc(all, func(rule Rule) bool { return rule.Name == name })
	if at < 0 {
		problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("no rule %q", name)}.write(w)
		return
	}
	writeJSON(w, all[at])
}

func (a api) enable(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Enabled *bool `json:"enabled"`
	}
	const wanted = `{"enabled": true} or {"enabled": false}`
	if !readJSON(w, r, &want, wanted) {
		return
	}
	if want.Enabled == nil {
		problem{Status: http.StatusBadRequest, Detail: "want " + wanted}.write(w)
		return
	}
	if name := r.PathValue("name"); !a.control.Enable(name, *want.Enabled) {
		problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("no rule %q", name)}.write(w)
		return
	}
	a.rule(w, r)
}

func (a api) phase(w http.ResponseWriter, _ *http.Request) {
	p := a.control.Phase()
	p.Names = orEmpty(p.Names)
	writeJSON(w, p)
}

func (a api) jump(w http.ResponseWriter, r *http.Request) {
	var to struct {
		Phase *string `json:"phase"`
	}
	const wanted = `{"phase": "NAME"}`
	if !readJSON(w, r, &to, wanted) {
		return
	}
	switch {
	case to.Phase == nil:
		problem{Status: http.StatusBadRequest, Detail: "want " + wanted}.write(w)
	case !a.control.Jump(*to.Phase):
		problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("no phase %q, there are %s", *to.Phase, listOf(a.control.Phase().Names))}.write(w)
	default:
		a.phase(w, r)
	}
}

func (a api) faults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]bool{"enabled": a.control.FaultsOn()})
}

func (a api) faultsOff(w http.ResponseWriter, r *http.Request) {
	a.control.SwitchFaults(false)
	a.faults(w, r)
}

func (a api) faultsOn(w http.ResponseWriter, r *http.Request) {
	a.control.SwitchFaults(true)
	a.faults(w, r)
}

// methods are what one path does, by method. A HEAD is a GET.
type methods map[string]http.HandlerFunc

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	handle, allowed := m[method]
	if allowed {
		handle(w, r)
		return
	}
	var names []string
	for name := range m {
		names = append(names, name)
	}
	if m[http.MethodGet] != nil {
		names = append(names, http.MethodHead)
	}
	slices.Sort(names)
	w.Header().Set("Allow", strings.Join(names, ", "))
	problem{Status: http.StatusMethodNotAllowed, Detail: fmt.Sprintf("method %q, want %s", r.Method, strings.Join(names, " or "))}.write(w)
}

// isType reports whether a request's content is of this type, or of none that it names.
func isType(r *http.Request, want string) bool {
	given := r.Header.Get("Content-Type")
	if given == "" {
		return true
	}
	got, _, err := mime.ParseMediaType(given)
	return err == nil && got == want
}

// readJSON reads a small document that looks like wanted; false: the problem was written.
func readJSON(w http.ResponseWriter, r *http.Request, to any, wanted string) bool {
	if !isType(r, "application/json") {
		problem{Status: http.StatusUnsupportedMediaType, Detail: "want application/json"}.write(w)
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxJSON))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(to)
	if err == nil && decoder.More() {
		err = errors.New("more than one document")
	}
	var other *json.UnmarshalTypeError
	switch {
	case err == nil:
		return true
	case errors.As(err, &other) && other.Field == "":
		err = fmt.Errorf("it is a JSON %s, want %s", other.Value, wanted)
	case errors.As(err, &other):
		err = fmt.Errorf("%s is a JSON %s, want %s", other.Field, other.Value, wanted)
	case errors.Is(err, io.EOF):
		err = fmt.Errorf("it is empty, want %s", wanted)
	case !errors.As(err, new(*http.MaxBytesError)):
		err = fmt.Errorf("%s, want %s", strings.TrimPrefix(err.Error(), "json: "), wanted)
	}
	unread(w, err)
	return false
}

func unread(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		status = http.StatusRequestEntityTooLarge
	}
	problem{Status: status, Detail: "read the request: " + err.Error()}.write(w)
}

// tagIn is the one tag that an If-Match asks for (RFC 9110 13.1.1); "": any.
func tagIn(values []string) (string, error) {
	value := strings.TrimSpace(strings.Join(values, ", "))
	if value == "" || value == "*" {
		return "", nil
	}
	tag, err := strconv.Unquote(value)
	if err != nil || tag == "" {
		return "", fmt.Errorf("If-Match %q: want one ETag in quotes, or *", value)
	}
	return tag, nil
}

func quoted(tag string) string { return `"` + tag + `"` }

func writeJSON(w http.ResponseWriter, value any) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // as the log has it
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprintf("console: encode %T: %v", value, err)) // plain values: cannot be
	}
	w.Header().Set("Content-Type", "application/json")
	write(w, body.Bytes())
}

// orEmpty is a list that JSON shows as one.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func listOf(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
