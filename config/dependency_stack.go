package config

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/zclconf/go-cty/cty"
)

// stackTarget finds the stack file that a dependency names, if it names one.
func (v view) stackTarget(ev *eval, d labelled) (string, bool, error) {
	path, err := v.configPath(ev, d)
	if err != nil || path == "" {
		return "", false, err
	}
	file, ok := v.core.l.stackOf(path)
	return file, ok, nil
}

// stackOutputs gives the outputs of a stack's units by their names, and those
// of a block that makes several by their keys below. Nested stacks are waited
// for, but show no outputs. A unit without any is left out, unless a mock
// stands in for it.
func (v view) stackOutputs(ev *eval, d labelled, file string, mocks cty.Value, hasMocks bool) (any, error) {
	units, err := v.core.l.unitMembers(ev, file)
	if err != nil {
		return nil, reached(err, d.step(file))
	}
	if hasMocks && !isObject(mocks) {
		return nil, d.errAt("mock_outputs", "Invalid mock_outputs", "%q depends on a stack: mock_outputs must be an object with the names of its units", d.label)
	}
	ev.outside = true
	real, err := v.core.l.fetchUnits(ev, units, func(m StackMember, err error) error { return v.unitFailed(d, m, err) })
	if err != nil && !(v.core.l.opts.Mocks.AllowNotFound && !isCancelled(err)) && !(hasMocks && notGenerated(err)) {
		return nil, err
	}
	strategy, err := mockStrategy(ev, d)
	if err != nil {
		return nil, err
	}
	switch {
	case hasMocks:
		used := missingUnits(d.address(), real, mocks)
		filled, more := fillUnknown(d.address(), real, mocks)
		used = append(used, more...)
		if strategy == "deep_map_only" {
			return fetched{value: mergeMaps(mocks, filled), there: true, mocked: used}, nil
		}
		return fetched{value: mergeKeys(mocks, filled), there: true, mocked: used}, nil
	case v.core.l.opts.Mocks.AllowNotFound && real.LengthInt() == 0:
		return fetched{value: cty.DynamicVal, there: true}, nil
	}
	return fetched{value: real, there: true}, nil
}

// missingUnits takes apart the mocks of units that have no outputs.
func missingUnits(label string, real, mocks cty.Value) []Mocked {
	if mocks.IsNull() || !mocks.IsKnown() {
		return nil
	}
	there, named := real.AsValueMap(), mocks.AsValueMap()
	var used []Mocked
	for _, name := range sortedKeys(named) {
		if _, ok := there[name]; !ok {
			used = append(used, leavesOf(label, name, named[name])...)
		}
	}
	return used
}

// unitMembers lists the units of a stack file, nested ones not.
func (l *Loader) unitMembers(ev *eval, file string) ([]StackMember, error) {
	c, err := l.bind(ev, coreKey{path: file, origin: file})
	if err != nil {
		return nil, err
	}
	all, err := c.stackMembers(ev)
	if err != nil {
		return nil, err
	}
	var units []StackMember
	for _, m := range all {
		if !m.IsStack {
			units = append(units, m)
		}
	}
	return units, nil
}

// unitsIn binds the units of a stack that are generated.
func (l *Loader) unitsIn(ev *eval, file string) []*core {
	members, err := l.unitMembers(ev, file)
	if err != nil {
		return nil
	}
	var out []*core
	for _, m := range members {
		if c, err := l.unitAtMember(ev, m); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// notGeneratedError says that a unit of a stack is not on disk.
type notGeneratedError struct{ member StackMember }

func (e *notGeneratedError) Error() string {
	return fmt.Sprintf("%s is not generated: run `stack generate` first; there is no %s", e.member, filepath.Join(e.member.Dir, FileName))
}

func notGenerated(err error) bool {
	p, ok := err.(*problem)
	if !ok {
		return false
	}
	_, ok = p.cause.(*notGeneratedError)
	return ok
}

func (l *Loader) unitAtMember(ev *eval, m StackMember) (*core, error) {
	file, err := l.texts.unitFile(m.Dir)
	if err != nil {
		return nil, &notGeneratedError{m}
	}
	return l.bind(ev, coreKey{path: file, origin: file})
}

// fetchUnits asks for the outputs of all units at once. With an error it still
// gives those that could be had.
func (l *Loader) fetchUnits(ev *eval, units []StackMember, explain func(StackMember, error) error) (cty.Value, error) {
	values := make([]cty.Value, len(units))
	errs := make([]error, len(units))
	var wg sync.WaitGroup
	for i, m := range units {
		wg.Go(func() {
			t, done := l.startTask(ev.task)
			defer done()
			inner := &eval{ctx: ev.ctx, task: t, phase: ev.phase}
			target, err := l.unitAtMember(inner, m)
			if err == nil {
				values[i], err = l.fetch(inner, target)
			}
			errs[i] = err
		})
	}
	wg.Wait()
	out := map[string]cty.Value{}
	several := map[string]map[string]cty.Value{}
	var first error
	for i, m := range units {
		switch {
		case errs[i] != nil:
			if first == nil {
				first = explain(m, errs[i])
			}
		case values[i].LengthInt() == 0:
		case m.Many:
			if several[m.Name] == nil {
				several[m.Name] = map[string]cty.Value{}
			}
			several[m.Name][m.Key] = values[i]
		default:
			out[m.Name] = values[i]
		}
	}
	for name, byKey := range several {
		out[name] = cty.ObjectVal(byKey)
	}
	return cty.ObjectVal(out), first
}

func (v view) unitFailed(d labelled, m StackMember, err error) error {
	if missing, ok := err.(*notGeneratedError); ok {
		return causedOutside(d.first().block.rng, "Missing dependency", missing)
	}
	file, missing := v.core.l.texts.unitFile(m.Dir)
	if missing != nil {
		return err
	}
	return v.fetchFailed(d, &core{path: file}, err)
}
