package config

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// stackParts is what a stack file is made of: its own blocks, those of the
// files that it includes, and those that the stack around it has added.
type stackParts struct {
	members []*member
}

// member is a unit or stack block.
type member struct {
	frame *frame
	block *blockDef
}

func (m *member) isStack() bool { return m.block.spec.name == "stack" }

// id tells units and stacks apart, which may share a name.
func (m *member) id() string { return m.block.spec.name + "." + m.block.label }

func (m *member) nested(name string) *blockDef {
	for _, b := range m.block.blocks {
		if b.spec.name == name {
			return b
		}
	}
	return nil
}

// bindStack gathers the blocks. Only the paths of includes are evaluated.
func (c *core) bindStack(ev *eval) error {
	c.stack = &stackParts{}
	var ps problems
	ps.add(c.stack.take(c.main))
	for _, b := range c.main.file.blocks {
		if b.spec.name == "include" {
			ps.add(c.includeStack(ev, b))
		}
	}
	ps.add(c.takeInjected(ev))
	if len(c.stack.members) == 0 && ps.empty() {
		ps.add(&problem{diags: hcl.Diagnostics{{
			Severity: hcl.DiagError, Summary: "Empty stack",
			Detail:  fmt.Sprintf("%s declares no unit and no stack.", filepath.Base(c.path)),
			Subject: &hcl.Range{Filename: c.path, Start: hcl.InitialPos, End: hcl.InitialPos},
		}}})
	}
	return ps.joined()
}

// take adds a file's blocks. A name may stand once among all files.
func (s *stackParts) take(fr *frame) error {
	var ps problems
	for _, b := range fr.file.blocks {
		if b.spec.name == "include" {
			continue
		}
		m := &member{frame: fr, block: b}
		ps.add(s.checkOnce(m))
		ps.add(m.checkParts())
		s.members = append(s.members, m)
	}
	return ps.joined()
}

// checkOnce finds a name that another file has used already; those of one file
// are found when it is parsed.
func (s *stackParts) checkOnce(m *member) error {
	for _, other := range s.members {
		if other.id() == m.id() && other.frame != m.frame {
			return m.frame.explain(&problem{diags: repeated("Duplicate "+m.block.spec.name+" block",
				fmt.Sprintf("%s %q is there already", m.block.spec.name, m.block.label), m.block.rng, other.block.rng)})
		}
	}
	return nil
}

// checkParts finds nested blocks that stand twice.
func (m *member) checkParts() error {
	first := map[string]*blockDef{}
	for _, b := range m.block.blocks {
		if before := first[b.spec.name]; before != nil {
			return m.frame.explain(&problem{diags: repeated("Duplicate "+b.spec.name+" block",
				fmt.Sprintf("%s %q has one %s block at most", m.block.spec.name, m.block.label, b.spec.name), b.rng, before.rng)})
		}
		first[b.spec.name] = b
	}
	return nil
}

// includeStack takes in the blocks of another file. It sees this one's locals
// and has none of its own.
func (c *core) includeStack(ev *eval, b *blockDef) error {
	path, err := c.main.given(ev, b, "path")
	if err != nil {
		return err
	}
	in := &include{Include: Include{Label: b.label, Path: c.main.abs(path)}, rng: b.rng}
	ev.read(in.Path)
	f, err := c.l.parse(in.Path, c.l.stacks)
	if notExist(err) {
		return errorAt(b.attrs["path"].at(), "Include configuration not found",
			"Include configuration not found: %s (referenced from: %s).%s", in.Path, c.path, orNearPath(in.Path))
	}
	if err != nil {
		return reached(err, c.step(in))
	}
	in.frame = newFrame(c, f, in)
	if len(f.locals.order) > 0 {
		return in.frame.explain(errorAt(f.locals.byName[f.locals.order[0]].rng, "Locals not allowed",
			"%s is included by %s and sees its locals: it can have none of its own", in.Path, c.path))
	}
	for _, nested := range f.blocks {
		if nested.spec.name == "include" {
			return in.frame.explain(errorAt(nested.rng, "Nested include",
				"%s is included by %s and includes another file itself. Only one level of includes is allowed.", in.Path, c.path))
		}
	}
	return c.stack.take(in.frame)
}

// takeInjected adds what the stack around this one has left beside its file. A
// block of the same name is replaced.
func (c *core) takeInjected(ev *eval) error {
	path := filepath.Join(c.dir, autoincludeStackName)
	if path == c.path || !c.l.texts.isFile(path) {
		return nil
	}
	ev.read(path)
	f, err := c.l.parse(path, c.l.injected)
	if err != nil {
		return err
	}
	fr := newFrame(c, f, nil)
	var ps problems
	for _, b := range f.blocks {
		m := &member{frame: fr, block: b}
		ps.add(m.checkParts())
		replaced := false
		for i, old := range c.stack.members {
			if old.id() == m.id() {
				c.stack.members[i], replaced = m, true
			}
		}
		if !replaced {
			c.stack.members = append(c.stack.members, m)
		}
	}
	return ps.joined()
}

// member finds a block by kind and name.
func (s *stackParts) member(kind, name string) *member {
	for _, m := range s.members {
		if m.block.spec.name == kind && m.block.label == name {
			return m
		}
	}
	return nil
}

// targetDir is where a member is generated. Its path must stay inside.
func (fr *frame) targetDir(b *blockDef, m StackMember) (string, error) {
	base := filepath.Join(fr.core.dir, StackDirName)
	if m.Beside {
		base = fr.core.dir
	}
	local := filepath.FromSlash(m.Path)
	wrong := ""
	switch {
	case filepath.IsAbs(local) || strings.HasPrefix(m.Path, "/"):
		wrong = "must be relative"
	case !filepath.IsLocal(local):
		wrong = "must not lead out of " + filepath.Base(base)
	case m.Beside && filepath.Clean(local) == ".":
		wrong = "must not be the stack's own folder"
	}
	if wrong != "" {
		return "", fr.explain(errorAt(b.attrs["path"].at(), "Invalid path", "the path %q of %s %s", m.Path, m, wrong))
	}
	return filepath.Join(base, local), nil
}

// targets finds members that would be generated in the same folder.
type targets struct {
	core  *core
	taken []taken
}

type taken struct {
	StackMember
	block *blockDef
}

func (t *targets) add(m *member, one StackMember) error {
	for _, other := range t.taken {
		if other.Dir != one.Dir {
			continue
		}
		return m.frame.explain(&problem{diags: repeated("Duplicate path",
			fmt.Sprintf("%s and %s are both generated in %s", other.StackMember, one, t.shown(one)), m.block.attrs["path"].at(), other.block.attrs["path"].at())})
	}
	t.taken = append(t.taken, taken{one, m.block})
	return nil
}

// shown is a member's folder from that of the stack file.
func (t *targets) shown(m StackMember) string {
	rel, err := filepath.Rel(t.core.dir, m.Dir)
	if err != nil {
		rel = m.Dir
	}
	return filepath.ToSlash(rel)
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }
