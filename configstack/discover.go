package configstack

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/terrace-iac/terrace/config"
)

// Discover walks the directory root and reads the outline of every unit, in
// parallel. Its error is that of [Walk], or a cancellation; mistakes in units
// are collected in [Stack.Problems], so that the user sees all of them.
func Discover(ctx context.Context, l *config.Loader, root string, o DiscoverOptions) (*Stack, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	components, err := Walk(ctx, root, o)
	if err != nil {
		return nil, err
	}
	d := &discovery{
		stack:   &Stack{Root: root, Components: components, index: map[string]*Unit{}, elsewhere: map[string]error{}},
		options: o,
		bind:    func(ctx context.Context, c Component) (*Unit, error) { return bind(ctx, l, c) },
		members: l.StackMembers,
		located: newLocator(o, components),
	}
	d.addAll(ctx, components)
	if o.Around != "" {
		d.lookAround(ctx)
	}
	if o.FollowExternal {
		d.followExternal(ctx)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d.resolveAll(ctx)
	return d.finish(), nil
}

func bind(ctx context.Context, l *config.Loader, c Component) (*Unit, error) {
	u, err := l.Unit(ctx, c.File)
	if err != nil {
		return nil, err
	}
	outline, err := u.Outline(ctx)
	if err != nil {
		return nil, err
	}
	return &Unit{Unit: u, Outline: outline, dir: c.Dir}, nil
}

// discovery is a stack in the making.
type discovery struct {
	stack   *Stack
	options DiscoverOptions
	bind    func(context.Context, Component) (*Unit, error)
	members func(context.Context, string) ([]config.StackMember, error)
	located *locator
}

// addAll binds the units among the components and adds them to the stack, in
// the order given.
func (d *discovery) addAll(ctx context.Context, components []Component) (added []*Unit) {
	units := make([]*Unit, len(components))
	errs := make([]error, len(components))
	forEach(len(components), d.options.workers(), func(i int) {
		if components[i].Kind == KindUnit && ctx.Err() == nil {
			units[i], errs[i] = d.bind(ctx, components[i])
		}
	})
	for i, u := range units {
		if errs[i] != nil {
			d.problem(components[i].Dir, errs[i])
		}
		if u != nil {
			u.External = !within(u.dir, d.stack.Root)
			d.stack.index[u.dir] = u
			added = append(added, u)
		}
	}
	return added
}

func (d *discovery) problem(dir string, err error) {
	if d.options.Around != "" && !within(dir, d.stack.Root) {
		d.stack.elsewhere[dir] = errors.Join(d.stack.elsewhere[dir], err)
		return
	}
	d.stack.Problems = append(d.stack.Problems, &UnitError{dir, err})
}

// lookAround adds the units that lie around the root. What cannot be walked
// there is nothing to the root.
func (d *discovery) lookAround(ctx context.Context) {
	found, _ := Walk(ctx, d.options.Around, d.options)
	found = slices.DeleteFunc(found, func(c Component) bool { return within(c.Dir, d.stack.Root) })
	d.located.add(found)
	d.addAll(ctx, found)
}

// followExternal adds the units outside the root on which others depend, one
// generation after the other.
func (d *discovery) followExternal(ctx context.Context) {
	seen := map[string]bool{}
	for next := d.units(); len(next) > 0 && ctx.Err() == nil; {
		next = d.addAll(ctx, d.outside(ctx, next, seen))
	}
}

// outside returns the components outside the root that the given units refer
// to and that were not seen before.
func (d *discovery) outside(ctx context.Context, units []*Unit, seen map[string]bool) (found []Component) {
	for _, u := range units {
		for _, dep := range u.Outline.Dependencies {
			dir := d.located.dir(dep)
			if within(dir, d.stack.Root) || seen[dir] || d.stack.index[dir] != nil {
				continue
			}
			seen[dir] = true
			c, ok, err := d.located.at(dir)
			if err != nil || !ok {
				continue // resolve reports it, once for each reference
			}
			if c.Kind == KindUnit {
				found = append(found, c)
				continue
			}
			found = append(found, d.generated(ctx, c, seen)...)
		}
	}
	return found
}

// generated returns the unseen components of a stack outside the root. A
// stack that was never generated has none.
func (d *discovery) generated(ctx context.Context, c Component, seen map[string]bool) []Component {
	o := d.options
	o.NoHidden = false
	var all []Component
	for _, dir := range d.placesOf(ctx, c) {
		found, err := Walk(ctx, dir, o)
		if err != nil && ctx.Err() == nil {
			d.problem(c.Dir, err)
		}
		all = append(all, found...)
	}
	return slices.DeleteFunc(all, func(c Component) bool {
		old := seen[c.Dir]
		seen[c.Dir] = true
		return old
	})
}

// placesOf are the folders in which a stack is generated. A mistake in its
// file is reported by those who generate or validate it.
func (d *discovery) placesOf(ctx context.Context, c Component) (dirs []string) {
	if dir := filepath.Join(c.Dir, generatedDir); isDir(dir) {
		dirs = append(dirs, dir)
	}
	members, _ := d.members(ctx, c.File)
	for _, m := range members {
		if m.Beside && isDir(m.Dir) {
			dirs = append(dirs, m.Dir)
		}
	}
	return dirs
}

// units returns all units by path.
func (d *discovery) units() []*Unit {
	all := make([]*Unit, 0, len(d.stack.index))
	for _, u := range d.stack.index {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b *Unit) int { return cmp.Compare(a.dir, b.dir) })
	return all
}

func (d *discovery) finish() *Stack {
	s := d.stack
	for _, u := range d.units() {
		if u.External {
			s.External = append(s.External, u)
		} else {
			s.Units = append(s.Units, u)
		}
	}
	slices.SortStableFunc(s.Problems, func(a, b *UnitError) int { return cmp.Compare(a.Unit, b.Unit) })
	return s
}

// forEach calls f for 0 to n-1 in the given number of goroutines.
func forEach(n, workers int, f func(int)) {
	var next atomic.Int64
	var running sync.WaitGroup
	for range min(n, workers) {
		running.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	running.Wait()
}
