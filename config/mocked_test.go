package config

import (
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// TestFillUnknown: what is known stays, what is not comes from the mocks, and
// what came from there is told.
func TestFillUnknown(t *testing.T) {
	t.Parallel()
	text := cty.StringVal
	object := func(m map[string]cty.Value) cty.Value { return cty.ObjectVal(m) }
	mocks := object(map[string]cty.Value{
		"id": text("mock"), "name": text("never"), "list": cty.TupleVal([]cty.Value{text("m0"), text("m1")}),
		"deep": object(map[string]cty.Value{"a": text("ma"), "b": text("mb")}),
	})
	real := object(map[string]cty.Value{
		"id": cty.DynamicVal, "name": text("real"), "list": cty.TupleVal([]cty.Value{text("r0"), cty.DynamicVal}),
		"deep": object(map[string]cty.Value{"a": cty.DynamicVal, "b": text("rb")}), "bare": cty.DynamicVal,
	})
	got, used := fillUnknown("vpc", real, mocks)
	want := object(map[string]cty.Value{
		"id": text("mock"), "name": text("real"), "list": cty.TupleVal([]cty.Value{text("r0"), text("m1")}),
		"deep": object(map[string]cty.Value{"a": text("ma"), "b": text("rb")}), "bare": cty.DynamicVal,
	})
	if !got.RawEquals(want) {
		t.Errorf("%#v", got)
	}
	paths := map[string]bool{}
	for _, m := range used {
		paths[m.Dependency+" "+m.Path+" "+m.Value.AsString()] = true
	}
	for _, p := range []string{"vpc id mock", "vpc list[1] m1", "vpc deep.a ma"} {
		if !paths[p] {
			t.Errorf("%q is not told: %v", p, paths)
		}
	}
	if len(paths) != 3 {
		t.Errorf("%v", paths)
	}
}

// TestLeavesOf: a whole value that is not known takes all leaves of its mock.
func TestLeavesOf(t *testing.T) {
	t.Parallel()
	_, used := fillUnknown("d", cty.ObjectVal(map[string]cty.Value{"o": cty.DynamicVal}),
		cty.ObjectVal(map[string]cty.Value{"o": cty.ObjectVal(map[string]cty.Value{"x": cty.True, "y": cty.EmptyTupleVal})}))
	if len(used) != 1 || used[0].Path != "o.x" {
		t.Errorf("%v", used)
	}
}
