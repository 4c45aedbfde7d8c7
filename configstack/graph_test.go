package configstack

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// fixture is the tree of units used throughout the command line specification.
func fixture() *Stack {
	return fakeStack("net/dns:", "net/vpc:", "data/db: net/vpc", "data/cache: net/vpc", "app/web: data/db data/cache")
}

func levels(g *Graph) string {
	var out []string
	for _, l := range g.Levels() {
		out = append(out, short(l))
	}
	return strings.Join(out, " | ")
}

func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		stack    *Stack
		up, down string
	}{
		{"none", fakeStack(), "", ""},
		{"fixture", fixture(),
			"net/dns net/vpc | data/cache data/db | app/web",
			"app/web net/dns | data/cache data/db | net/vpc"},
		{"a unit stands behind the longest way",
			fakeStack("app: db zone", "db: vpc", "vpc:", "zone:"),
			"vpc zone | db | app",
			"app | db zone | vpc"},
		{"what is not in the queue counts as done",
			fakeStack("a: gone", "b: a gone"),
			"a | b", "b | a"},
		{"by the bytes of the path",
			fakeStack("app/b:", "app-x:", "app:"),
			"app app-x app/b", "app app-x app/b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for d, want := range map[Direction]string{Up: tt.up, Down: tt.down} {
				g := mustGraph(t, tt.stack, d)
				if got := levels(g); got != want {
					t.Errorf("direction %d: got levels %s, want %s", d, got, want)
				}
				if got, want := short(g.Order()), strings.ReplaceAll(want, " | ", " "); got != want {
					t.Errorf("direction %d: got order %s, want %s", d, got, want)
				}
			}
		})
	}
}

