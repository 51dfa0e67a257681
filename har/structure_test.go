package har_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// structure is HAR 1.2 as it is published (http://www.softwareishard.com/blog/har-12-spec/): the fields of each object, with what they are. One with a ? is
// optional; a field of ours begins with an underscore.
func structure() map[string]map[string]string {
	return map[string]map[string]string{
		"file":    {"log": "log"},
		"log":     {"version": "string", "creator": "creator", "browser": "creator?", "pages": "page[]?", "entries": "entry[]", "comment": "string?"},
		"creator": {"name": "string", "version": "string", "comment": "string?"},
		"entry": {
			"pageref": "string?", "startedDateTime": "date", "time": "number", "request": "request", "response": "response", "cache": "cache", "timings": "timings",
			"serverIPAddress": "string?", "connection": "string?", "comment": "string?",
		},
		"request": {
			"method": "string", "url": "string", "httpVersion": "string", "cookies": "cookie[]", "headers": "pair[]", "queryString": "pair[]", "postData": "postData?",
			"headersSize": "number", "bodySize": "number", "comment": "string?",
		},
		"response": {
			"status": "number", "statusText": "string", "httpVersion": "string", "cookies": "cookie[]", "headers": "pair[]", "content": "content", "redirectURL": "string",
			"headersSize": "number", "bodySize": "number", "comment": "string?",
		},
		"cookie": {
			"name": "string", "value": "string", "path": "string?", "domain": "string?", "expires": "date?", "httpOnly": "bool?", "secure": "bool?", "comment": "string?",
		},
		"pair":     {"name": "string", "value": "string", "comment": "string?"},
		"postData": {"mimeType": "string", "params": "param[]", "text": "string", "comment": "string?"},
		"param":    {"name": "string", "value": "string?", "fileName": "string?", "contentType": "string?", "comment": "string?"},
		"content":  {"size": "number", "compression": "number?", "mimeType": "string", "text": "string?", "encoding": "string?", "comment": "string?"},
		"cache":    {"beforeRequest": "object?", "afterRequest": "object?", "comment": "string?"},
		"timings": {
			"blocked": "number?", "dns": "number?", "connect": "number?", "send": "number", "wait": "number", "receive": "number", "ssl": "number?", "comment": "string?",
		},
	}
}

// misfits are the places at which a JSON text is no HAR 1.2.
func misfits(text []byte) []string {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return []string{err.Error()}
	}
	found := look("file", value, "")
	slices.Sort(found)
	return found
}

func look(kind string, value any, at string) (found []string) {
	wrong := []string{fmt.Sprintf("%s: %v is no %s", at, value, kind)}
	switch element, isList := strings.CutSuffix(kind, "[]"); {
	case isList:
		list, is := value.([]any)
		if !is {
			return wrong
		}
		for i, one := range list {
			found = append(found, look(element, one, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return found
	case kind == "string", kind == "number", kind == "bool", kind == "date":
		if !isPlain(kind, value) {
			return wrong
		}
		return nil
	}
	fields, known := structure()[kind]
	object, is := value.(map[string]any)
	if !is || !known {
		return wrong
	}
	for name := range object {
		if _, known := fields[name]; !known && !strings.HasPrefix(name, "_") {
			found = append(found, at+"."+name+": not in HAR 1.2")
		}
	}
	for name, kind := range fields {
		kind, optional := strings.CutSuffix(kind, "?")
		member, is := object[name]
		switch {
		case is:
			found = append(found, look(kind, member, at+"."+name)...)
		case !optional:
			found = append(found, at+"."+name+": missing")
		}
	}
	return found
}

func isPlain(kind string, value any) bool {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	_, isBool := value.(bool)
	switch kind {
	case "string":
		return isText
	case "bool":
		return isBool
	case "number": // -1: it is not known
		return isNumber && (number >= 0 || number == -1)
	case "date":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil
	default:
		return false
	}
}
