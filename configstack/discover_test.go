package configstack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

func needs(paths ...string) string {
	return fmt.Sprintf("dependencies {\n  paths = [\"%s\"]\n}\n", strings.Join(paths, `", "`))
}

// fetches is a unit that reads the outputs of others. Unlike the paths in a
// dependencies block these may lead nowhere until somebody follows them.
func fetches(paths ...string) string {
	var b strings.Builder
	for i, p := range paths {
		fmt.Fprintf(&b, "dependency \"d%d\" {\n  config_path = \"%s\"\n}\n", i, p)
	}
	return b.String()
}

func discover(t *testing.T, root string, o DiscoverOptions) *Stack {
	t.Helper()
	s, err := Discover(context.Background(), config.NewLoader(testHost{}, config.Options{}), root, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// describe gives a line for each unit: its path and those it waits for,
// relative to base.
func describe(t *testing.T, base string, units []*Unit) string {
	t.Helper()
	rel := func(dir string) string {
		r, err := filepath.Rel(base, dir)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(r)
	}
	var b strings.Builder
	for _, u := range units {
		b.WriteString(rel(u.Dir()) + ":")
		for _, d := range u.Dependencies() {
			b.WriteString(" " + rel(d))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	base := tree(t, map[string]string{
		"live/app/web/terragrunt.hcl":                       needs("../../data/db", "../../data/cache"),
		"live/data/cache/terragrunt.hcl":                    needs("../../net"), // a stack
		"live/data/db/terragrunt.hcl":                       needs("../../net/.terragrunt-stack/vpc", "../../../shared/dns"),
		"live/net/terragrunt.stack.hcl":                     "",
		"live/net/.terragrunt-stack/vpc/terragrunt.hcl":     "",
		"live/net/.terragrunt-stack/in/dns/terragrunt.hcl":  "",
		"live/net/.terragrunt-stacked/no/terragrunt.hcl":    "",
		"live/net/by-hand/terragrunt.hcl":                   "",
		"live/empty/terragrunt.stack.hcl":                   "",
		"live/late/terragrunt.hcl":                          needs("../empty", "../current"),
		"live/current->":                                    "v2",
		"live/v2/terragrunt.hcl":                            "",
		"shared/dns/terragrunt.hcl":                         needs("../zone", "../../live/v2", "../stack"),
		"shared/zone/terragrunt.hcl":                        "",
		"shared/stack/terragrunt.stack.hcl":                 "",
		"shared/stack/.terragrunt-stack/one/terragrunt.hcl": needs("../../../dns/../zone"),
		"shared/unused/terragrunt.hcl":                      "",
		"shared/ungenerated/terragrunt.stack.hcl":           "",
		"live/by-file/terragrunt.hcl":                       needs("../v2/terragrunt.hcl", "../../shared/ungenerated/terragrunt.stack.hcl", "../v2"),
	})
	root := filepath.Join(base, "live")
	inner := `live/app/web: live/data/db live/data/cache
live/by-file: live/v2 shared/ungenerated
live/data/cache: live/net/.terragrunt-stack/in/dns live/net/.terragrunt-stack/vpc
live/data/db: live/net/.terragrunt-stack/vpc shared/dns
live/late: live/empty live/v2
live/net/.terragrunt-stack/in/dns:
live/net/.terragrunt-stack/vpc:
live/net/.terragrunt-stacked/no:
live/net/by-hand:
live/v2:
`
	outer := `shared/dns: shared/zone live/v2 shared/stack/.terragrunt-stack/one
shared/stack/.terragrunt-stack/one: shared/zone
shared/zone:
`
	for _, follow := range []bool{false, true} {
		s := discover(t, root, DiscoverOptions{FollowExternal: follow})
		if err := s.Err(); err != nil {
			t.Fatal(err)
		}
		if got := describe(t, base, s.Units); got != inner {
			t.Errorf("follow %v: got units\n%swant\n%s", follow, got, inner)
		}
		want := ""
		if follow {
			want = outer
		}
		if got := describe(t, base, s.External); got != want {
			t.Errorf("follow %v: got external units\n%swant\n%s", follow, got, want)
		}
		for _, u := range s.External {
			if !u.External || s.Unit(u.Dir()) != u {
				t.Errorf("%s: not known as an external unit", u.Dir())
			}
		}
		if len(s.Components) != len(s.Units)+2 {
			t.Errorf("got %d components for %d units and 2 stacks", len(s.Components), len(s.Units))
		}
		if got := short(mustGraph(t, s, Up).Order()); len(strings.Fields(got)) != len(s.Units) {
			t.Errorf("order %s has not %d units", got, len(s.Units))
		}
	}
}

// Everything that is wrong is reported, and what is right stays usable.
func TestDiscoverProblems(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"a/terragrunt.hcl":         fetches("../missing", "../b", "../hollow"),
		"b/terragrunt.hcl":         "this is { not valid",
		"c/terragrunt.hcl":         fetches("../missing", "../two"),
		"z/terragrunt.hcl":         "neither { not",
		"hollow/main.tf":           "",
		"two/inner/terragrunt.hcl": "",
	})
	s := discover(t, root, DiscoverOptions{})
	if got, want := describe(t, root, s.Units), "a: b\nc:\ntwo/inner:\n"; got != want {
		t.Errorf("got units\n%swant\n%s", got, want)
	}
	missing := func(name, suffix string) string {
		return "dependency " + filepath.Join(root, name) + ": no terragrunt.hcl in folder" + suffix
	}
	want := []struct{ unit, text string }{
		{"a", missing("missing", ", the folder does not exist")},
		{"a", missing("hollow", "")},
		{"b", ""},
		{"c", missing("missing", ", the folder does not exist")},
		{"c", missing("two", "")},
		{"z", ""},
	}
	if len(s.Problems) != len(want) {
		t.Fatalf("got %d problems, want %d:\n%v", len(s.Problems), len(want), s.Err())
	}
	for i, w := range want {
		p := s.Problems[i]
		if p.Unit != filepath.Join(root, w.unit) {
			t.Errorf("problem %d is of %s, want %s", i, p.Unit, w.unit)
		}
		var m *MissingDependencyError
		if isMissing := errors.As(p, &m); isMissing != (w.text != "") || isMissing && m.Error() != w.text {
			t.Errorf("problem %d: got %v, want %q", i, p, w.text)
		}
	}
	if err := s.Err(); err == nil || strings.Count(err.Error(), "no terragrunt.hcl in folder") != 4 {
		t.Errorf("got error %v", err)
	}
}

func TestDiscoverExternalProblems(t *testing.T) {
	t.Parallel()
	base := tree(t, map[string]string{
		"live/a/terragrunt.hcl":       needs("../../out/bad", "../../out/two"),
		"out/bad/terragrunt.hcl":      "this is { not valid",
		"out/two/terragrunt.hcl":      "",
		"out/two/terragrunt.hcl.json": "{}",
	})
	count := func(o DiscoverOptions) (conflicts, others int) {
		for _, p := range discover(t, filepath.Join(base, "live"), o).Problems {
			var c *ConflictError
			if errors.As(p, &c) && p.Unit == filepath.Join(base, "live", "a") {
				conflicts++
			} else {
				others++
			}
		}
		return conflicts, others
	}
	if c, o := count(DiscoverOptions{}); c != 1 || o != 0 {
		t.Errorf("without following: %d conflicts and %d other problems", c, o)
	}
	if c, o := count(DiscoverOptions{FollowExternal: true}); c != 1 || o != 1 {
		t.Errorf("following: %d conflicts and %d other problems", c, o)
	}
}

func TestDiscoverStops(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"a/terragrunt.hcl":       "",
		"a/terragrunt.stack.hcl": "",
	})
	l := config.NewLoader(testHost{}, config.Options{})
	var conflict *ConflictError
	if _, err := Discover(context.Background(), l, root, DiscoverOptions{}); !errors.As(err, &conflict) {
		t.Errorf("conflict: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Discover(ctx, l, root, DiscoverOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

// After a cancellation no further unit is read.
func TestDiscoverCancelledWhileReading(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"a/terragrunt.hcl": "", "b/terragrunt.hcl": ""})
	ctx, cancel := context.WithCancel(context.Background())
	components, err := Walk(ctx, root, DiscoverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	d := &discovery{
		stack:   &Stack{Root: root, index: map[string]*Unit{}},
		options: DiscoverOptions{Parallelism: 1},
		bind: func(context.Context, Component) (*Unit, error) {
			calls++
			cancel()
			return nil, ctx.Err()
		},
	}
	d.addAll(ctx, components)
	if calls != 1 {
		t.Errorf("%d units were read after the cancellation", calls-1)
	}
}

// Where the file system takes two spellings for one directory, a dependency
// may be written in either.
func TestDependencyInOtherCase(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"vpc/terragrunt.hcl": "",
		"app/terragrunt.hcl": "dependencies {\n  paths = [\"../VPC\"]\n}\n",
	})
	if !isDir(filepath.Join(root, "VPC")) {
		t.Skip("this file system tells the cases apart")
	}
	s := discover(t, root, DiscoverOptions{})
	if got := s.Unit(filepath.Join(root, "app")).Dependencies(); s.Err() != nil || len(got) != 1 || got[0] != filepath.Join(root, "vpc") {
		t.Errorf("waits for %v: %v", got, s.Err())
	}
}

// The same by hand, for file systems that tell the cases apart: a link is as
// good as a second spelling, another directory is none.
func TestOtherCase(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{"vpc/x": "", "VPC->": "vpc", "app/x": "", "App/x": ""})
	at := func(name string) string { return filepath.Join(root, name) }
	r := &resolver{real: map[string]string{at("VPC"): "vpc unit", at("App"): "app unit"}}
	if isDir(at("APP")) {
		t.Skip("this file system does not tell the cases apart")
	}
	for name, want := range map[string]string{"vpc": "vpc unit", "app": "as it was", "none": "as it was"} {
		if got := r.otherCase(at(name), "as it was"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
