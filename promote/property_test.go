package promote

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// layout is a random repository: units whose versions come from all the places
// that a version can be written in.
type layout struct {
	files map[string]string
	units []string // folders
	where map[string]string
}

// randomLayout writes n components in three environments.
func randomLayout(r *rand.Rand, n int) *layout {
	l := &layout{files: map[string]string{"root.hcl": "locals { unused = \"v0.0.5\" }\n", "catalog/unit/terragrunt.hcl": tfSource("any", "${values.version}")}, where: map[string]string{}}
	for _, env := range []string{"dev", "stage", "prod"} {
		pins, stack := "", ""
		for i := range n {
			name, version := fmt.Sprintf("c%d", i), fmt.Sprintf("v0.0.%d", 3+r.IntN(3))
			dir := env + "/" + name
			kind := r.IntN(6)
			l.where[dir] = fmt.Sprint(kind)
			switch kind {
			case 0: // of its own
				l.files[dir+"/terragrunt.hcl"] = tfSource(name, version)
			case 1: // a local
				l.files[dir+"/terragrunt.hcl"] = "locals {\n  v    = \"" + version + "\" # " + version + "\n}\n" + tfSource(name, "${local.v}")
			case 2: // an included file beside it
				l.files[dir+"/pin.hcl"] = tfSource(name, version)
				l.files[dir+"/terragrunt.hcl"] = "include \"pin\" {\n  path = \"pin.hcl\"\n}\n"
			case 3: // env.hcl, read by the unit
				pins += fmt.Sprintf("  %s = \"%s\"\n", name, version)
				l.files[dir+"/terragrunt.hcl"] = "locals {\n  env = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n}\n" + tfSource(name, "${local.env.locals."+name+"}")
			case 4: // env.hcl, read by a file that all environments include
				pins += fmt.Sprintf("  %s = \"%s\"\n", name, version)
				l.files["_envcommon/"+name+".hcl"] = "locals {\n  env = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n}\n" + tfSource(name, "${local.env.locals."+name+"}")
				l.files[dir+"/terragrunt.hcl"] = "include \"c\" {\n  path = \"../../_envcommon/" + name + ".hcl\"\n}\n"
			case 5: // the values of a stack
				stack += fmt.Sprintf("unit \"%s\" {\n  source = \"../catalog/unit\"\n  path   = \"%s\"\n  values = { version = \"%s\" }\n}\n", name, name, version)
				dir = env + "/.terragrunt-stack/" + name
			}
			l.units = append(l.units, dir)
		}
		l.files[env+"/env.hcl"] = "locals {\n  other = \"v0.0.4\"\n" + pins + "}\n"
		if stack != "" {
			l.files[env+"/terragrunt.stack.hcl"] = stack
		}
	}
	return l
}

func tfSource(name, version string) string {
	return "terraform {\n  source = \"" + module + name + "?ref=" + version + "\"\n}\n"
}

// TestRandomLayouts asks for random changes in random repositories: what is
// evaluated after the edit is what was asked for, and nothing else is another
// byte.
func TestRandomLayouts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 7))
			l := randomLayout(r, 2+r.IntN(4))
			root := writeTree(t, l.files)
			before := snapshot(t, root)
			wanted := map[string]string{}
			for _, u := range l.units {
				if r.IntN(3) == 0 {
					wanted[filepath.Join(root, filepath.FromSlash(u))] = fmt.Sprintf("v0.0.%d", 6+r.IntN(2))
				}
			}
			var wants []Want
			for _, dir := range slices.Sorted(maps.Keys(wanted)) {
				wants = append(wants, Want{Dir: dir, Version: wanted[dir]})
			}
			p, err := before.Plan(context.Background(), wants, false)
			if err != nil {
				t.Fatal(rel(root, err.Error()))
			}
			if len(p.Edits) != len(wants) {
				t.Errorf("%d edits for %d units", len(p.Edits), len(wants))
			}
			if err := Write(p.Texts); err != nil {
				t.Fatal(err)
			}
			after := snapshot(t, root)
			for _, u := range before.Units() {
				want := u.Pin.Version
				if w := wanted[u.Dir]; w != "" {
					want = w
				}
				if have := after.Unit(u.Dir); have == nil || have.Pin.Version != want || have.Pin.Module != u.Pin.Module {
					t.Errorf("%s: %+v, want %s (it was %s)", rel(root, u.Dir), have, want, u.Pin.Version)
				}
			}
			bytesChanged(t, root, l.files, p)
		})
	}
}

// bytesChanged makes sure that nothing but versions has changed.
func bytesChanged(t *testing.T, root string, files map[string]string, p *Plan) {
	t.Helper()
	for name, old := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := []byte(old)
		for _, e := range slices.Backward(p.Edits) {
			if e.File == path {
				want = slices.Concat(want[:e.Start], []byte(e.New), want[e.End:])
			}
		}
		if string(text) != string(want) {
			t.Errorf("%s:\n%s\nnot\n%s", name, text, want)
		}
	}
}

// BenchmarkPlan is a request for 300 units: 100 of their own literals, 100 by
// way of one env.hcl, 100 by way of stacks.
func BenchmarkPlan(b *testing.B) {
	files := map[string]string{"root.hcl": "", "catalog/unit/terragrunt.hcl": tfSource("any", "${values.version}")}
	var wants []string
	pins, stack := "", ""
	for i := range 100 {
		name := fmt.Sprintf("c%d", i)
		files["prod/own/"+name+"/terragrunt.hcl"] = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n" + tfSource(name, "v0.0.5")
		files["prod/env/"+name+"/terragrunt.hcl"] = "locals {\n  env = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n}\n" + tfSource(name, "${local.env.locals."+name+"}")
		pins += fmt.Sprintf("  %s = \"v0.0.5\"\n", name)
		stack += fmt.Sprintf("unit \"%s\" {\n  source = \"../catalog/unit\"\n  path   = \"%s\"\n  values = { version = \"v0.0.5\" }\n}\n", name, name)
		wants = append(wants, "prod/own/"+name, "prod/env/"+name, "prod/.terragrunt-stack/"+name)
	}
	files["prod/env.hcl"], files["prod/terragrunt.stack.hcl"] = "locals {\n"+pins+"}\n", stack
	root := writeTree(b, files)
	for b.Loop() {
		s := snapshot(b, root)
		if _, err := s.Plan(context.Background(), at(root, "v0.0.6", wants...), false); err != nil {
			b.Fatal(err)
		}
	}
}
