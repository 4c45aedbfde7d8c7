package source

import (
	"fmt"
	"strings"
)

// AddressError says that an address cannot be understood. Address is masked.
type AddressError struct {
	Address string
	Err     error
}

func (e *AddressError) Error() string { return fmt.Sprintf("source %s: %v", e.Address, e.Err) }
func (e *AddressError) Unwrap() error { return e.Err }

// FetchError says that the files of an address could not be brought here.
// Address is masked, and so is the text of Err.
type FetchError struct {
	Address string
	Err     error
}

func (e *FetchError) Error() string {
	return fmt.Sprintf("downloading source url %s: %v", e.Address, e.Err)
}
func (e *FetchError) Unwrap() error { return e.Err }

// SubdirError says that the folder after `//` is not among the files of the
// source. Its wording is one that users and their scripts look for.
type SubdirError struct {
	Subdir  string
	Address string
}

func (e *SubdirError) Error() string {
	return fmt.Sprintf("Working dir %s from source %s does not exist", e.Subdir, e.Address)
}

// UnsupportedError says that no getter is built in for a kind of address.
type UnsupportedError struct {
	Scheme    string
	Supported []string // sorted
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("sources of type %q are not supported here (supported: %s)",
		e.Scheme, strings.Join(e.Supported, ", "))
}

// RefError says that a repository has no such tag, branch or commit.
type RefError struct {
	Ref        string
	Repository string   // masked
	Similar    []string // at most five tags that look alike
}

func (e *RefError) Error() string {
	hint := ""
	if len(e.Similar) > 0 {
		hint = fmt.Sprintf(" (similar tags: %s)", strings.Join(e.Similar, ", "))
	}
	return fmt.Sprintf("ref %q not found in %s%s", e.Ref, e.Repository, hint)
}

// CommandError is a fetching program that failed. Stderr is its last output,
// masked.
type CommandError struct {
	Command string // "git fetch"
	Stderr  string
	Err     error
}

func (e *CommandError) Error() string {
	if e.Stderr == "" {
		return fmt.Sprintf("%s: %v", e.Command, e.Err)
	}
	return fmt.Sprintf("%s: %v: %s", e.Command, e.Err, e.Stderr)
}
func (e *CommandError) Unwrap() error { return e.Err }

// UnsavedStateError refuses to delete a cache folder that holds the only copy
// of a state which the binary could not save.
type UnsavedStateError struct{ Path string }

func (e *UnsavedStateError) Error() string {
	return fmt.Sprintf("will not delete the cache: %s holds state that could not be saved;"+
		" push it with `terrace rescue` or move it away first", e.Path)
}

// PatternError is a malformed glob in a list of files to copy or to leave out.
type PatternError struct {
	Pattern string
	Err     error
}

func (e *PatternError) Error() string { return fmt.Sprintf("copy pattern %q: %v", e.Pattern, e.Err) }
func (e *PatternError) Unwrap() error { return e.Err }

// CopyError says which file could not be laid over the cache.
type CopyError struct {
	Path string
	Err  error
}

func (e *CopyError) Error() string { return fmt.Sprintf("copying %s: %v", e.Path, e.Err) }
func (e *CopyError) Unwrap() error { return e.Err }
