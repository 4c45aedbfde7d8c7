package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
)

// outputNode is a name among the outputs: a unit, or a stack with what is in
// it. One file may give both the same name.
type outputNode struct {
	kids  map[string]*outputNode
	units []*outputUnit
}

type outputUnit struct {
	dir   string
	value cty.Value
}

func (n *outputNode) kid(name string) *outputNode {
	if n.kids == nil {
		n.kids = map[string]*outputNode{}
	}
	if n.kids[name] == nil {
		n.kids[name] = &outputNode{}
	}
	return n.kids[name]
}

func (n *outputNode) all() []*outputUnit {
	list := slices.Clone(n.units)
	for _, name := range keysOf(n.kids) {
		list = append(list, n.kids[name].all()...)
	}
	return list
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// outputTree arranges the units of the stack files below the working folder.
func (s *session) outputTree(ctx context.Context) (*outputNode, error) {
	filter, err := s.newFilter(ctx, s.opts.Filter)
	if err != nil {
		return nil, err
	}
	c, err := s.filterComponents(ctx, filter, s.discoverOptions(), false)
	if err != nil {
		return nil, err
	}
	t := &outputTree{session: s, chosen: func(string) bool { return true }, members: map[string][]config.StackMember{}}
	if !filter.Empty() {
		t.chosen = c.Chosen.Has
	}
	nested := map[string]bool{}
	var stacks []string
	for _, comp := range c.Stack.Components {
		if comp.Kind != configstack.KindStack {
			continue
		}
		stacks = append(stacks, comp.Dir)
		if t.members[comp.Dir], err = s.loader.StackMembers(ctx, comp.File); err != nil {
			return nil, err
		}
		for _, m := range t.members[comp.Dir] {
			nested[m.Dir] = nested[m.Dir] || m.IsStack
		}
	}
	root := &outputNode{}
	var errs []error
	for _, dir := range stacks {
		if !nested[dir] {
			errs = append(errs, t.stack(ctx, root, dir, t.chosen(dir)))
		}
	}
	return root, errors.Join(errs...)
}

type outputTree struct {
	*session
	chosen  func(dir string) bool
	members map[string][]config.StackMember // by the folder of the stack file
}

// stack adds the members of a stack file. whole says that the filter has
// chosen the stack, and all in it.
func (t *outputTree) stack(ctx context.Context, at *outputNode, dir string, whole bool) error {
	var errs []error
	for _, m := range t.members[dir] {
		chosen := whole || t.chosen(m.Dir)
		switch _, known := t.members[m.Dir]; {
		case m.IsStack && !known:
			errs = append(errs, t.notGenerated(m))
		case m.IsStack:
			errs = append(errs, t.stack(ctx, named(at, m), m.Dir, chosen))
		case chosen:
			errs = append(errs, t.unit(ctx, at, m))
		}
	}
	return errors.Join(errs...)
}

// named is the node of a member. Those that one block makes are told apart by
// their keys.
func named(at *outputNode, m config.StackMember) *outputNode {
	at = at.kid(m.Name)
	if m.Many {
		at = at.kid(m.Key)
	}
	return at
}

func (t *outputTree) notGenerated(m config.StackMember) error {
	return fmt.Errorf("%s is not generated: there is nothing in %s; run `%s stack generate`", m, t.shownPath(m.Dir), progName)
}

func (t *outputTree) unit(ctx context.Context, at *outputNode, m config.StackMember) error {
	u, err := t.loader.Unit(ctx, m.Dir)
	var missing *config.MissingFileError
	if errors.As(err, &missing) {
		return t.notGenerated(m)
	}
	if err != nil {
		return err
	}
	outline, err := u.Outline(ctx)
	if err != nil {
		return err
	}
	if configstack.Excludes(outline.Exclude, "output") {
		return nil
	}
	n := named(at, m)
	n.units = append(n.units, &outputUnit{dir: m.Dir})
	if len(n.units) > 1 {
		return fmt.Errorf("%s and %s have the same name: choose one of the stacks with --working-dir or --filter", t.shownPath(n.units[0].dir), t.shownPath(m.Dir))
	}
	return nil
}

// readOutputs reads the outputs of all units of a node, some at a time: from
// state where that can be read.
func (s *session) readOutputs(ctx context.Context, n *outputNode) error {
	units := n.all()
	workers := shell.Capacity()
	if p := s.opts.Queue.Parallelism; p > 0 {
		workers = min(workers, p)
	}
	return errors.Join(eachOf(units, workers, func(u *outputUnit) error {
		bound, err := s.loader.Unit(ctx, u.dir)
		if err == nil {
			u.value, err = s.runner.Outputs(ctx, bound)
		}
		if err != nil {
			return &configstack.UnitError{Unit: u.dir, Err: err}
		}
		return nil
	})...)
}

// value is the object that a node stands for.
func (n *outputNode) value() (cty.Value, error) {
	attrs := map[string]cty.Value{}
	for _, u := range n.units {
		for name, v := range u.value.AsValueMap() {
			attrs[name] = v
		}
	}
	for name, kid := range n.kids {
		if _, taken := attrs[name]; taken {
			return cty.NilVal, fmt.Errorf("%s is an output of %s, and a unit or stack beside it", name, n.units[0].dir)
		}
		v, err := kid.value()
		if err != nil {
			return cty.NilVal, err
		}
		attrs[name] = v
	}
	return cty.ObjectVal(attrs), nil
}
