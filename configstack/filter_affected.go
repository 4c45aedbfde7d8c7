package configstack

import (
	"path/filepath"
	"strings"
)

// byPlace finds the components that a changed file lies in. A file in a folder
// below a unit's counts, unless other components lie below the unit too: what
// such a parent folder holds is rarely its own.
func (c *comparison) byPlace() error {
	at, parents := map[string]Component{}, map[string]bool{}
	for _, comp := range c.head.stack.Components {
		at[comp.Dir] = comp
		for dir := filepath.Dir(comp.Dir); within(dir, c.head.stack.Root) && !parents[dir]; dir = filepath.Dir(dir) {
			parents[dir] = true
		}
	}
	for _, ch := range c.changes {
		path := c.head.on(ch)
		for dir := filepath.Dir(path); within(dir, c.head.stack.Root); dir = filepath.Dir(dir) {
			comp, ok := at[dir]
			if !ok {
				continue
			}
			if dir == filepath.Dir(path) || !parents[dir] {
				c.reached(comp, ch, path)
			}
			break
		}
	}
	return nil
}

// reached adds a component that a changed file lies in, and for a stack all
// that lies below it, since that is generated from it.
func (c *comparison) reached(comp Component, ch change, path string) {
	role := RoleFolder
	if path == comp.File {
		role = RoleConfig
	}
	c.add(c.head, comp, ch, role, nil)
	if comp.Kind != KindStack {
		return
	}
	for _, below := range c.head.stack.Components {
		if below.Dir != comp.Dir && within(below.Dir, comp.Dir) {
			c.add(c.head, below, ch, RoleStack, nil)
		}
	}
}

// byReading finds the units that read a changed file.
func (c *comparison) byReading() error {
	return c.readers(c.head, c.changes, func(Component) bool { return true })
}

// byLostReading finds the units that read a file which was deleted: only the
// earlier side still knows. Files of modules are known by their folder and
// need no look back.
func (c *comparison) byLostReading() error {
	var lost []change
	for _, ch := range c.changes {
		if ch.status == "D" && !c.explained(ch) && !c.ofRemoved(ch) {
			lost = append(lost, ch)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	past, err := c.earlier()
	if err != nil {
		return err
	}
	still := map[string]bool{}
	for _, comp := range c.head.stack.Components {
		still[c.here(c.head, comp.Dir)] = true
	}
	return c.readers(past, lost, func(comp Component) bool { return still[c.here(past, comp.Dir)] })
}

// ofRemoved says that a change lies in the folder of a removed component.
func (c *comparison) ofRemoved(ch change) bool {
	file := filepath.Join(c.top, filepath.FromSlash(ch.path))
	for dir, m := range c.found {
		if m.Removed && within(file, dir) {
			return true
		}
	}
	return false
}

// explained says that a change reached some component already.
func (c *comparison) explained(ch change) bool {
	for dir := range c.found {
		for _, cause := range c.causes[dir] {
			if cause.File == ch.path {
				return true
			}
		}
	}
	return false
}

// readers adds the units of a side that read one of the changed files. The
// answer is always a component of the later side.
func (c *comparison) readers(s *side, changes []change, want func(Component) bool) error {
	readings, err := c.readings(s.stack.Units)
	if err != nil {
		return err
	}
	for _, u := range s.stack.Units {
		comp := Component{u.dir, u.Path(), KindUnit}
		if readings[u] == nil || !want(comp) {
			continue
		}
		for _, ch := range changes {
			role, through, ok := readings[u].role(s.on(ch))
			if !ok {
				continue
			}
			later := comp
			if s != c.head {
				later = c.onHead(s, comp)
			}
			c.add(c.head, later, ch, role, through)
		}
	}
	return nil
}

// onHead is a component of the earlier side on the later one.
func (c *comparison) onHead(s *side, comp Component) Component {
	move := func(path string) string { return filepath.Join(c.head.top, path[len(s.top):]) }
	return Component{move(comp.Dir), move(comp.File), comp.Kind}
}

// removals finds the components whose file is there no longer.
func (c *comparison) removals() error {
	for _, ch := range c.changes {
		if ch.status != "D" || !c.isComponentFile(ch) {
			continue
		}
		file := filepath.Join(c.top, filepath.FromSlash(ch.path))
		dir := filepath.Dir(file)
		if !within(dir, c.stack.Root) || c.reader.skipped(dir, c.stack.Root) || c.present(dir) {
			continue
		}
		m := &Member{Component: Component{Dir: dir, File: file, Kind: KindUnit}, Removed: true}
		if filepath.Base(file) == StackFile {
			m.Kind = KindStack
		}
		if err := c.bindRemoved(m); err != nil {
			return err
		}
		c.found[dir] = m
		c.causes[dir] = append(c.causes[dir], Cause{File: ch.path, Status: ch.status, Role: RoleConfig})
	}
	return nil
}

func (c *comparison) isComponentFile(ch change) bool {
	return c.reader.names.match(ch.path[strings.LastIndexByte(ch.path, '/')+1:])
}

// present says whether the later side has a component in a directory of the
// work tree.
func (c *comparison) present(dir string) bool {
	for _, comp := range c.head.stack.Components {
		if c.here(c.head, comp.Dir) == dir {
			return true
		}
	}
	return false
}

// bindRemoved reads a removed unit where it was, if somebody will ask.
func (c *comparison) bindRemoved(m *Member) error {
	n := c.filter.Needs()
	if m.Kind != KindUnit || !c.scene.Bind && !n.External && !n.Dependents {
		return nil
	}
	past, err := c.earlier()
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(c.top, m.Dir)
	if err != nil {
		return err
	}
	was := filepath.Join(past.top, rel)
	u := past.stack.Unit(was)
	if u == nil {
		for _, p := range past.stack.Problems {
			if p.Unit == was {
				c.problem(m.Dir, p.Err)
			}
		}
		return nil
	}
	m.Unit = c.moved(past, u)
	m.Unit.Removed = true
	return nil
}
