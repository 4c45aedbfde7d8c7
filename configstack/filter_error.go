package configstack

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Titles of mistakes in queries.
const (
	titleUnexpected   = "Unexpected token"
	titleEnd          = "Unexpected end of input"
	titleIllegal      = "Illegal token"
	titleEmptyPath    = "Empty path expression"
	titleOpenPath     = "Unclosed path expression"
	titleEmptyGit     = "Empty Git filter"
	titleOpenGit      = "Unclosed Git filter expression"
	titleMissingRef   = "Missing Git reference"
	titleNoValue      = "Attribute expression missing value"
	titleBadGlob      = "Invalid glob pattern"
	titleUnknownKey   = "Unknown attribute key"
	titleBadValue     = "Invalid attribute value"
	titleEmptyBounds  = "Empty boundary"
	titleOpenBounds   = "Unclosed boundary"
	titleWrongBounds  = "Invalid boundary operand"
	hintDepthOrNumber = "a number next to '...' is a depth; write {%s} or name=%s for a directory of that name"
)

// QueryError is a mistake in the text of a query and where it is.
type QueryError struct {
	Title  string // what kind of mistake, such as "Unexpected token"
	Origin string // where the query was written, such as --filter[1]; may be empty
	Query  string // the text as written
	Pos    int    // byte offset of the mistake in Query; its length for the end
	Label  string // what is wrong at that place
	Hint   string // what to do about it; may be empty
}

// Error draws the query with a caret under the mistake, on several lines.
func (e *QueryError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Filter parsing error: %s\n --> %s '%s'\n\n", e.Title, e.Origin, e.Query)
	fmt.Fprintf(&b, "     %s\n     %s^ %s\n", e.Query, strings.Repeat(" ", e.column()), e.Label)
	if e.Hint != "" {
		fmt.Fprintf(&b, "\n  hint: %s\n", e.Hint)
	}
	return strings.TrimRight(b.String(), "\n")
}

// column counts the characters before the mistake.
func (e *QueryError) column() int {
	return utf8.RuneCountInString(e.Query[:min(e.Pos, len(e.Query))])
}

// FilterError is a query that was understood and cannot be answered, such
// as a reference that the repository does not have.
type FilterError struct {
	Query string
	Err   error
}

func (e *FilterError) Error() string { return "filter '" + e.Query + "': " + e.Err.Error() }
func (e *FilterError) Unwrap() error { return e.Err }
