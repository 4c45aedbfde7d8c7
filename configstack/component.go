package configstack

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Names of the files that give a directory its meaning.
const (
	UnitFile     = "terragrunt.hcl"
	UnitFileJSON = "terragrunt.hcl.json"
	StackFile    = "terragrunt.stack.hcl"

	// generatedDir is where the units of a stack file are generated.
	generatedDir = ".terragrunt-stack"
)

// Kind tells units from explicit stacks.
type Kind int

// The kinds of components.
const (
	KindUnit Kind = iota
	KindStack
)

// String is the word used in listings: unit or stack.
func (k Kind) String() string {
	if k == KindStack {
		return "stack"
	}
	return "unit"
}

// Component is a directory that holds a unit or a stack file.
type Component struct {
	Dir  string // absolute
	File string // absolute path of its configuration file
	Kind Kind
}

// names recognises the files that matter.
type names struct {
	chosen []string // asked for by the user; they win over the usual names
}

func newNames(chosen []string) names {
	return names{slices.DeleteFunc(slices.Clone(chosen), func(n string) bool { return n == StackFile || n == "" })}
}

func (n names) match(file string) bool {
	return file == UnitFile || file == UnitFileJSON || file == StackFile || slices.Contains(n.chosen, file)
}

// classify says what the files present, out of those that match, make of dir.
// The second result is false if they make nothing of it.
func (n names) classify(dir string, present []string) (Component, bool, error) {
	if len(present) == 0 {
		return Component{}, false, nil
	}
	unit, err := n.unitFile(dir, present)
	if err != nil {
		return Component{}, false, err
	}
	if !slices.Contains(present, StackFile) {
		return Component{dir, filepath.Join(dir, unit), KindUnit}, true, nil
	}
	if unit != "" {
		return Component{}, false, conflict(dir, unit, StackFile)
	}
	return Component{dir, filepath.Join(dir, StackFile), KindStack}, true, nil
}

// unitFile picks the unit's configuration file, or "" if there is none. A
// name the user chose settles what would otherwise be ambiguous.
func (n names) unitFile(dir string, present []string) (string, error) {
	for _, name := range n.chosen {
		if slices.Contains(present, name) {
			return name, nil
		}
	}
	native, json := slices.Contains(present, UnitFile), slices.Contains(present, UnitFileJSON)
	switch {
	case native && json:
		return "", conflict(dir, UnitFile, UnitFileJSON)
	case native:
		return UnitFile, nil
	case json:
		return UnitFileJSON, nil
	}
	return "", nil
}

// locate is classify for a single directory, asking the disk.
func (n names) locate(dir string) (Component, bool, error) {
	var present []string
	for _, name := range append([]string{UnitFile, UnitFileJSON, StackFile}, n.chosen...) {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && !info.IsDir() {
			present = append(present, name)
		}
	}
	return n.classify(dir, present)
}

func conflict(dir string, files ...string) error {
	slices.Sort(files)
	return &ConflictError{dir, files}
}

// skips says which directories a walk never enters.
type skips struct {
	names  []string // base names
	paths  []string // absolute, or ending of the path if relative
	hidden bool
}

func newSkips(o DiscoverOptions) skips {
	s := skips{
		names:  []string{".git", ".terraform", ".terragrunt-cache"},
		hidden: o.NoHidden,
	}
	for _, d := range append([]string{o.DownloadDir}, o.SkipDirs...) {
		switch d = filepath.Clean(d); {
		case d == "." || d == "..":
		case strings.ContainsRune(d, filepath.Separator):
			s.paths = append(s.paths, d)
		default:
			s.names = append(s.names, d)
		}
	}
	return s
}

func (s skips) skip(dir, base string) bool {
	if s.hidden && strings.HasPrefix(base, ".") || slices.Contains(s.names, base) {
		return true
	}
	return slices.ContainsFunc(s.paths, func(p string) bool {
		if filepath.IsAbs(p) {
			return dir == p
		}
		return strings.HasSuffix(dir, string(filepath.Separator)+p)
	})
}

// within says whether path is dir or lies below it. Both are clean.
func within(path, dir string) bool {
	rest, ok := strings.CutPrefix(path, dir)
	return ok && (rest == "" || rest[0] == filepath.Separator || strings.HasSuffix(dir, string(filepath.Separator)))
}
