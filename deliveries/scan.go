package deliveries

import "bytes"

// skipValue is where the JSON value that begins at text[at] ends, at most the end of the text. It always moves on.
func skipValue(text []byte, at int) int {
	switch text[at] {
	case '"':
		return skipString(text, at)
	case '{', '[':
		return skipNested(text, at)
	default:
		end := bytes.IndexAny(text[at+1:], " \t\r\n,:{}[]\"")
		if end < 0 {
			return len(text)
		}
		return at + 1 + end
	}
}

func skipString(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}

func skipNested(text []byte, at int) int {
	depth := 0
	for at < len(text) {
		switch text[at] {
		case '"':
			at = skipString(text, at)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		at++
		if depth == 0 {
			return at
		}
	}
	return len(text)
}
