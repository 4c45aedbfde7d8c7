package configstack

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// testRepo is a real repository. Its worktrees are made below a folder of the
// test, so that what is left of them can be seen.
type testRepo struct {
	*testing.T
	root string
}

func newTestRepo(t *testing.T, files map[string]string) *testRepo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	r := &testRepo{T: t, root: tree(t, files)}
	r.git("init", "-q", "-b", "main", ".")
	r.commit()
	t.Cleanup(func() { // after those of open
		if list := r.git("worktree", "list", "--porcelain"); strings.Count(list, "worktree ") != 1 {
			r.Errorf("git still lists\n%s", list)
		}
	})
	return r
}

func (r *testRepo) run(dir string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.invalid", "GIT_COMMITTER_NAME=a",
		"GIT_COMMITTER_EMAIL=a@example.invalid", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("git %q: %w: %s", args, err, stderr.String())
	}
	return string(out), err
}

func (r *testRepo) git(args ...string) string {
	r.Helper()
	out, err := r.run(r.root, args...)
	if err != nil {
		r.Fatal(err)
	}
	return out
}

func (r *testRepo) commit() {
	r.Helper()
	r.git("add", "-A", "-f", ".")
	r.git("commit", "-q", "--allow-empty", "-m", "x")
}

// change writes files and commits them; an empty text removes the file.
func (r *testRepo) change(files map[string]string) {
	r.Helper()
	for name, text := range files {
		path := filepath.Join(r.root, filepath.FromSlash(name))
		if text == "" {
			if err := os.Remove(path); err != nil {
				r.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			r.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			r.Fatal(err)
		}
	}
	r.commit()
}

// open gives the repository as seen from a folder. When the test ends nothing
// of it may be left.
func (r *testRepo) open(in string) *Repository {
	r.Helper()
	repo := NewRepository(filepath.Join(r.root, in), func(_ context.Context, c GitCommand) (string, error) {
		return r.run(c.Dir, c.Args...)
	})
	r.Cleanup(func() {
		trees := slices.Collect(maps.Values(repo.trees))
		if err := repo.Close(); err != nil {
			r.Error(err)
		}
		for _, dir := range trees {
			if _, err := os.Stat(dir); err == nil {
				r.Errorf("%s is left", dir)
			}
		}
	})
	return repo
}

func (r *testRepo) choose(in string, queries ...string) string {
	r.Helper()
	return choose(r.T, r.root, in, r.open(in), queries...)
}

func TestGitRange(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{
		"live/changed/terragrunt.hcl": "", "live/same/terragrunt.hcl": "", "live/removed/terragrunt.hcl": "", "live/removed/x.txt": "x",
		"live/withfile/terragrunt.hcl": "", "live/withfile/notes.txt": "a", "live/deep/terragrunt.hcl": "", "live/deep/t/x.tpl": "a",
		"other/terragrunt.hcl": "", "live/user/terragrunt.hcl": "dependencies {\n  paths = [\"../changed\"]\n}\n",
	})
	r.git("tag", "base")
	r.change(map[string]string{
		"live/changed/terragrunt.hcl": "inputs = {}\n", "live/added/terragrunt.hcl": "inputs = {}\n", "live/withfile/notes.txt": "b",
		"live/deep/t/x.tpl": "b", "live/removed/terragrunt.hcl": "", "live/removed/x.txt": "", "other/terragrunt.hcl": "inputs = {}\n",
	})
	for _, c := range []struct{ in, query, want string }{
		{"live", "[base...main]", "added changed deep removed withfile"},
		{"live", "[base]", "added changed deep removed withfile"},
		{"live", "[base] | changed", "changed"},
		{"live", "![base]", "same user"},
		{"live", "[main...main]", ""},
		{"live", "...[base]", "added changed deep removed user withfile"},
		{"live", "^1...[base]", ""},
		{"live", "./c* | [base]", "changed"},
		{"live/same", "[base]", ""},
		{"", "[base] | other", "other"},
	} {
		if c.query == "^1...[base]" { // a depth stands before the caret
			c.query, c.want = "1...^[base]", "user"
		}
		if got := r.choose(c.in, c.query); got != c.want {
			t.Errorf("in %s, %s: got %q, want %q", c.in, c.query, got, c.want)
		}
	}
	// The work tree's unit and that of the range are the same one.
	if got := r.choose("live", "[base]", "changed", "user"); got != "added changed deep removed user withfile" {
		t.Errorf("got %q", got)
	}
}

