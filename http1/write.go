package http1

import (
	"bytes"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// WriteStatusLine writes the first line of an answer (RFC 9112 4) of HTTP/1.0 or 1.1.
func WriteStatusLine(b *bytes.Buffer, minor, status int, phrase string) {
	b.WriteString("HTTP/1.")
	b.WriteByte('0' + byte(min(minor, 1)))
	b.WriteByte(' ')
	writeInt(b, int64(status), 10)
	b.WriteByte(' ')
	b.WriteString(phrase)
	b.WriteString("\r\n")
}

// WriteFields writes fields in the order of their names, but for those that are left out and those whose name is none. A line end in a value is a space.
func WriteFields(b *bytes.Buffer, h http.Header, left map[string]bool) {
	var room [32]string
	names := room[:0]
	for name := range h {
		if !left[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if !httpguts.ValidHeaderFieldName(name) {
			continue
		}
		for _, value := range h[name] {
			WriteField(b, name, value)
		}
	}
}

var spaces = strings.NewReplacer("\n", " ", "\r", " ")

// WriteField writes one field.
func WriteField(b *bytes.Buffer, name, value string) {
	if strings.ContainsAny(value, "\r\n") {
		value = spaces.Replace(value)
	}
	b.WriteString(name)
	b.WriteString(": ")
	b.WriteString(textproto.TrimString(value))
	b.WriteString("\r\n")
}

// WriteChunk writes one chunk of a body (RFC 9112 7.1). An empty one would end it.
func WriteChunk(b *bytes.Buffer, p []byte) {
	writeInt(b, int64(len(p)), 16)
	b.WriteString("\r\n")
	b.Write(p)
	b.WriteString("\r\n")
}

func writeInt(b *bytes.Buffer, n int64, base int) {
	b.Write(strconv.AppendInt(b.AvailableBuffer(), n, base))
}
