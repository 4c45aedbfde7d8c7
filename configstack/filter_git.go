package configstack

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
)

var errNoRepository = errors.New("there is no Git repository to compare in")

// eval returns what has changed below the root, removed components included,
// whether it is in scope or not.
func (x gitRange) eval(e *evaluation, in scope) (members, error) {
	if found, ok := e.ranges[x]; ok {
		return found, nil
	}
	c, err := e.compare(x)
	if err != nil {
		return nil, err
	}
	found, err := c.affected()
	if err != nil {
		return nil, err
	}
	e.ranges[x] = found
	return found, nil
}

// side is the repository as it was at one end of a range: a stack, and the
// directory that stands for the top.
type side struct {
	ref   string // empty for the work tree
	top   string
	stack *Stack
}

// on returns the path of a changed file on this side.
func (s *side) on(c change) string { return filepath.Join(s.top, filepath.FromSlash(c.path)) }

// comparison is one git range being evaluated.
type comparison struct {
	*evaluation
	top, prefix string // of the repository; where in it the root lies
	changes     []change
	fromRef     string
	from        string // commit
	head        *side
	past        *side // nil until it is asked for
	found       members
}

// compare finds the ends of a range and what differs between them. The later
// end is the work tree itself where that is what is checked out.
func (e *evaluation) compare(x gitRange) (*comparison, error) {
	r := e.scene.Repository
	if r == nil {
		return nil, errNoRepository
	}
	place, err := r.place()
	if err != nil {
		return nil, err
	}
	c := &comparison{evaluation: e, top: place.top, fromRef: x.from, found: members{}}
	if c.prefix, err = filepath.Rel(place.top, e.stack.Root); err != nil {
		return nil, err
	}
	to, err := r.commit(e.ctx, x.to)
	if err != nil {
		return nil, err
	}
	if c.from, err = r.commit(e.ctx, x.from); err != nil {
		return nil, err
	}
	if !x.direct {
		if c.from, err = r.parted(e.ctx, x, c.from, to); err != nil {
			return nil, err
		}
	}
	if c.changes, err = r.diff(e.ctx, c.from, to); err != nil || len(c.changes) == 0 {
		return c, err
	}
	current, err := r.commit(e.ctx, headRef)
	if err != nil {
		return nil, err
	}
	c.head = &side{"", c.top, e.stack}
	if to != current {
		c.head, err = c.at(x.to, to)
	}
	return c, err
}

// at discovers the stack of a commit, in a work tree of its own. The reference
// is what people call the commit.
func (c *comparison) at(ref, commit string) (*side, error) {
	tree, err := c.scene.Repository.tree(c.ctx, commit)
	if err != nil {
		return nil, err
	}
	root := filepath.Join(tree, c.prefix)
	if !isDir(root) {
		return &side{ref, tree, &Stack{Root: root}}, nil
	}
	o := c.scene.Options
	o.Around, o.FollowExternal = "", false
	stack, err := Discover(c.ctx, c.scene.Loader, root, o)
	if err != nil {
		return nil, err
	}
	return &side{ref, tree, stack}, nil
}

// earlier is the side where the range starts.
func (c *comparison) earlier() (*side, error) {
	if c.past != nil {
		return c.past, nil
	}
	var err error
	c.past, err = c.at(c.fromRef, c.from)
	return c.past, err
}

// here turns a path of a side into that of the work tree.
func (c *comparison) here(s *side, path string) string {
	if s.top == c.top || !within(path, s.top) {
		return path
	}
	return filepath.Join(c.top, path[len(s.top):])
}

// affected returns the members that the changes reach.
func (c *comparison) affected() (members, error) {
	if len(c.changes) == 0 {
		return c.found, nil
	}
	for _, step := range []func() error{c.byPlace, c.removals, c.byReading, c.byStacks, c.byLostReading} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	for dir, m := range c.found {
		if c.known[dir] == nil {
			c.known[dir] = m
		}
		slices.SortStableFunc(c.causes[dir], func(a, b Cause) int { return strings.Compare(a.File, b.File) })
	}
	return c.found, nil
}

// add notes that a component of a side is reached by a change.
func (c *comparison) add(s *side, comp Component, ch change, role Role, through []string) {
	dir := c.here(s, comp.Dir)
	if c.found[dir] == nil {
		c.found[dir] = c.standIn(s, comp, dir)
	}
	cause := Cause{File: ch.path, Status: ch.status, Role: role}
	for _, t := range through {
		rel, err := filepath.Rel(s.top, t)
		if err != nil {
			rel = t
		}
		cause.Through = append(cause.Through, filepath.ToSlash(rel))
	}
	same := func(o Cause) bool { return o.File == cause.File }
	if !slices.ContainsFunc(c.causes[dir], same) {
		c.causes[dir] = append(c.causes[dir], cause)
	}
}

// standIn returns the member for a component of a side: the one known already
// if the side is the work tree, else one that lies in the side's own tree but
// goes by its directory here.
func (c *comparison) standIn(s *side, comp Component, dir string) *Member {
	if s.top == c.top {
		return c.member(dir)
	}
	m := &Member{Component: Component{dir, c.here(s, comp.File), comp.Kind}}
	if u := s.stack.Unit(comp.Dir); u != nil {
		m.Unit = c.moved(s, u)
	} else if comp.Kind == KindUnit {
		for _, p := range s.stack.Problems {
			if p.Unit == comp.Dir {
				c.problem(dir, p.Err)
			}
		}
	}
	return m
}

// moved is a unit of a side under its directory in the work tree.
func (c *comparison) moved(s *side, u *Unit) *Unit {
	copied := *u
	copied.dir, copied.Ref = c.here(s, u.dir), s.ref
	copied.deps = make([]string, len(u.deps))
	for i, d := range u.deps {
		copied.deps[i] = c.here(s, d)
	}
	return &copied
}
