package source

import (
	"path"
	"path/filepath"
	"strings"
)

// glob is a pattern over whole paths, one element per component. `**` as a
// component stands for any number of components (at least one at the end);
// within a component the rules of path.Match hold, and braces were expanded
// beforehand.
type glob []string

// compileGlobs reads patterns relative to the folder being copied.
func compileGlobs(raw []string) ([]glob, error) {
	var out []glob
	for _, pattern := range raw {
		for _, one := range expandBraces(filepath.ToSlash(pattern)) {
			g, err := compileGlob(one)
			if err != nil {
				return nil, &PatternError{Pattern: pattern, Err: err}
			}
			out = append(out, g)
		}
	}
	return out, nil
}

func compileGlob(pattern string) (glob, error) {
	clean := path.Clean(pattern)
	if clean == "." {
		return glob{}, nil
	}
	parts := strings.Split(clean, "/")
	for _, part := range parts {
		if _, err := path.Match(part, ""); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// covers reports whether the pattern matches the path or a folder above it:
// a folder that matches stands for all that it holds.
func (g glob) covers(p []string) bool {
	switch {
	case len(g) == 0:
		return true
	case len(p) == 0:
		return false
	case g[0] == "**":
		return len(g) == 1 || g[1:].covers(p) || g.covers(p[1:])
	}
	return matchName(g[0], p[0]) && g[1:].covers(p[1:])
}

// reaches reports whether the pattern may match something inside the folder.
func (g glob) reaches(dir []string) bool {
	switch {
	case len(g) == 0 || len(dir) == 0 || g[0] == "**":
		return true
	}
	return matchName(g[0], dir[0]) && g[1:].reaches(dir[1:])
}

func matchName(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil // the pattern was checked when it was compiled
}

func anyCovers(globs []glob, p []string) bool {
	for _, g := range globs {
		if g.covers(p) {
			return true
		}
	}
	return false
}

func anyReaches(globs []glob, dir []string) bool {
	for _, g := range globs {
		if g.reaches(dir) {
			return true
		}
	}
	return false
}

// expandBraces turns a{b,c}d into abd and acd. Braces that do not pair are
// kept as they are.
func expandBraces(pattern string) []string {
	open := strings.IndexByte(pattern, '{')
	if open < 0 {
		return []string{pattern}
	}
	end, cuts := closingBrace(pattern, open)
	if end < 0 {
		return []string{pattern}
	}
	var out []string
	from := open + 1
	for _, cut := range append(cuts, end) {
		out = append(out, expandBraces(pattern[:open]+pattern[from:cut]+pattern[end+1:])...)
		from = cut + 1
	}
	return out
}

// closingBrace finds the brace that closes the one at open, and the commas
// between them on the same level.
func closingBrace(s string, open int) (end int, cuts []int) {
	depth := 0
	for i := open; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return i, cuts
			}
		case ',':
			if depth == 1 {
				cuts = append(cuts, i)
			}
		}
	}
	return -1, nil
}