func TestGitRangeStartsWhereHistoriesPart(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"a/terragrunt.hcl": "", "b/terragrunt.hcl": ""})
	r.git("checkout", "-q", "-b", "work")
	r.change(map[string]string{"a/terragrunt.hcl": "inputs = {}\n"})
	r.git("checkout", "-q", "main")
	r.change(map[string]string{"b/terragrunt.hcl": "inputs = {}\n"})
	r.git("checkout", "-q", "work")
	for query, want := range map[string]string{"[main...HEAD]": "a", "[main]": "a", "[main..HEAD]": "a b"} {
		if got := r.choose("", query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

// The later end need not be what is checked out. What is only there is found
// in a tree of its own and goes by its directory here.
func TestGitRangeElsewhere(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"live/a/terragrunt.hcl": "", "live/b/terragrunt.hcl": "", "live/shared.hcl": "locals {}\n"})
	r.git("checkout", "-q", "-b", "work")
	r.change(map[string]string{
		"live/new/terragrunt.hcl": "locals {\n  s = read_terragrunt_config(\"../shared.hcl\")\n}\ndependencies {\n  paths = [\"../a\"]\n}\n",
	})
	r.change(map[string]string{"live/shared.hcl": "locals {\n  x = 1\n}\n"})
	r.git("checkout", "-q", "main")
	got, err := tryChoose(t, r.root, "live", r.open("live"), "[main...work]...")
	if err != nil {
		t.Fatal(err)
	}
	if names := paths(filepath.Join(r.root, "live"), got); names != "a new" {
		t.Errorf("got %q", names)
	}
	u := got.Selection().Kept[1]
	if u.Ref != "work" || u.Removed || u.Dir() != filepath.Join(r.root, "live", "new") || within(u.Unit.Dir(), r.root) {
		t.Errorf("got %+v of %s", u, u.Unit.Dir())
	}
	if got := r.choose("live", "[work~1...work]"); got != "new" {
		t.Errorf("got %q", got)
	}
}

