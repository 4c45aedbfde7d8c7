package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// globFiles lists the files below a pattern's fixed part that match it, sorted.
func globFiles(pattern string) ([]string, error) {
	re, err := globRegexp(filepath.ToSlash(pattern))
	if err != nil {
		return nil, err
	}
	var files []string
	err = filepath.WalkDir(fixedPart(pattern), func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil && notExist(err):
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case !d.IsDir() && re.MatchString(filepath.ToSlash(path)):
			files = append(files, path)
		}
		return nil
	})
	return files, err
}

// globRegexp translates a pattern: ** crosses folders, * and ? do not, {a,b}
// are alternatives, [a-z] is a class. Libraries let ** stand for whole names
// only, but d/**.yml is in use.
func globRegexp(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteByte('^')
	depth := 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*' && strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		case c == '{':
			b.WriteString("(?:")
			depth++
		case c == '}' && depth > 0:
			b.WriteByte(')')
			depth--
		case c == ',' && depth > 0:
			b.WriteByte('|')
		case c == '[' && strings.Contains(pattern[i:], "]"):
			end := i + strings.IndexByte(pattern[i:], ']')
			b.WriteString("[" + strings.Replace(pattern[i+1:end], "!", "^", 1) + "]")
			i = end
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	b.WriteByte('$')
	return regexp.Compile(b.String())
}
