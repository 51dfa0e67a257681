package deliveries

import (
	"strconv"
	"unicode/utf8"
)

// unescape takes the rest of a text that began at a place, and has escapes or letters beyond ASCII.
func (c *cursor) unescape(begin int) string {
	buf := append(c.buf[:0], c.text[begin:c.at]...)
	for c.at < len(c.text) {
		switch b := c.text[c.at]; {
		case b == '"':
			c.at++
			c.buf = buf
			return string(buf)
		case b == '\\':
			buf = utf8.AppendRune(buf, c.escape())
		case b < ' ':
			c.fail()
		case b >= utf8.RuneSelf:
			letter, size := utf8.DecodeRuneInString(c.text[c.at:])
			if letter == utf8.RuneError && size == 1 {
				c.fail()
				continue
			}
			buf = append(buf, c.text[c.at:c.at+size]...)
			c.at += size
		default:
			from := c.at
			c.plain()
			buf = append(buf, c.text[from:c.at]...)
		}
	}
	c.fail()
	return ""
}

// escape takes one: a backslash and what follows. Halves of letters (surrogates) are left to encoding/json.
func (c *cursor) escape() rune {
	rest := c.text[c.at:]
	if len(rest) < 2 {
		c.fail()
		return 0
	}
	c.at += 2
	switch rest[1] {
	case '"', '\\', '/':
		return rune(rest[1])
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'u':
		return c.hexadecimal()
	}
	c.fail()
	return 0
}

func (c *cursor) hexadecimal() rune {
	if len(c.text)-c.at < 4 {
		c.fail()
		return 0
	}
	letter, err := strconv.ParseUint(c.text[c.at:c.at+4], 16, 16)
	if err != nil || letter >= 0xD800 && letter < 0xE000 {
		c.fail()
		return 0
	}
	c.at += 4
	return rune(letter)
}