func TestGitRangeReading(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{
		"shared.hcl":                  "locals {\n  x = 1\n}\n",
		"gone.hcl":                    "locals {\n  x = 1\n}\n",
		"mods/a/main.tf":              "module \"b\" {\n  source = \"../b\"\n}\n",
		"mods/a/old.tf":               "",
		"mods/b/main.tf":              "",
		"mods/b/tpl/x.tpl":            "",
		"mods/c/main.tf":              "",
		"live/reader/terragrunt.hcl":  "locals {\n  s = read_terragrunt_config(\"../../shared.hcl\")\n}\n",
		"live/maybe/terragrunt.hcl":   "locals {\n  s = read_terragrunt_config(\"../../gone.hcl\", { locals = {} })\n}\n",
		"live/module/terragrunt.hcl":  "terraform {\n  source = \"../../mods//a\"\n}\n",
		"live/inplace/terragrunt.hcl": "",
		"live/inplace/main.tf":        "module \"c\" {\n  source = \"../../mods/c\"\n}\n",
		"live/other/terragrunt.hcl":   "",
	})
	for _, c := range []struct {
		files map[string]string
		want  string
		cause Cause
	}{
		{map[string]string{"shared.hcl": "locals {\n  x = 2\n}\n"}, "reader", Cause{"shared.hcl", "M", RoleRead, nil}},
		{map[string]string{"gone.hcl": ""}, "maybe", Cause{"gone.hcl", "D", RoleRead, nil}},
		{map[string]string{"mods/a/old.tf": ""}, "module", Cause{"mods/a/old.tf", "D", RoleModule, []string{"mods/a"}}},
		{map[string]string{"mods/b/tpl/x.tpl": "x"}, "module", Cause{"mods/b/tpl/x.tpl", "M", RoleModule, []string{"mods/a", "mods/b"}}},
		{map[string]string{"mods/c/new.tf": "# x"}, "inplace", Cause{"mods/c/new.tf", "A", RoleModule, []string{"mods/c"}}},
		{map[string]string{"live/inplace/x.txt": "x"}, "inplace", Cause{"live/inplace/x.txt", "A", RoleFolder, nil}},
		{map[string]string{"live/other/terragrunt.hcl": "inputs = {}\n"}, "other", Cause{"live/other/terragrunt.hcl", "M", RoleConfig, nil}},
		{map[string]string{"README.md": "x"}, "", Cause{}},
	} {
		r.change(c.files)
		got, err := tryChoose(t, r.root, "live", r.open("live"), "[HEAD~1]")
		if err != nil {
			t.Fatal(err)
		}
		if names := paths(filepath.Join(r.root, "live"), got); names != c.want {
			t.Errorf("%v: got %q, want %q", c.files, names, c.want)
			continue
		}
		if c.want == "" {
			continue
		}
		if because := got.Members[0].Because; len(because) != 1 || fmt.Sprint(because[0]) != fmt.Sprint(c.cause) {
			t.Errorf("%v: got %v, want %v", c.files, because, c.cause)
		}
	}
}

func TestGitRangeStacks(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{
		"s/terragrunt.stack.hcl": unitBlock("a", "../x", "a"), "s/.terragrunt-stack/a/terragrunt.hcl": "",
		"old/terragrunt.stack.hcl": unitBlock("a", "../x", "a"), "u/terragrunt.hcl": "",
	})
	r.change(map[string]string{"s/terragrunt.stack.hcl": unitBlock("a", "../x", "a", "values = {}"), "old/terragrunt.stack.hcl": ""})
	if got := r.choose("", "[HEAD~1]"); got != "old s s/.terragrunt-stack/a" {
		t.Errorf("got %q", got)
	}
	if got := r.choose("", "[HEAD~1] | type=stack"); got != "old s" {
		t.Errorf("got %q", got)
	}
}

// A stack that reads a changed file counts as changed, and a component whose
// local source has changed as well.
func TestGitRangeStackReads(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"s/terragrunt.stack.hcl":               "locals {\n  e = read_terragrunt_config(\"../env.hcl\").locals.e\n}\n" + unitBlock("a", "../catalog/a", "a") + unitBlock("b", "../catalog/b", "b"),
		"s/.terragrunt-stack/a/terragrunt.hcl": "", "s/.terragrunt-stack/b/terragrunt.hcl": "",
		"env.hcl": "locals {\n  e = 1\n}\n", "catalog/a/main.tf": "", "catalog/b/main.tf": "",
	}
	r := newTestRepo(t, files)
	r.change(map[string]string{"catalog/a/main.tf": "# two\n"})
	if got := r.choose("", "[HEAD~1]"); got != "s/.terragrunt-stack/a" {
		t.Errorf("got %q", got)
	}
	r.change(map[string]string{"env.hcl": "locals {\n  e = 2\n}\n"})
	if got := r.choose("", "[HEAD~1]"); got != "s s/.terragrunt-stack/a s/.terragrunt-stack/b" {
		t.Errorf("got %q", got)
	}
}

