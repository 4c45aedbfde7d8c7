package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// counter counts evaluations by file and expression.
type counter struct {
	mu    sync.Mutex
	root  string
	count map[string]int
}

func (c *counter) options() Options {
	c.count = map[string]int{}
	return Options{Command: "plan", Evaluated: func(file, cell string) {
		rel, _ := filepath.Rel(c.root, file)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.count[filepath.ToSlash(rel)+" "+cell]++
	}}
}

// inEnvironments is a tree of units in two environments. A parent's locals
// depend on the unit only through the environment's file, or on the unit.
func inEnvironments(t *testing.T, units int) string {
	files := map[string]string{"root.hcl": `
locals {
  env   = read_terragrunt_config(find_in_parent_folders("env.hcl"))
  name  = upper(local.env.locals.name)
  label = "${local.name}-${local.env.locals.size}"
  here  = path_relative_to_include()
  own   = "${local.label}/${local.here}"
  now   = "${local.name} ${uuid()}"
}
inputs = { label = local.label, own = local.own, now = local.now }
`}
	for e := range 2 {
		files[fmt.Sprintf("e%d/env.hcl", e)] = fmt.Sprintf("locals {\n  name = \"env%d\"\n  size = %d\n}", e, e)
		for u := range units {
			files[fmt.Sprintf("e%d/u%d/terragrunt.hcl", e, u)] = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}"
		}
	}
	return tree(t, files)
}

func TestPureExpressionsAreSharedByWhatTheyRead(t *testing.T) {
	t.Parallel()
	const units = 10
	c := &counter{root: inEnvironments(t, units)}
	l := NewLoader(&fakeHost{root: c.root}, c.options())
	moments := map[string]bool{}
	for e := range 2 {
		for n := range units {
			u, err := l.Unit(t.Context(), filepath.Join(c.root, fmt.Sprintf("e%d/u%d", e, n)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := u.Config(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			label := fmt.Sprintf("ENV%d-%d", e, e)
			if have := got.Inputs["label"].AsString(); have != label {
				t.Errorf("label = %s, want %s", have, label)
			}
			if have, want := got.Inputs["own"].AsString(), fmt.Sprintf("%s/e%d/u%d", label, e, n); have != want {
				t.Errorf("own = %s, want %s", have, want)
			}
			moments[got.Inputs["now"].AsString()] = true
			files, err := u.Reads(t.Context())
			if err != nil || !strings.Contains(strings.Join(files, " "), fmt.Sprintf("e%d/env.hcl", e)) {
				t.Errorf("reads %v, %v, want the environment's file", files, err)
			}
		}
	}
	if len(moments) != 2*units {
		t.Errorf("uuid() gave %d values for %d units", len(moments), 2*units)
	}
	for cell, want := range map[string]int{"root.hcl local.name": 2, "root.hcl local.label": 2, "root.hcl local.own": 2 * units, "root.hcl local.now": 2 * units, "e0/env.hcl local.name": 1} {
		if c.count[cell] != want {
			t.Errorf("%s was evaluated %d times, want %d", cell, c.count[cell], want)
		}
	}
}

func TestMemoGivesUpWhatIsNeverAskedAgain(t *testing.T) {
	t.Parallel()
	var always, never memo
	first := &result{}
	always.keep([]*result{first}, &result{})
	for range 2 * fairTrial {
		never.keep([]*result{{}}, &result{})
		if _, ok := always.find([]*result{first}); !ok {
			t.Fatal("what was kept is not found")
		}
		always.keep([]*result{{}}, &result{})
	}
	if !never.givenUp.Load() || always.givenUp.Load() {
		t.Errorf("given up: %v and %v, want true and false", never.givenUp.Load(), always.givenUp.Load())
	}
	if len(never.byFirst) != 0 {
		t.Errorf("%d results are still held", len(never.byFirst))
	}
}

func TestMemoTellsWhatIsReadApart(t *testing.T) {
	t.Parallel()
	var m memo
	a, b, one, two := &result{}, &result{}, &result{}, &result{}
	m.keep([]*result{a, a}, one)
	m.keep([]*result{a, b}, two)
	for _, tt := range []struct {
		read []*result
		want *result
	}{{[]*result{a, a}, one}, {[]*result{a, b}, two}, {[]*result{b, a}, nil}, {[]*result{a}, nil}} {
		if got, ok := m.find(tt.read); ok != (tt.want != nil) || ok && got != tt.want {
			t.Errorf("find = %p, %v, want %p", got, ok, tt.want)
		}
	}
	if m.keep([]*result{a, a}, &result{}) != one {
		t.Error("the second of two equal results has an identity of its own")
	}
}

func TestAForgottenUnitIsEvaluatedAgain(t *testing.T) {
	t.Parallel()
	c := &counter{root: inEnvironments(t, 1)}
	l := NewLoader(&fakeHost{root: c.root}, c.options())
	u, err := l.Unit(t.Context(), filepath.Join(c.root, "e0/u0"))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := u.Config(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := c.count["root.hcl local.here"]; n != 1 {
		t.Errorf("evaluated %d times, want once", n)
	}
	u.Forget()
	got, err := u.Config(t.Context())
	if err != nil || got.Inputs["own"].AsString() != "ENV0-0/e0/u0" {
		t.Errorf("own = %v, %v", got, err)
	}
	if n := c.count["root.hcl local.here"]; n != 2 {
		t.Errorf("evaluated %d times, want twice", n)
	}
}

// TestReadsComputesNothing: to know what a unit reads, what only computes is
// not evaluated.
func TestReadsComputesNothing(t *testing.T) {
	t.Parallel()
	c := &counter{root: inEnvironments(t, 1)}
	u, err := NewLoader(&fakeHost{root: c.root}, c.options()).Unit(t.Context(), filepath.Join(c.root, "e0/u0"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := u.Reads(t.Context())
	if want := []string{filepath.Join(c.root, "e0/env.hcl"), filepath.Join(c.root, "root.hcl")}; err != nil || fmt.Sprint(files) != fmt.Sprint(want) {
		t.Errorf("reads %v, %v, want %v", files, err, want)
	}
	for _, cell := range []string{"local.label", "local.own", "local.now", "inputs.label"} {
		if n := c.count["root.hcl "+cell]; n != 0 {
			t.Errorf("%s was evaluated", cell)
		}
	}
}
