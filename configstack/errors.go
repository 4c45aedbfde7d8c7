package configstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// UnitError is a mistake found in one unit while a stack is discovered.
type UnitError struct {
	Unit string // absolute directory
	Err  error
}

func (e *UnitError) Error() string { return e.Unit + ": " + e.Err.Error() }
func (e *UnitError) Unwrap() error { return e.Err }

// ConflictError is a directory whose files give it two meanings.
type ConflictError struct {
	Dir   string   // absolute
	Files []string // base names, sorted
}

func (e *ConflictError) Error() string {
	return e.Dir + ": " + strings.Join(e.Files, " and ") + ": only one of these files may be in a directory"
}

// MissingDependencyError is a dependency that leads to no configuration.
type MissingDependencyError struct {
	Dir    string // absolute directory the unit refers to
	Exists bool   // the directory is there, but holds no configuration
}

func (e *MissingDependencyError) Error() string {
	cause := "no terragrunt.hcl in folder"
	if !e.Exists {
		cause += ", the folder does not exist"
	}
	return "dependency " + e.Dir + ": " + cause
}

// CycleError says that units wait for each other and no order exists.
type CycleError struct {
	// Cycles holds the shortest cycle of each group of entangled units, as
	// slash-separated paths relative to the root of the stack. Each unit
	// depends on the one after it, the last one on the first. A cycle starts
	// with its smallest path; cycles are sorted by it.
	Cycles [][]string
}

func (e *CycleError) Error() string {
	rings := make([]string, len(e.Cycles))
	for i, c := range e.Cycles {
		rings[i] = strings.Join(c, " -> ") + " -> " + c[0]
	}
	return "cycle detected during queue construction: " + strings.Join(rings, "; ")
}

// SkipError says why a unit of the queue was never started.
type SkipError struct {
	Unit  string // absolute directory
	Cause string // absolute directory of the unit that failed; empty after an interrupt
	// Direct: the unit waited for Cause itself, and not only for something
	// that waited for it.
	Direct bool
	Err    error // why the queue was interrupted; nil after a failure
}

func (e *SkipError) Error() string {
	switch {
	case errors.Is(e.Err, context.Canceled):
		return fmt.Sprintf("Unit '%s' did not run due to an interrupt", e.Unit)
	case e.Err != nil:
		return fmt.Sprintf("Unit '%s' did not run due to an interrupt: %v", e.Unit, e.Err)
	case e.Direct:
		return fmt.Sprintf("Unit '%s' did not run due to a failure in '%s'", e.Unit, e.Cause)
	case e.Cause != "":
		return fmt.Sprintf("Unit '%s' did not run due to an earlier failure in '%s'", e.Unit, e.Cause)
	default:
		return fmt.Sprintf("Unit '%s' did not run due to an earlier failure", e.Unit)
	}
}

func (e *SkipError) Unwrap() error { return e.Err }

// PanicError is a panic of the work done on a unit. The queue outlives it, so
// that running units end well and the others are accounted for.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine that panicked
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v\n\n%s", e.Value, e.Stack) }

// errAbandoned is the error of work that left its goroutine without returning.
var errAbandoned = errors.New("the work on the unit ended without a result")

// located is an error and the path it is sorted by.
type located struct {
	path string
	err  error
}

// joinLocated returns all errors as one, sorted by path, or nil.
func joinLocated(all []located) error {
	slices.SortStableFunc(all, func(a, b located) int { return cmp.Compare(a.path, b.path) })
	errs := make([]error, len(all))
	for i, l := range all {
		errs[i] = l.err
	}
	return errors.Join(errs...)
}
