package wizard

import (
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// typedPath is the path that a user means who typed it, or dropped a file into the
// terminal. A terminal then writes the path in quotes, with backslashes before
// what a shell would take for its own, or as a file address.
func typedPath(text, home string) string {
	text = strings.TrimSpace(text)
	if _, err := os.Lstat(text); err == nil {
		return text
	}
	text = strings.TrimPrefix(text, "& ") // as PowerShell calls what was dropped
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		return filepath.FromSlash(u.Path)
	}
	return underHome(unquoted(text), home)
}

// underHome replaces ~ at the start of a path.
func underHome(path, home string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && home != "" && (rest == "" || os.IsPathSeparator(rest[0])) {
		return filepath.Join(home, rest)
	}
	return path
}

// unquoted takes the quotes and escapes of a shell from a path. Blanks outside of
// quotes belong to the path: people type them.
func unquoted(text string) string {
	var b strings.Builder
	quote := rune(0)
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			if quote == '"' && !strings.ContainsRune("\\\"$`", r) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'' && runtime.GOOS != "windows":
			escaped = true
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		case r == quote:
			quote = 0
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// archives are the endings of files that can be bundles.
var archives = []string{".zip", ".tar.gz", ".tgz"}

// hasEnding reports whether a name ends in one of the endings, in any case.
func hasEnding(name string, endings ...string) bool {
	lower := strings.ToLower(name)
	return slices.ContainsFunc(endings, func(ending string) bool { return strings.HasSuffix(lower, ending) })
}

// completions lists the paths that begin with what was typed: folders, and files
// that can be bundles.
func completions(typed, home string) []string {
	typed = strings.TrimLeft(typed, " '\"")
	folder, start := filepath.Split(typed)
	entries, err := os.ReadDir(filepath.Join(".", underHome(folder, home)))
	if filepath.IsAbs(underHome(folder, home)) {
		entries, err = os.ReadDir(underHome(folder, home))
	}
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		name := e.Name()
		switch {
		case !strings.HasPrefix(name, start) || start == "" && strings.HasPrefix(name, ".") || oneLine(name) != name:
		case e.IsDir():
			list = append(list, folder+name+string(filepath.Separator))
		case hasEnding(name, append(archives, ".java")...):
			list = append(list, folder+name)
		}
	}
	return list
}