// A removed unit is bound where it was when somebody wants to run it.
func TestGitRangeRemovedUnit(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{
		"live/base/terragrunt.hcl": "", "live/safe/terragrunt.hcl": "prevent_destroy = true\n",
		"live/gone/terragrunt.hcl": "dependencies {\n  paths = [\"../base\"]\n}\n",
	})
	r.change(map[string]string{"live/gone/terragrunt.hcl": "", "live/safe/terragrunt.hcl": ""})
	dir := filepath.Join(r.root, "live")
	s, err := Discover(context.Background(), testLoader(), dir, DiscoverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	q, err := ParseQuery("[HEAD~1]")
	if err != nil {
		t.Fatal(err)
	}
	got, err := NewFilter(dir, q).Apply(context.Background(), s, Scene{Repository: r.open("live"), Loader: testLoader(), Bind: true})
	if err != nil {
		t.Fatal(err)
	}
	sel := got.Selection()
	if len(sel.Kept) != 2 {
		t.Fatalf("got %v", sel.Kept)
	}
	u := sel.Kept[0]
	if !u.Removed || u.Ref != "HEAD~1" || u.Dir() != filepath.Join(dir, "gone") || within(u.Unit.Dir(), r.root) {
		t.Errorf("got %+v of %s", u, u.Unit.Dir())
	}
	if deps := u.Dependencies(); len(deps) != 1 || deps[0] != filepath.Join(dir, "base") {
		t.Errorf("depends on %q", deps)
	}
	if left := sel.Exclude(Rules{Command: "plan"}); len(left.Kept) != 0 || left.Excluded[0].Reason != RemovedUnit {
		t.Errorf("not asked to destroy: kept %v", left.Kept)
	}
	left := sel.Exclude(Rules{Command: "plan", AllowRemoved: true})
	if len(left.Kept) != 1 || left.Kept[0] != u || left.Excluded[0].Reason != PreventDestroy {
		t.Errorf("kept %v", left.Kept)
	}
}

func TestGitRangeErrors(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"a/terragrunt.hcl": ""})
	r.change(map[string]string{"a/terragrunt.hcl": ""})
	r.git("checkout", "-q", "--orphan", "apart")
	r.commit()
	for query, want := range map[string]string{
		"[nothing]":             "'nothing' is not known",
		"[main...nothing]":      "'nothing' is not known",
		"[--help]":              "'--help' is no Git reference",
		"[main...apart]":        "no commit in common",
		"!a ; [main~1...apart]": "no commit in common",
	} {
		_, err := tryChoose(t, r.root, "", r.open(""), strings.Split(query, " ; ")...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", query, err, want)
		}
	}
	if _, err := tryChoose(t, r.root, "", r.open(""), "[main..apart]"); err != nil {
		t.Error(err)
	}
}

func TestGitOutsideRepository(t *testing.T) {
	t.Parallel()
	root := tree(t, liveFiles())
	r := &testRepo{T: t, root: root}
	repo := NewRepository(root, func(_ context.Context, c GitCommand) (string, error) {
		return "", fmt.Errorf("fatal: not a git repository")
	})
	_, err := tryChoose(r.T, root, "", repo, "[main]")
	if err == nil || !strings.Contains(err.Error(), "is not in the work tree of a Git repository") {
		t.Errorf("got %v", err)
	}
}

// A worktree that was damaged, or whose making failed, is removed all the same.
func TestWorktreesAreRemoved(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"a/terragrunt.hcl": ""})
	repo := r.open("")
	dir, err := repo.tree(context.Background(), strings.TrimSpace(r.git("rev-parse", "HEAD")))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := repo.tree(context.Background(), strings.TrimSpace(r.git("rev-parse", "HEAD"))); err != nil || again != dir {
		t.Errorf("got %s, %v", again, err)
	}
	if got := repo.Here(filepath.Join(dir, "a")); got != filepath.Join(r.root, "a") {
		t.Errorf("got %s", got)
	}
	if err := os.Remove(filepath.Join(dir, ".git")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "left.txt"), nil, 0o444); err != nil {
		t.Fatal(err)
	}
	if _, err := repo.tree(context.Background(), strings.Repeat("0", 40)); err == nil {
		t.Error("a commit that is not there has a tree")
	}
	if err := repo.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s is left", dir)
	}
}
