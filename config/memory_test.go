package config

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// estate writes many units that share a root of 300 expressions, half of which
// are the same for all.
func estate(tb testing.TB, units int) string {
	var b strings.Builder
	b.WriteString("locals {\n  here = path_relative_to_include()\n")
	for i := range 149 {
		if i%2 == 0 {
			fmt.Fprintf(&b, "  l%d = upper(\"value %d\")\n", i, i)
		} else {
			fmt.Fprintf(&b, "  l%d = \"${local.here}-${local.l%d}-%d\"\n", i, i-1, i)
		}
	}
	b.WriteString("}\ninputs = {\n")
	for i := range 150 {
		if i%2 == 0 {
			fmt.Fprintf(&b, "  i%d = { name = local.l%d, list = [1, 2, %d] }\n", i, i%149, i)
		} else {
			fmt.Fprintf(&b, "  i%d = merge({ unit = local.here }, { value = local.l%d })\n", i, i%149)
		}
	}
	b.WriteString("}\n")
	files := map[string]string{"root.hcl": b.String()}
	for i := range units {
		text := "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\nterraform {\n  source = \"../mod\"\n}\ninputs = { own = 1 }\n"
		if i > 0 {
			text += fmt.Sprintf("dependency \"before\" {\n  config_path = \"../u%d\"\n}\n", i-1)
		}
		files[fmt.Sprintf("u%d/terragrunt.hcl", i)] = text
	}
	return tree(tb, files)
}

// outputsHost has the same outputs for all units.
type outputsHost struct{ idleHost }

func newOutputsHost() outputsHost {
	return outputsHost{idleHost{cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("x")})}}
}

func outlineAll(tb testing.TB, l *Loader, root string, units int) []*Unit {
	bound := make([]*Unit, units)
	for i := range bound {
		u, err := l.Unit(tb.Context(), filepath.Join(root, fmt.Sprintf("u%d", i)))
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := u.Outline(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		bound[i] = u
	}
	return bound
}

func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// heapOf gives the live heap that evaluating all units takes.
func heapOf(tb testing.TB, root string, units int) uint64 {
	before := liveHeap()
	l := NewLoader(newOutputsHost(), Options{Command: "plan"})
	bound := outlineAll(tb, l, root, units)
	for _, u := range bound {
		c, err := u.Config(tb.Context())
		if err != nil {
			tb.Fatal(err)
		}
		if len(c.Inputs) != 151 {
			tb.Fatalf("%d inputs", len(c.Inputs))
		}
	}
	after := liveHeap()
	runtime.KeepAlive(bound)
	runtime.KeepAlive(l)
	return after - min(before, after)
}

// TestMemoryOfManyUnits keeps 1,000 units that share a large root below 300 MB:
// a fifth of them may take a fifth of that. It runs alone, since others would
// count too.
func TestMemoryOfManyUnits(t *testing.T) {
	const units = 200
	root := estate(t, units)
	heap := heapOf(t, root, units)
	t.Logf("%d bytes for each unit", heap/units)
	if heap > 300<<20*units/1000 {
		t.Errorf("%d units take %d MB", units, heap>>20)
	}
}

// BenchmarkMemory reports the live heap for each of 1,000 evaluated units.
func BenchmarkMemory(b *testing.B) {
	const units = 1000
	root := estate(b, units)
	for b.Loop() {
		b.ReportMetric(float64(heapOf(b, root, units))/units, "bytes/unit")
	}
}

// BenchmarkOutline reports how long one of 1,000 units takes to be bound and
// outlined.
func BenchmarkOutline(b *testing.B) {
	const units = 1000
	root := estate(b, units)
	for b.Loop() {
		outlineAll(b, NewLoader(newOutputsHost(), Options{Command: "plan"}), root, units)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*units), "ns/unit")
}
