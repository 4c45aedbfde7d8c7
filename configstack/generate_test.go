package configstack

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// noHost is a world in which nothing is asked for.
type noHost struct{}

var errNothing = errors.New("not in this test")

func (noHost) Env(context.Context, string) (config.Env, error)   { return nil, nil }
func (noHost) Exec(context.Context, config.Exec) ([]byte, error) { return nil, errNothing }
func (noHost) Outputs(context.Context, *config.Unit) (cty.Value, error) {
	return cty.NilVal, errNothing
}
func (noHost) WorkingDir(context.Context, config.Place) (string, error) { return "", errNothing }
func (noHost) AccountAlias(context.Context, config.Env) (string, error) { return "", nil }

func (noHost) Assume(_ context.Context, _ string, env config.Env, _ config.IAM) (config.Env, error) {
	return env, nil
}

func (noHost) Identity(context.Context, config.Env) (config.Identity, error) {
	return config.Identity{}, errNothing
}
func (noHost) Decrypt(context.Context, string, config.Env) ([]byte, error) { return nil, errNothing }

// site is a folder with stacks.
type site struct {
	t    *testing.T
	root string
}

func newSite(t *testing.T, files map[string]string) *site {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t, root}
	for name, text := range files {
		s.write(name, text)
	}
	return s
}

func (s *site) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.root, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) remove(name string) {
	s.t.Helper()
	if err := os.RemoveAll(filepath.Join(s.root, filepath.FromSlash(name))); err != nil {
		s.t.Fatal(err)
	}
}

// generate runs one generation below a folder, as a process of its own would.
func (s *site) generate(dir string, o GenerateOptions) (*Generated, error) {
	s.t.Helper()
	store := source.NewStore(source.Options{})
	defer store.Close()
	l := config.NewLoader(noHost{}, config.Options{})
	o.Scene = Scene{Loader: l}
	return Generate(context.Background(), l, store, filepath.Join(s.root, dir), o)
}

