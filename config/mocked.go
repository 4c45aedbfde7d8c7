package config

import (
	"context"
	"fmt"
	"sort"

	"github.com/zclconf/go-cty/cty"
)

// Mocked is a leaf of mock_outputs that stands in for an output that is not
// there yet.
type Mocked struct {
	Dependency string    // label of the block
	Path       string    // the output and the way into it, such as "subnets[0].id"
	Value      cty.Value // what the mock says
}

// NoOutputsError is the cause where a dependency has no outputs and no mocks
// stand in for them.
type NoOutputsError struct {
	Unit       string // file of the unit that asks
	Dependency string // file of the one that was asked
	Command    string // of the binary
}

func (e *NoOutputsError) Error() string {
	return fmt.Sprintf("%s is a dependency of %s but detected no outputs. Either the target module has not been applied yet, or the module has no outputs. "+
		"Apply it first, or give the dependency mock_outputs for %q.", e.Dependency, e.Unit, e.Command)
}

// Mocked lists the mocked leaves that the unit was evaluated with: those that
// stand in for outputs which cannot be read. Mocks that the configuration asks
// for in any case, by enabled or skip_outputs, are not among them.
func (u *Unit) Mocked(ctx context.Context) ([]Mocked, error) {
	ev, done := u.start(ctx, late)
	defer done()
	v := u.core.view()
	var all []Mocked
	list, err := v.dependencyBlocks(ev)
	if err != nil {
		return nil, u.core.failure(err)
	}
	for _, d := range list {
		f, err := v.fetched(ev, d)
		if err != nil {
			return nil, u.core.failure(err)
		}
		all = append(all, f.mocked...)
	}
	return all, nil
}

// wholeMocks says that nothing is there but the mocks.
func wholeMocks(d labelled, mocks cty.Value) fetched {
	return fetched{value: mocks, there: true, mocked: leavesOf(d.address(), "", mocks)}
}

// fillUnknown puts mocks in place of the leaves of planned outputs that are
// not known before an apply. What has no mock stays unknown.
func fillUnknown(label string, real, mocks cty.Value) (cty.Value, []Mocked) {
	filled, used := fillLeaf(label, "", real, mocks)
	return filled, used
}

func fillLeaf(label, path string, real, mock cty.Value) (cty.Value, []Mocked) {
	switch {
	case mock == cty.NilVal || real.IsWhollyKnown():
		return real, nil
	case !real.IsKnown():
		return mock, leavesOf(label, path, mock)
	case isObject(real) && mock.IsKnown() && !mock.IsNull() && isObject(mock):
		under, out := mock.AsValueMap(), map[string]cty.Value{}
		var used []Mocked
		for key, value := range real.AsValueMap() {
			filled, more := fillLeaf(label, within(path, key), value, under[key])
			out[key], used = filled, append(used, more...)
		}
		return cty.ObjectVal(out), used
	case isSequence(real) && mock.IsKnown() && !mock.IsNull() && isSequence(mock) && mock.LengthInt() == real.LengthInt():
		var out []cty.Value
		var used []Mocked
		under := mock.AsValueSlice()
		for i, value := range real.AsValueSlice() {
			filled, more := fillLeaf(label, fmt.Sprintf("%s[%d]", path, i), value, under[i])
			out, used = append(out, filled), append(used, more...)
		}
		return cty.TupleVal(out), used
	}
	return real, nil
}

// leavesOf takes a mock apart.
func leavesOf(label, path string, v cty.Value) []Mocked {
	switch {
	case v == cty.NilVal:
		return nil
	case v.IsKnown() && !v.IsNull() && isObject(v):
		var out []Mocked
		values := v.AsValueMap()
		keys := sortedKeys(values)
		sort.Strings(keys)
		for _, key := range keys {
			out = append(out, leavesOf(label, within(path, key), values[key])...)
		}
		return out
	case v.IsKnown() && !v.IsNull() && isSequence(v):
		var out []Mocked
		for i, value := range v.AsValueSlice() {
			out = append(out, leavesOf(label, fmt.Sprintf("%s[%d]", path, i), value)...)
		}
		return out
	}
	return []Mocked{{Dependency: label, Path: path, Value: v}}
}

func within(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
