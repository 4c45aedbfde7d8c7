package configstack

import (
	"path/filepath"
	"strings"
)

// lineage is where a stack comes from: its own source, and the stack in which
// it is declared.
type lineage struct {
	id     string // the same for all copies of one source
	name   string // for messages
	parent *lineage
}

// lineage gives that of the stack in a folder.
func (g *generation) lineage(dir string) *lineage {
	if line := g.stacks[dir]; line != nil {
		return line
	}
	name, err := filepath.Rel(g.root, dir)
	if err != nil {
		name = dir
	}
	if name == "." {
		name = filepath.Base(dir)
	}
	return &lineage{id: g.identity(dir), name: filepath.ToSlash(name)}
}

// identity names a folder of this machine by what it was copied from.
func (g *generation) identity(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if line := g.stacks[at]; line != nil {
			return line.id + filepath.ToSlash(dir[len(at):])
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return filepath.ToSlash(dir)
}

// descend is the lineage of a stack file that a component brings.
func (p *planned) descend(dir string) *lineage {
	rest := filepath.ToSlash(strings.TrimPrefix(dir, p.Dir))
	return &lineage{id: p.id + rest, name: p.Name + rest, parent: p.line}
}

// StackCycleError says that a stack contains itself.
type StackCycleError struct {
	// Chain names the stacks from the outermost one to the one that comes
	// again.
	Chain  []string
	Source string // of which the first and the last one are copies
}

func (e *StackCycleError) Error() string {
	return "the stack contains itself: " + strings.Join(e.Chain, " -> ") + "; the first and the last are " + e.Source
}

// checkCycle fails when the source of a stack is one that it lies in.
func (p *planned) checkCycle() error {
	if !p.IsStack {
		return nil
	}
	chain := []string{p.Name}
	for line := p.line; line != nil; line = line.parent {
		chain = append([]string{line.name}, chain...)
		if line.id == p.id {
			return &StackCycleError{Chain: chain, Source: p.shown}
		}
	}
	return nil
}
