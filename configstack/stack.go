package configstack

import (
	"context"
	"errors"
	"slices"

	"github.com/terrace-iac/terrace/config"
)

// Unit is a unit with what discovery has learnt about it.
type Unit struct {
	*config.Unit
	Outline *config.Outline
	// External units lie outside the root of the stack. They are known
	// because another unit depends on them.
	External bool
	// Removed units are there no longer. They were chosen by a git range and
	// lie in a folder of their own; Dir is where they were.
	Removed bool
	// Ref is the git reference that the unit was taken from; empty for the
	// work tree. The unit then lies in a folder of its own.
	Ref string

	dir  string
	deps []string
}

// Dir is the absolute directory as discovery came to it. It is the identity
// of the unit within its stack.
func (u *Unit) Dir() string { return u.dir }

// Dependencies returns the absolute directories the unit waits for, in order
// of declaration. A stack directory is replaced by its units. Targets that
// exist but are not in the stack are included, missing ones are not.
func (u *Unit) Dependencies() []string { return slices.Clone(u.deps) }

// Stack is what discovery has found below a directory.
type Stack struct {
	Root       string      // absolute
	Components []Component // all components at and below Root, by path
	Units      []*Unit     // the units among them that could be read, by path
	External   []*Unit     // dependencies outside Root, by path, if they were asked for
	// Problems are the units that could not be read, which are missing from
	// Units, and the dependencies that lead nowhere, one entry for each
	// reference; by path. A run must not start with them; a listing may.
	Problems []*UnitError

	index map[string]*Unit
	// elsewhere are mistakes outside Root in units that were looked at only
	// for what they depend on, by directory. They matter to those who meet
	// the unit.
	elsewhere map[string]error
}

// Walked is a stack of which nothing but the paths is known.
func Walked(root string, components []Component) *Stack {
	return &Stack{Root: root, Components: components}
}

// Unit returns the unit of an absolute directory, external ones included, or
// nil.
func (s *Stack) Unit(dir string) *Unit { return s.index[dir] }

// Err returns all problems as one error, or nil.
func (s *Stack) Err() error {
	errs := make([]error, len(s.Problems))
	for i, p := range s.Problems {
		errs[i] = p
	}
	return errors.Join(errs...)
}

// Graph orders all units of the stack that are not external. For other
// choices see [Stack.Select] and [Selection.Graph].
func (s *Stack) Graph(ctx context.Context, d Direction) (*Graph, error) {
	return s.Select(nil).Graph(ctx, d)
}
