package catalog

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/terrace-iac/terrace/catalog/glob"
)

// IgnoreFile is the file at the top of a repository that says what its catalog
// leaves out.
const IgnoreFile = ".terragrunt-catalog-ignore"

// Ignore says which folders a catalog leaves out. The zero value leaves out
// none.
type Ignore struct{ rules []ignoreRule }

type ignoreRule struct {
	pattern *regexp.Regexp
	keep    bool // the line began with "!"
}

// ReadIgnore adds the rules of a file: a glob on each line, comments after #,
// "!" to take a folder back in. The last rule that matches counts. `*` stops at
// a slash, `**` does not.
func (g Ignore) ReadIgnore(path string) (Ignore, error) {
	f, err := os.Open(path)
	if err != nil {
		return g, err
	}
	defer f.Close()
	out := Ignore{rules: append([]ignoreRule(nil), g.rules...)}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, keep := strings.CutPrefix(line, "!")
		pattern, err := glob.Compile(strings.Trim(strings.TrimSpace(text), "/"))
		if err != nil {
			return g, fmt.Errorf("%s:%d: %q is not a pattern: %w", path, n, line, err)
		}
		out.rules = append(out.rules, ignoreRule{pattern, keep})
	}
	return out, lines.Err()
}

// ofRepository adds the rules that a repository has of its own, before those
// that are there.
func (g Ignore) ofRepository(dir string) (Ignore, error) {
	own, err := Ignore{}.ReadIgnore(dir + string(os.PathSeparator) + IgnoreFile)
	if errors.Is(err, fs.ErrNotExist) {
		return g, nil
	}
	own.rules = append(own.rules, g.rules...)
	return own, err
}

// Matches says whether a folder is left out; its path starts at the top of the
// repository and is slash separated.
func (g Ignore) Matches(dir string) bool {
	out := false
	for _, r := range g.rules {
		if r.pattern.MatchString(dir) {
			out = !r.keep
		}
	}
	return out
}
