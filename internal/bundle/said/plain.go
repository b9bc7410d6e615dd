package said

import "strings"

// Plain reports whether a text is a plain name, which can be shown: keys, ids and the
// names of variables and classes are, and most secrets are not.
func Plain(text string) bool {
	return len(text) < 100 && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-$:", r))
	})
}
