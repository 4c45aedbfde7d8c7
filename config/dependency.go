package config

import (
	"errors"
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// dependencyNode is the word dependency: the merged dependency blocks by
// label, each with its outputs.
func (c *core) dependencyNode(fr *frame) node {
	v := c.view()
	if fr.strategy() == "no_merge" {
		v = fr.include.view(c)
	}
	return v.dependencies()
}

func (v view) dependencies() node {
	list := v.labelled("dependency")
	return node{
		kid: func(ev *eval, label string) (node, bool, error) {
			for _, d := range list {
				if d.label == label {
					n, err := v.dependencyOrSeveral(ev, d)
					return n, true, err
				}
			}
			return node{}, false, nil
		},
		names: func(*eval) ([]string, error) {
			names := make([]string, len(list))
			for i, d := range list {
				names[i] = d.label
			}
			return names, nil
		},
	}
}

// dependencyOrSeveral is a dependency, or those that its block makes, by key.
func (v view) dependencyOrSeveral(ev *eval, d labelled) (node, error) {
	several, ok, err := v.expanded(ev, d)
	if err != nil || !ok {
		return v.dependency(d), err
	}
	kids := make(map[string]node, len(several))
	for _, one := range several {
		kids[one.instance.label] = v.dependency(one)
	}
	return fixed(kids), nil
}

func (v view) dependency(d labelled) node {
	return node{
		kid: func(ev *eval, name string) (node, bool, error) {
			if name != "outputs" {
				return node{}, false, nil
			}
			value, ok, err := v.outputs(ev, d)
			return known(value), ok, err
		},
		names: func(ev *eval) ([]string, error) { return []string{"outputs"}, nil },
	}
}

// fetched is what dependency.X.outputs is, or that it is absent.
type fetched struct {
	value  cty.Value
	there  bool
	mocked []Mocked // the leaves that are not real
}

// outputs gives a dependency's outputs by the decision table of section 8.1.
// While the queue has not reached the unit they are unknown.
func (v view) outputs(ev *eval, d labelled) (cty.Value, bool, error) {
	f, err := v.fetched(ev, d)
	return f.value, f.there, err
}

func (v view) fetched(ev *eval, d labelled) (fetched, error) {
	inner := *ev
	inner.effects = effects{}
	inner.phase = v.core.main.phase(ev)
	value, err := v.core.l.force(&inner, v.core.sections.get("outputs "+v.key+d.address()), step{v.core.path, "dependency." + d.address()}, func(ev *eval) (any, error) {
		return v.decideOutputs(ev, d)
	})
	ev.add(inner.effects)
	if err != nil {
		return fetched{}, err
	}
	return value.(fetched), nil
}

func (v view) decideOutputs(ev *eval, d labelled) (any, error) {
	l := v.core.l
	if l.opts.Mocks.Never {
		return fetched{value: cty.DynamicVal, there: true}, nil
	}
	mocks, hasMocks, err := d.merged(ev, "mock_outputs")
	if err != nil {
		return nil, err
	}
	enabled, err := d.bool(ev, "enabled", true)
	if err != nil {
		return nil, err
	}
	if !enabled {
		return fetched{value: mocks, there: hasMocks}, nil
	}
	allowed, err := v.mocksAllowed(ev, d)
	if err != nil {
		return nil, err
	}
	hasMocks = hasMocks && allowed
	skip, err := d.bool(ev, "skip_outputs", false)
	if err != nil {
		return nil, err
	}
	if skip || l.opts.Mocks.Skip {
		return fetched{value: mocks, there: hasMocks}, nil
	}
	if ev.phase == early {
		ev.open = true
		return fetched{value: cty.DynamicVal, there: true}, nil
	}
	return v.realOutputs(ev, d, mocks, hasMocks)
}

func (v view) mocksAllowed(ev *eval, d labelled) (bool, error) {
	list, ok, err := d.merged(ev, "mock_outputs_allowed_terraform_commands")
	if err != nil || !ok {
		return true, err
	}
	commands := stringsOf(list)
	for _, c := range commands {
		if c == v.core.l.opts.Command {
			return true, nil
		}
	}
	return len(commands) == 0, nil
}

func (v view) realOutputs(ev *eval, d labelled, mocks cty.Value, hasMocks bool) (any, error) {
	strategy, err := mockStrategy(ev, d)
	if err != nil {
		return nil, err
	}
	if file, ok, err := v.stackTarget(ev, d); ok || err != nil {
		if err != nil {
			return nil, err
		}
		return v.stackOutputs(ev, d, file, mocks, hasMocks)
	}
	target, err := v.target(ev, d)
	if err != nil {
		return nil, err
	}
	ev.outside = true
	real, err := v.core.l.fetch(ev, target)
	var used []Mocked
	if err == nil && hasMocks {
		real, used = fillUnknown(d.address(), real, mocks)
	}
	switch {
	case err != nil && v.core.l.opts.Mocks.AllowNotFound && !isCancelled(err):
		if hasMocks {
			return wholeMocks(d, mocks), nil
		}
		return fetched{value: cty.DynamicVal, there: true}, nil
	case err != nil:
		return nil, v.fetchFailed(d, target, err)
	case real.LengthInt() > 0 && hasMocks:
		return fetched{value: mergeMocks(strategy, mocks, real), there: true, mocked: used}, nil
	case real.LengthInt() > 0:
		return fetched{value: real, there: true}, nil
	case hasMocks:
		v.core.l.warnOnce(v.core.path+" "+d.address(), fmt.Sprintf("%s has no outputs, but mock outputs provided for dependency %q of %s are used", target.path, d.address(), v.core.path))
		return wholeMocks(d, mocks), nil
	case v.core.l.opts.Mocks.AllowNotFound:
		return fetched{value: cty.DynamicVal, there: true}, nil
	}
	return nil, d.causedAt("", "Missing outputs", &NoOutputsError{Unit: v.core.path, Dependency: target.path, Command: v.core.l.opts.Command})
}

func (v view) fetchFailed(d labelled, target *core, err error) error {
	if isCancelled(err) {
		return err
	}
	rng := d.first().block.rng
	var mistakes *Error
	if errors.As(err, &mistakes) {
		return &problem{found: mistakes.Diagnostics, cause: err, outside: true, trace: []string{d.step(target.path)}}
	}
	return causedOutside(rng, "Cannot read outputs", fmt.Errorf("dependency %q: the outputs of %s cannot be read: %w", d.address(), target.path, err))
}

func mockStrategy(ev *eval, d labelled) (string, error) {
	strategy, err := d.str(ev, "mock_outputs_merge_strategy_with_state")
	if err != nil {
		return "", err
	}
	if strategy == "" {
		return oldMockStrategy(ev, d)
	}
	switch strategy {
	case "no_merge", "shallow", "deep_map_only":
		return strategy, nil
	}
	return "", d.errAt("mock_outputs_merge_strategy_with_state", "Invalid merge strategy",
		"Include merge strategy %s is unknown. Valid strategies for mock outputs are: no_merge, shallow, deep_map_only.%s", strategy, orNearest(strategy, "no_merge", "shallow", "deep_map_only"))
}

// oldMockStrategy reads the attribute that there was before strategies.
func oldMockStrategy(ev *eval, d labelled) (string, error) {
	const name = "mock_outputs_merge_with_state"
	merge, ok, err := d.attr(ev, name)
	if err != nil {
		return "", err
	}
	if !ok {
		return "no_merge", nil
	}
	l := d.first().frame.core.l
	if err := l.deprecated("deprecated-configs", name+` is deprecated: write mock_outputs_merge_strategy_with_state = "shallow"`); err != nil {
		return "", d.errAt(name, "Deprecated attribute", "%s", err)
	}
	if merge.IsKnown() && merge.True() {
		return "shallow", nil
	}
	return "no_merge", nil
}

// mergeMocks lays real outputs over mocked ones.
func mergeMocks(strategy string, mocks, real cty.Value) cty.Value {
	switch strategy {
	case "shallow":
		return mergeKeys(mocks, real)
	case "deep_map_only":
		return mergeMaps(mocks, real)
	}
	return real
}

func mergeMaps(under, over cty.Value) cty.Value {
	if under.IsNull() || over.IsNull() || !isObject(under) || !isObject(over) {
		return over
	}
	out := map[string]cty.Value{}
	for k, v := range under.AsValueMap() {
		out[k] = v
	}
	for k, v := range over.AsValueMap() {
		if u, ok := out[k]; ok {
			v = mergeMaps(u, v)
		}
		out[k] = v
	}
	return cty.ObjectVal(out)
}

// configPath gives the absolute path that a dependency names, or "" when it is
// not known yet.
func (v view) configPath(ev *eval, d labelled) (string, error) {
	value, ok, err := d.attr(ev, "config_path")
	if err != nil {
		return "", err
	}
	if ok && !value.IsKnown() {
		return "", nil
	}
	if !ok || value.AsString() == "" {
		return "", d.errAt("config_path", "Invalid dependency", "dependency %q has invalid config_path: it must not be empty", d.address())
	}
	return v.core.dirOf(value.AsString()), nil
}

// target binds the unit that a dependency names.
func (v view) target(ev *eval, d labelled) (*core, error) {
	path, err := v.configPath(ev, d)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return nil, d.errAt("config_path", "Invalid dependency", "dependency %q has invalid config_path: value must be known", d.address())
	}
	file, err := v.core.l.texts.unitFile(path)
	if err != nil {
		return nil, d.causedAt("config_path", "Missing dependency", fmt.Errorf("the target of dependency %q, %s, does not exist: %w.%s", d.address(), path, err, orNearPath(path)))
	}
	c, err := v.core.l.bind(ev, coreKey{path: file, origin: file})
	if err != nil {
		return nil, reached(err, d.step(file))
	}
	return c, nil
}

// fetch asks the host for a unit's outputs. Those who ask at the same moment
// share one answer; keeping answers is the host's business, which knows when a
// unit was applied.
func (l *Loader) fetch(ev *eval, target *core) (cty.Value, error) {
	asked := false
	v, err := l.force(ev, &target.outputs, step{target.path, "outputs"}, func(ev *eval) (any, error) {
		asked = true
		return l.host.Outputs(ev.ctx, &Unit{core: target, parent: ev.task})
	})
	if asked {
		target.outputs.forget()
	}
	if err != nil {
		return cty.NilVal, err
	}
	return v.(cty.Value), nil
}