func TestOrderOfMixedDirections(t *testing.T) {
	t.Parallel()
	// vpc is removed while web, which needed it, and db stay.
	s := fakeStack("web: db vpc", "db:", "vpc: zone", "zone:")
	down := map[*Unit]bool{s.unit("vpc"): true, s.unit("zone"): true}
	g, err := s.Select(nil).GraphBy(context.Background(), func(u *Unit) Direction {
		if down[u] {
			return Down
		}
		return Up
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := levels(g), "db vpc | web zone"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := short(g.Dependencies(s.unit("web"))), "db vpc"; got != want {
		t.Errorf("dependencies across directions: got %s, want %s", got, want)
	}
}

// Two units of different directions cannot form a cycle.
func TestMixedDirectionsBreakCycles(t *testing.T) {
	t.Parallel()
	s := fakeStack("a: b", "b: a")
	_, err := s.Select(nil).GraphBy(context.Background(), func(u *Unit) Direction {
		if nameOf(u) == "a" {
			return Down
		}
		return Up
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRelations(t *testing.T) {
	t.Parallel()
	s := fixture()
	for _, d := range []Direction{Up, Down} {
		g := mustGraph(t, s, d)
		tests := []struct {
			name string
			of   string
			list func(*Unit) []*Unit
			want string
		}{
			{"Dependencies", "app/web", g.Dependencies, "data/cache data/db"},
			{"Dependents", "net/vpc", g.Dependents, "data/cache data/db"},
			{"AllDependencies", "app/web", g.AllDependencies, "data/cache data/db net/vpc"},
			{"AllDependents", "net/vpc", g.AllDependents, "app/web data/cache data/db"},
			{"AllDependents", "net/dns", g.AllDependents, ""},
		}
		for _, tt := range tests {
			if got := short(tt.list(s.unit(tt.of))); got != tt.want {
				t.Errorf("direction %d: %s(%s): got %q, want %q", d, tt.name, tt.of, got, tt.want)
			}
		}
		stranger := fakeStack("x:").unit("x")
		if got := append(g.Dependencies(stranger), g.AllDependents(stranger)...); len(got) != 0 {
			t.Errorf("a unit that is not in the queue has relations: %s", short(got))
		}
		if g.Unit(s.unit("net/dns").Dir()) != s.unit("net/dns") || g.Unit("nowhere") != nil {
			t.Error("Unit finds the wrong thing")
		}
	}
}

func TestCycles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		stack *Stack
		want  string // after the fixed words
		order string // the graph can be listed all the same
	}{
		{"of itself", fakeStack("a: a"), "a -> a", "a"},
		{"of two", fakeStack("x:", "b: a", "a: b"), "a -> b -> a", "a x | b"},
		{"of three, with others before and behind", fakeStack("c: a", "a: b", "b: c x", "d: a", "e:", "x:"),
			"a -> b -> c -> a", "a e x | b c d"},
		{"the shortest of a knot", fakeStack("a: b", "b: c", "c: a d", "d: c"), "c -> d -> c", "a b | c | d"},
		{"of several knots", fakeStack("n: m", "m: n", "b: a", "a: b"), "a -> b -> a; m -> n -> m", "a m | b n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, d := range []Direction{Up, Down} {
				g, err := tt.stack.Graph(context.Background(), d)
				var cycle *CycleError
				if !errors.As(err, &cycle) {
					t.Fatalf("got error %v", err)
				}
				if want := "cycle detected during queue construction: " + tt.want; err.Error() != want {
					t.Errorf("got %q, want %q", err, want)
				}
				if g.Len() != len(tt.stack.Units) {
					t.Errorf("%d of %d units can be listed", g.Len(), len(tt.stack.Units))
				}
				if d == Up && levels(g) != tt.order {
					t.Errorf("got levels %s, want %s", levels(g), tt.order)
				}
				if lines := strings.Fields(draw(g.Tree())); len(lines) < g.Len() {
					t.Errorf("the tree shows only %v", lines)
				}
			}
		})
	}
}

// A unit that was left out cannot be part of a cycle.
func TestSelectionCutsCycle(t *testing.T) {
	t.Parallel()
	s := fakeStack("a: b", "b: c", "c: a")
	g, err := s.Select(func(u *Unit) bool { return nameOf(u) != "c" }).Graph(context.Background(), Up)
	if err != nil {
		t.Fatal(err)
	}
	if got := levels(g); got != "b | a" {
		t.Errorf("got %s", got)
	}
}

func TestGraphCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := fixture().Graph(ctx, Up); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// draw writes a tree as "a(b(c) d)".
func draw(branches []*Branch) string {
	out := make([]string, len(branches))
	for i, b := range branches {
		out[i] = nameOf(b.Unit)
		if len(b.Children) > 0 {
			out[i] += "( " + draw(b.Children) + " )"
		}
	}
	return strings.Join(out, " ")
}

func TestTree(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		stack    *Stack
		up, down string
	}{
		{"fixture", fixture(),
			"net/dns net/vpc( data/cache( app/web ) data/db( app/web ) )",
			"net/dns app/web( data/cache( net/vpc ) data/db( net/vpc ) )"},
		{"small roots first", fakeStack("app: db", "db: vpc", "vpc:", "zone:", "a: big", "big:"),
			"zone big( a ) vpc( db( app ) )",
			"zone a( big ) app( db( vpc ) )"},
		{"children by path, not by level", fakeStack("z: r", "a: r y", "y: r", "r:"),
			"r( a y( a ) z )",
			"z( r ) a( r y( r ) )"},
	}
	for _, tt := range tests {
		for d, want := range map[Direction]string{Up: tt.up, Down: tt.down} {
			if got := draw(mustGraph(t, tt.stack, d).Tree()); got != want {
				t.Errorf("%s, direction %d: got %s, want %s", tt.name, d, got, want)
			}
		}
	}
}

// The size of a branch that would take more lines than there are numbers.
func TestTreeSize(t *testing.T) {
	t.Parallel()
	lines := []string{"l00a:", "l00b:"}
	for i := 1; i < 80; i++ { // each level doubles the size
		prev, now := label(i-1), label(i)
		lines = append(lines, now+"a: "+prev+"a "+prev+"b", now+"b: "+prev+"a "+prev+"b")
	}
	roots := mustGraph(t, fakeStack(lines...), Up).Tree()
	if len(roots) != 2 || roots[0].Size != math.MaxInt {
		t.Errorf("got %d roots, the first of size %d", len(roots), roots[0].Size)
	}
	if got := mustGraph(t, fixture(), Up).Tree()[1].Size; got != 5 {
		t.Errorf("size of net/vpc: got %d, want 5 lines", got)
	}
}

func label(i int) string { return "l" + string(rune('0'+i/10)) + string(rune('0'+i%10)) }