func (s *site) mustGenerate(dir string) *Generated {
	s.t.Helper()
	g, err := s.generate(dir, GenerateOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	return g
}

// files lists what is below a folder, with text and time of change; folders
// count too.
func (s *site) files(dir string) map[string]string {
	s.t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(filepath.Join(s.root, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(s.root, path)
		entry := info.Mode().String() + info.ModTime().String()
		if !d.IsDir() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			entry += string(text)
		}
		all[filepath.ToSlash(rel)] = entry
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *site) names(dir string) []string {
	var names []string
	for name := range s.files(dir) {
		if info, err := os.Stat(filepath.Join(s.root, name)); err == nil && !info.IsDir() && filepath.Base(name) != manifestFile {
			names = append(names, strings.TrimPrefix(name, dir+"/"))
		}
	}
	slices.Sort(names)
	return names
}

func (s *site) want(dir string, want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if got := s.names(dir); !slices.Equal(got, want) {
		s.t.Errorf("files in %s:\n%s\nwant\n%s", dir, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func unitBlock(name, src, path string, more ...string) string {
	return block("unit", name, src, path, more...)
}

func block(kind, name, src, path string, more ...string) string {
	return kind + ` "` + name + "\" {\n  source = \"" + src + "\"\n  path = \"" + path + "\"\n  " + strings.Join(more, "\n  ") + "\n}\n"
}

// catalogFiles is a catalog and a stack of two units and a nested stack.
func catalogFiles() map[string]string {
	return map[string]string{
		"catalog/a/terragrunt.hcl":        "",
		"catalog/a/main.tf":               "# one\n",
		"catalog/a/.hidden/x":             "x",
		"catalog/a/.terragrunt-cache/x":   "x",
		"catalog/in/terragrunt.stack.hcl": unitBlock("own", `${find_in_parent_folders("catalog")}/a`, "own"),
		"live/terragrunt.stack.hcl":       unitBlock("a", "../catalog/a", "a", "values = { x = 1 }") + unitBlock("b", "../catalog/a", "b") + block("stack", "in", "../catalog/in", "in"),
	}
}

// TestGenerateAgain: what is there is not touched, not even a folder's time;
// what differs is put right, and only that.
func TestGenerateAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, catalogFiles())
	g := s.mustGenerate("live")
	if g.Stacks != 2 || g.Components != 4 || len(g.Changed) != 4 {
		t.Errorf("%+v", g)
	}
	s.want("live/.terragrunt-stack/a", ".hidden/x", "main.tf", "terragrunt.hcl", "terragrunt.values.hcl")
	before := s.files(".")
	if g := s.mustGenerate("live"); len(g.Changed) != 0 {
		t.Errorf("changed %v", g.Changed)
	}
	for name, entry := range s.files(".") {
		if before[name] != entry {
			t.Errorf("%s was written again", name)
		}
	}
	s.write("live/.terragrunt-stack/a/main.tf", "# mine\n")
	s.write("live/.terragrunt-stack/a/own.txt", "mine")
	s.remove("live/.terragrunt-stack/b/main.tf")
	g = s.mustGenerate("live")
	if len(g.Changed) != 2 {
		t.Errorf("changed %v", g.Changed)
	}
	for _, name := range []string{"a/main.tf", "b/main.tf"} {
		if text, _ := os.ReadFile(filepath.Join(s.root, "live/.terragrunt-stack", name)); string(text) != "# one\n" {
			t.Errorf("%s: %s", name, text)
		}
	}
	s.want("live/.terragrunt-stack/a", ".hidden/x", "main.tf", "own.txt", "terragrunt.hcl", "terragrunt.values.hcl")
}

// TestGenerateDropsWhatIsGone: what the stack or its source has no longer goes.
func TestGenerateDropsWhatIsGone(t *testing.T) {
	t.Parallel()
	s := newSite(t, catalogFiles())
	s.mustGenerate("live")
	s.remove("catalog/a/.hidden")
	s.remove("catalog/a/main.tf")
	s.write("catalog/a/main.tf/x.txt", "a folder now")
	s.write("live/terragrunt.stack.hcl", unitBlock("a", "../catalog/a", "a"))
	g := s.mustGenerate("live")
	s.want("live/.terragrunt-stack/a", "main.tf/x.txt", "terragrunt.hcl")
	if _, err := os.Stat(filepath.Join(s.root, "live/.terragrunt-stack/a/.hidden")); err == nil {
		t.Error("an empty folder is left")
	}
	var names []string
	for _, o := range g.Orphans {
		rel, _ := filepath.Rel(s.root, o.Dir)
		names = append(names, filepath.ToSlash(rel))
		if left, err := o.Remove(); err != nil || len(left) > 0 {
			t.Errorf("%s: %v %v", rel, left, err)
		}
	}
	want := "live/.terragrunt-stack/in/.terragrunt-stack/own live/.terragrunt-stack/b live/.terragrunt-stack/in"
	if strings.Join(names, " ") != want {
		t.Errorf("orphans %s", names)
	}
	s.want("live", "terragrunt.stack.hcl", ".terragrunt-stack/a/main.tf/x.txt", ".terragrunt-stack/a/terragrunt.hcl")
	entries, _ := os.ReadDir(filepath.Join(s.root, "live/.terragrunt-stack"))
	if len(entries) != 1 {
		t.Errorf("left: %v", entries)
	}
}

// TestOrphanKeepsWhatIsNotOurs: files of the user stay, a marked component is
// not found, and comes back when it is declared again.
func TestOrphanKeepsWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	s := newSite(t, catalogFiles())
	s.mustGenerate("live")
	stack := unitBlock("a", "../catalog/a", "a")
	s.write("live/.terragrunt-stack/b/notes.txt", "mine")
	s.write("live/terragrunt.stack.hcl", stack)
	for _, o := range s.mustGenerate("live").Orphans {
		if filepath.Base(o.Dir) == "own" {
			if err := o.Mark(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		left, err := o.Remove()
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(o.Dir) == "b" && (len(left) != 1 || filepath.Base(left[0]) != "notes.txt") {
			t.Errorf("left in b: %v", left)
		}
	}
	s.want("live/.terragrunt-stack/b", "notes.txt")
	found, err := Walk(context.Background(), filepath.Join(s.root, "live"), DiscoverOptions{})
	if err != nil || len(found) != 2 {
		t.Errorf("found %v, %v", found, err)
	}
	g := s.mustGenerate("live")
	if len(g.Orphans) != 1 || !g.Orphans[0].Marked || !g.Orphans[0].Unit() {
		t.Errorf("orphans %+v", g.Orphans)
	}
	s.write("live/terragrunt.stack.hcl", stack+block("stack", "in", "../catalog/in", "in"))
	if g := s.mustGenerate("live"); len(g.Orphans) != 0 {
		t.Errorf("orphans %+v", g.Orphans[0])
	}
	if found, _ := Walk(context.Background(), filepath.Join(s.root, "live"), DiscoverOptions{}); len(found) != 4 {
		t.Errorf("found %v", found)
	}
}

// TestGenerateFailure: whatever fails, also levels below, the former tree is
// there as it was.
func TestGenerateFailure(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *site){
		"missing source": func(s *site) {
			s.write("live/terragrunt.stack.hcl", unitBlock("a", "../catalog/a", "a", "values = { x = 2 }")+unitBlock("c", "../nowhere", "c"))
		},
		"mistake": func(s *site) { s.write("live/terragrunt.stack.hcl", unitBlock("c", "../catalog/a", "c")+"typo = 1\n") },
		"mistake in nested one": func(s *site) {
			s.write("catalog/in/terragrunt.stack.hcl", unitBlock("x", "../nowhere", "x"))
			s.write("catalog/a/main.tf", "# two\n")
		},
		"mistake at the third level": func(s *site) {
			s.write("catalog/in/terragrunt.stack.hcl", block("stack", "deep", `${find_in_parent_folders("catalog")}/deep`, "deep"))
			s.write("catalog/deep/terragrunt.stack.hcl", unitBlock("x", "../nowhere", "x"))
			s.write("catalog/a/main.tf", "# two\n")
		},
		"no unit": func(s *site) { s.remove("catalog/a/terragrunt.hcl"); s.write("catalog/a/main.tf", "# two\n") },
		"folder in the way": func(s *site) {
			s.write("catalog/a/main.tf", "# two\n")
			s.remove("live/.terragrunt-stack/b/main.tf")
			s.write("live/.terragrunt-stack/b/main.tf/x", "")
		},
		"cycle": func(s *site) {
			s.write("catalog/in/terragrunt.stack.hcl", block("stack", "me", `${find_in_parent_folders("catalog")}/in`, "me"))
			s.write("catalog/a/main.tf", "# two\n")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, catalogFiles())
			s.mustGenerate("live")
			spoil(s)
			before := s.contents("live")
			if _, err := s.generate("live", GenerateOptions{}); err == nil {
				t.Fatal("no error")
			}
			after := s.contents("live")
			for name, text := range before {
				if after[name] != text {
					t.Errorf("%s has changed", name)
				}
			}
			for name := range after {
				if _, was := before[name]; !was {
					t.Errorf("%s was left", name)
				}
			}
		})
	}
}

func (s *site) contents(dir string) map[string]string {
	all := map[string]string{}
	for name := range s.files(dir) {
		text, _ := os.ReadFile(filepath.Join(s.root, name))
		all[name] = string(text)
	}
	return all
}

func TestStackCycle(t *testing.T) {
	t.Parallel()
	up := func(name string) string { return `${find_in_parent_folders("catalog")}/` + name }
	s := newSite(t, map[string]string{
		"live/terragrunt.stack.hcl":        block("stack", "x", "../catalog/one", "x"),
		"catalog/one/terragrunt.stack.hcl": block("stack", "y", up("two"), "y"),
		"catalog/two/terragrunt.stack.hcl": block("stack", "z", up("one"), "z"),
	})
	_, err := s.generate("live", GenerateOptions{})
	var cycle *StackCycleError
	if !errors.As(err, &cycle) || strings.Join(cycle.Chain, " ") != "x y z" {
		t.Errorf("err = %v", err)
	}
}

// TestGenerateSameFile: a component may lie in another, but they may not write
// the same file.
func TestGenerateSameFile(t *testing.T) {
	t.Parallel()
	files := catalogFiles()
	files["catalog/outer/terragrunt.hcl"] = ""
	files["catalog/outer/b/main.tf"] = ""
	files["live/terragrunt.stack.hcl"] = unitBlock("o", "../catalog/outer", "o") + unitBlock("b", "../catalog/a", "o/c")
	s := newSite(t, files)
	s.mustGenerate("live")
	s.write("live/terragrunt.stack.hcl", unitBlock("o", "../catalog/outer", "o")+unitBlock("b", "../catalog/a", "o/b"))
	if _, err := s.generate("live", GenerateOptions{}); err == nil || !strings.Contains(err.Error(), "both write") {
		t.Errorf("err = %v", err)
	}
}

// TestForeignManifest: what Terragrunt has generated is taken over.
func TestForeignManifest(t *testing.T) {
	t.Parallel()
	files := catalogFiles()
	for _, dir := range []string{"a", "a/.hidden", "old"} {
		files["live/.terragrunt-stack/"+dir+"/"+manifestFile] = "\x00gob"
	}
	files["live/.terragrunt-stack/b/terragrunt.values.hcl"] = "stale = true\n"
	files["live/.terragrunt-stack/b/"+manifestFile] = "\x00gob"
	files["live/.terragrunt-stack/old/terragrunt.hcl"] = ""
	s := newSite(t, files)
	g := s.mustGenerate("live")
	s.want("live/.terragrunt-stack/b", ".hidden/x", "main.tf", "terragrunt.hcl")
	if exists(filepath.Join(s.root, "live/.terragrunt-stack/a/.hidden", manifestFile)) {
		t.Error("a foreign manifest is left")
	}
	if len(g.Orphans) != 1 || filepath.Base(g.Orphans[0].Dir) != "old" || !g.Orphans[0].Unit() {
		t.Fatalf("orphans %+v", g.Orphans)
	}
	if left, err := g.Orphans[0].Remove(); err != nil || len(left) != 1 {
		t.Errorf("%v %v", left, err)
	}
	found, _ := Walk(context.Background(), filepath.Join(s.root, "live"), DiscoverOptions{})
	if slices.ContainsFunc(found, func(c Component) bool { return filepath.Base(c.Dir) == "old" }) {
		t.Error("the removed unit is still found")
	}
}

// TestLocalCatalog: a catalog's own relative sources work from where it is
// copied to.
func TestLocalCatalog(t *testing.T) {
	t.Parallel()
	s := newSite(t, map[string]string{
		"live/terragrunt.stack.hcl":               block("stack", "all", "../catalog//stacks/all", "all"),
		"catalog/stacks/all/terragrunt.stack.hcl": unitBlock("w", "../../units/w", "w", "update_source_with_cas = true"),
		"catalog/units/w/terragrunt.hcl":          "terraform {\n  source = \"../..//modules/m\"\n  update_source_with_cas = true\n}\n",
		"catalog/modules/m/main.tf":               "",
	})
	s.mustGenerate("live")
	text, err := os.ReadFile(filepath.Join(s.root, "live/.terragrunt-stack/all/.terragrunt-stack/w/terragrunt.hcl"))
	if err != nil || !strings.Contains(string(text), filepath.ToSlash(filepath.Join(s.root, "catalog"))+"//modules/m") {
		t.Errorf("%s %v", text, err)
	}
	if _, err := s.generate("live", GenerateOptions{NoCatalog: true}); err == nil || !strings.Contains(err.Error(), "--no-cas") {
		t.Errorf("err = %v", err)
	}
}

// TestStateIsNeverReplaced: a state in the source does not cover a newer one.
func TestStateIsNeverReplaced(t *testing.T) {
	t.Parallel()
	files := catalogFiles()
	files["catalog/a/terraform.tfstate"] = "old"
	s := newSite(t, files)
	s.mustGenerate("live")
	s.write("live/.terragrunt-stack/a/terraform.tfstate", "new")
	s.remove("catalog/a/terraform.tfstate")
	s.write("catalog/a/terraform.tfstate", "old again")
	s.mustGenerate("live")
	s.remove("catalog/a/terraform.tfstate")
	s.mustGenerate("live")
	if text, _ := os.ReadFile(filepath.Join(s.root, "live/.terragrunt-stack/a/terraform.tfstate")); string(text) != "new" {
		t.Errorf("state: %q", text)
	}
}

func TestManifestIsClosed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(testRoot, "a")
	m := &manifest{owner: testRoot, name: "a", files: []string{"x/y.tf", "z"}}
	text, err := m.encode(dir)
	if err != nil {
		t.Fatal(err)
	}
	back := decodeManifest(text, dir)
	if back == nil || back.owner != testRoot || back.name != "a" || back.isStack || !slices.Equal(back.files, m.files) {
		t.Errorf("%+v", back)
	}
	for _, bad := range []string{"", "gob", stackManifestHeader + "\nowner \"..\"\nf \"../../x\"\n", stackManifestHeader + "\nf \"x\"\n", stackManifestHeader + "\nowner \"..\"\ng \"x\"\n"} {
		if decodeManifest([]byte(bad), dir) != nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestFilterOfStacks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		queries string
		kept    int // -1 for all stacks
	}{
		{"one", -1},
		{"!one", -1},
		{"./x | type=stack", 1},
		{"type=stack", 1},
		{"./x | type=stack;!./x/y;web", 2},
		{"type=unit", -1},
	} {
		f := NewFilter(testRoot)
		for _, text := range strings.Split(c.queries, ";") {
			q, err := ParseQuery(text)
			if err != nil {
				t.Fatal(err)
			}
			f = NewFilter(testRoot, append(f.queries, q)...)
		}
		got := f.Stacks()
		switch {
		case (got == nil) != (c.kept < 0):
			t.Errorf("%s: %v", c.queries, got)
		case got != nil && len(got.queries) != c.kept:
			t.Errorf("%s: %d queries", c.queries, len(got.queries))
		}
	}
}
