package scenario

import "strings"

// matchGlob reports whether text matches a pattern in which * stands for any run of characters, and everything else for itself.
func matchGlob(pattern, text string) bool {
	first, rest, globbed := strings.Cut(pattern, "*")
	if !globbed {
		return pattern == text
	}
	text, begins := strings.CutPrefix(text, first)
	if !begins {
		return false
	}
	for {
		part, after, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text, rest = text[at+len(part):], after
	}
}

func isGlob(pattern string) bool { return strings.Contains(pattern, "*") }
