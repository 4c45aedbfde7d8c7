// Package glob reads the patterns by which catalogs and templates name files.
//
// It knows paths with slashes only, and no file system.
package glob

import (
	"errors"
	"regexp"
	"strings"
)

var errOpenClass = errors.New("a [ without its ]")

// Compile makes a regular expression of a glob: `*` and `?` stop at a slash, `**`
// does not, and `**/` stands for any folders or none.
func Compile(glob string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`\A(?s:`)
	for i := 0; i < len(glob); i++ {
		rest := glob[i:]
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString(`(?:.*/)?`)
			i += 2
		case strings.HasPrefix(rest, "**"):
			b.WriteString(`.*`)
			i++
		case rest[0] == '*':
			b.WriteString(`[^/]*`)
		case rest[0] == '?':
			b.WriteString(`[^/]`)
		case rest[0] == '[':
			end := strings.IndexByte(rest[1:], ']')
			if end < 1 {
				return nil, errOpenClass
			}
			b.WriteString(globClass(rest[1 : end+1]))
			i += end + 1
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(regexp.QuoteMeta(rest[1:2]))
			i++
		default:
			b.WriteString(regexp.QuoteMeta(rest[:1]))
		}
	}
	b.WriteString(`)\z`)
	return regexp.Compile(b.String())
}

// globClass is the set between [ and ].
func globClass(set string) string {
	not := ""
	if set[0] == '!' || set[0] == '^' {
		not, set = "^", set[1:]
	}
	set = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `^`, `\^`).Replace(set)
	return "[" + not + set + "]"
}
