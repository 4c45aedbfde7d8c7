package configstack

import (
	"path/filepath"
	"strings"
)

// Query is one query that chooses components.
type Query struct {
	Text  string // as written
	terms []expr // evaluated one after the other, each on what the last one left
}

// PathQuery chooses the components whose path matches a glob, in which {a,b}
// stands for a or b, or with exclude all others.
func PathQuery(glob string, exclude bool) (*Query, error) {
	g, err := compilePathGlob(glob, true)
	if err != nil {
		return nil, &QueryError{Title: titleBadGlob, Query: glob, Label: err.Error()}
	}
	var e expr = pathIs{g}
	if exclude {
		e = not{e}
	}
	return &Query{Text: "{" + glob + "}", terms: []expr{e}}, nil
}

// ReadingQuery chooses the units that read a file.
func ReadingQuery(file string) (*Query, error) {
	g, err := compilePathGlob(file, true)
	if err != nil {
		return nil, &QueryError{Title: titleBadGlob, Query: file, Label: err.Error()}
	}
	return &Query{Text: "reading=" + file, terms: []expr{readingIs{g}}}, nil
}

// ExternalQuery chooses everything, and what it depends on elsewhere.
func ExternalQuery() *Query {
	return &Query{Text: "{./**}...", terms: []expr{&graph{target: everything{}, after: &reach{}}}}
}

// AffectedQuery chooses what has changed since the work in from and HEAD
// parted.
func AffectedQuery(from string) *Query {
	return &Query{Text: "[" + from + "...HEAD]", terms: []expr{gitRange{from: from, to: headRef}}}
}

// headRef is the reference for what is checked out.
const headRef = "HEAD"

// pure says that a query only takes away: all its operands are negated.
func (q *Query) pure() bool {
	for _, t := range q.terms {
		if _, ok := t.(not); !ok {
			return false
		}
	}
	return true
}

// newGitRange reads the references between brackets: a...b from where the two
// parted, a..b from a itself, and a alone up to HEAD.
func newGitRange(text string) gitRange {
	if from, to, ok := strings.Cut(text, dots); ok {
		return gitRange{from: strings.TrimSpace(from), to: strings.TrimSpace(to)}
	}
	if from, to, ok := strings.Cut(text, ".."); ok && from != "" && to != "" {
		return gitRange{from: strings.TrimSpace(from), to: strings.TrimSpace(to), direct: true}
	}
	return gitRange{from: text, to: headRef}
}

// compilePathGlob compiles a path, cleaned and with slashes.
func compilePathGlob(path string, alternation bool) (glob, error) {
	return compileGlob(cleanSlashes(filepath.ToSlash(path)), alternation)
}
