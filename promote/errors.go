package promote

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
)

func (p Place) compare(o Place) int {
	return cmp.Or(cmp.Compare(p.File, o.File), cmp.Compare(p.Line, o.Line))
}

// RefusedError says why a unit's version cannot be changed by changing one
// literal.
type RefusedError struct {
	Unit   string // its folder
	Why    string
	Places []Place  // what it is about
	Others []string // units that would change too
	Hint   string   // what to do
	Err    error
}

func (e *RefusedError) Error() string { return e.Text(func(path string) string { return path }) }

// Text is the message, with paths as show gives them.
func (e *RefusedError) Text(show func(path string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", show(e.Unit), e.Why)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	for _, p := range e.Places {
		fmt.Fprintf(&b, "\n    %s:%d: %s", show(p.File), p.Line, p.Text)
	}
	if len(e.Others) > 0 {
		shown := make([]string, len(e.Others))
		for i, dir := range e.Others {
			shown[i] = show(dir)
		}
		fmt.Fprintf(&b, "\n  also used by: %s", strings.Join(shown, ", "))
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "\n  %s", e.Hint)
	}
	return b.String()
}

func (e *RefusedError) Unwrap() error { return e.Err }

// refusals are those of one request.
type refusals []error

func (r refusals) joined() error {
	slices.SortFunc(r, func(a, b error) int { return cmp.Compare(a.Error(), b.Error()) })
	return errors.Join(r...)
}

func (e *RefusedError) ambiguous(f *search, list []verdict) error {
	e.Why = fmt.Sprintf("more than one literal could be changed to make %s of %s", f.want.Version, f.unit.Pin.Version)
	for _, v := range list {
		e.Places = append(e.Places, v.edit.Place)
	}
	e.Hint = "edit the one that is meant by hand, or keep the version in one place"
	return e
}

func (e *RefusedError) shares(list []verdict) error {
	e.Why = "the literal that its version comes from is shared with units that were not asked for"
	for _, v := range list {
		e.Places = append(e.Places, v.edit.Place)
		e.Others = append(e.Others, v.others...)
	}
	slices.Sort(e.Others)
	e.Others = slices.Compact(e.Others)
	e.Hint = "give the units versions of their own, promote all of them together, or carry on with --allow-shared"
	return e
}

// computed names the expression that the version comes from.
func (e *RefusedError) computed(f *search) error {
	s := f.sources
	e.Why = fmt.Sprintf("no literal in the repository can be changed to make %s of %s", f.want.Version, f.unit.Pin.Version)
	e.Hint = "write the version as text: in the unit, in a local, in a file that it reads, or in the stack's values"
	switch {
	case len(s.computed) > 0:
		e.Why += ": the version is computed"
		e.Places = places(s.computed)
	case s.remote:
		e.Why += ": it stands in the catalog that the unit is generated from"
		e.Places = places(s.entry)
		e.Hint = "release the catalog, and promote with --from an environment that uses the release"
	default:
		e.Places = places(s.attrs)
	}
	return e
}

func places(list []config.Literal) []Place {
	var out []Place
	for _, l := range list {
		text, _, more := strings.Cut(strings.TrimSpace(l.Text), "\n")
		if more {
			text += " ..."
		}
		if p := (Place{l.File, l.Line, strings.TrimRight(text, "\r")}); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// MovedError says that a file is not what was evaluated.
type MovedError struct{ File, Text string }

func (e *MovedError) Error() string {
	return fmt.Sprintf("%s: %q is not where it was when the file was evaluated: was the file changed meanwhile? Run the command again", e.File, e.Text)
}
