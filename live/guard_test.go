package live

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

const guardedFile = `environment "dev" { path = "dev" }
environment "prod" {
  path     = "prod"
  branches = ["main", "hotfix"]
}
environment "vault" {
  path      = "vault"
  branches  = ["main"]
  approvals = 2
}
`

func TestGuard(t *testing.T) {
	t.Parallel()
	tips := map[string]Tip{"main": {Ref: "refs/remotes/origin/main", Commit: "aaaaaaaaaa"}}
	clean := func(f Facts) Facts {
		f.Command, f.Tips = "apply", tips
		f.Unknown = map[string]error{"hotfix": &NoTipError{"hotfix", "origin"}}
		return f
	}
	atMain := Facts{Commit: "aaaaaaaaaa", Branch: "main"}
	for _, c := range []struct {
		name, unit string
		facts      Facts
		want       string // part of the message; "" for yes
	}{
		{"an environment without rules", "dev/vpc", Facts{Commit: "x", Branch: "feature", Changed: []string{"a"}}, ""},
		{"no environment", "global/vpc", Facts{NoGit: true}, ""},
		{"the tip", "prod/vpc", atMain, ""},
		{"the tip, detached", "prod/vpc", Facts{Commit: "aaaaaaaaaa"}, ""},
		{"detached elsewhere", "prod/vpc", Facts{Commit: "bbbbbbbbbbbb"}, "HEAD is detached at bbbbbbbb, which is the tip of no branch that is listed: origin/main is at aaaaaaaa, the branch hotfix of origin is not known here"},
		{"another branch", "prod/vpc", Facts{Commit: "aaaaaaaaaa", Branch: "feature"}, "apply is refused in prod: the branch feature is checked out\nThe rule: branches = [\"main\", \"hotfix\"] (terrace.hcl:4)\nWhat to do: have the change merged, then `git switch main && git pull`"},
		{"behind", "prod/vpc", Facts{Commit: "b", Branch: "main", Behind: 2}, "the checkout is at b, and origin/main at aaaaaaaa: 2 commits behind\n"},
		{"ahead", "prod/vpc", Facts{Commit: "b", Branch: "main", Ahead: 1}, "1 commit ahead\n"},
		{"both", "prod/vpc", Facts{Commit: "b", Branch: "main", Ahead: 1, Behind: 1}, "1 commit ahead and 1 commit behind apart"},
		{"a branch that is not known", "prod/vpc", Facts{Commit: "b", Branch: "hotfix"}, "the branch hotfix of origin is not known here: pass --fetch"},
		{"changed", "prod/vpc", Facts{Commit: "aaaaaaaaaa", Branch: "main", Changed: []string{"b", "a"}}, "changes that are not committed: b, a"},
		{"many changes", "prod/vpc", Facts{Commit: "aaaaaaaaaa", Branch: "main", Changed: strings.Split("abcdefg", "")}, "a, b, c, d, e and 2 more"},
		{"a lock file that we wrote", "prod/vpc", Facts{Commit: "aaaaaaaaaa", Branch: "main", Changed: []string{"l"}, Untracked: []string{"m"}, Wrote: []string{"l", "m"}}, ""},
		{"untracked", "prod/vpc", Facts{Commit: "aaaaaaaaaa", Branch: "main", Untracked: []string{"x.hcl"}}, "files that git does not know: x.hcl"},
		{"no repository", "prod/vpc", Facts{NoGit: true}, "there is no git repository"},
		{"approvals", "vault/x", atMain, "only a reviewed bundle may change it\nThe rule: approvals = 2 (terrace.hcl:9)"},
		{"approved", "vault/x", Facts{Commit: "aaaaaaaaaa", Branch: "main", Approved: true}, ""},
		{"approved on another branch", "vault/x", Facts{Commit: "aaaaaaaaaa", Branch: "f", Approved: true}, "the branch f is checked out"},
	} {
		r, err := Guard(Policy{File: fileOf(t, guardedFile), Units: []string{c.unit}}, clean(c.facts))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		switch {
		case c.want == "" && r != nil:
			t.Errorf("%s: refused: %v", c.name, r)
		case c.want != "" && (r == nil || !strings.Contains(r.Error(), c.want)):
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, r, c.want)
		case r != nil && r.Overridable != !strings.HasPrefix(r.Rule, "approvals"):
			t.Errorf("%s: overridable is %v", c.name, r.Overridable)
		}
	}
}

// What cannot be overridden is told first, in whatever order it is found.
func TestGuardTellsTheHardestFirst(t *testing.T) {
	t.Parallel()
	r, err := Guard(Policy{File: fileOf(t, guardedFile), Units: []string{"prod/a", "vault/b"}}, Facts{NoGit: true})
	if err != nil || r == nil || r.Overridable || r.Environment != "vault" {
		t.Errorf("Guard = %+v, %v", r, err)
	}
	// A policy that was read from another branch than the first one is silent.
	r, err = Guard(Policy{File: fileOf(t, guardedFile), Branch: "develop", Units: []string{"prod/a"}}, Facts{NoGit: true})
	if r != nil || err != nil {
		t.Errorf("Guard = %v, %v", r, err)
	}
}

func TestReading(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"plan": true, "plan -destroy": true, "validate": true, "output -json": true, "show x": true, "graph": true, "providers lock": true,
		"fmt": true, "version": true, "state list": true, "state show a.b": true, "state pull": true, "init": true, "init -upgrade": true,
		"init -reconfigure=false": true, "apply -help": true, "": true, "-version": true,
		"apply": false, "destroy": false, "state rm a": false, "state mv a b": false, "state push x": false, "state replace-provider a b": false, "state": false,
		"import a b": false, "taint a": false, "untaint a": false, "refresh": false, "force-unlock 1": false, "init -migrate-state": false,
		"init -reconfigure": false, "init -upgrade -reconfigure=true": false, "init -force-copy": false, "workspace new x": false, "test": false,
		"console": false, "apply -- -help": false, "unknown": false, "-chdir=x apply": false, "apply -var version=1": false,
	} {
		if got := Reading(shell.Argv(strings.Fields(line))); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

// play is a repository with a remote in which main's policy guards prod.
func play(t *testing.T, file string) *testRepo {
	t.Helper()
	r := newTestRepo(t, map[string]string{FileName: file, "prod/vpc/terragrunt.hcl": "", "dev/vpc/terragrunt.hcl": ""})
	r.withRemote()
	return r
}

// check is what the guards say to an apply of a change; "" for yes.
func (r *testRepo) check(c Change) string {
	r.Helper()
	if c.Units == nil {
		c.Units = []string{filepath.Join(r.dir, "prod", "vpc")}
	}
	c.Command = "apply"
	refusals, err := c.Check(r.Context(), r.open())
	if err != nil {
		r.Fatal(err)
	}
	if len(refusals) == 0 {
		return ""
	}
	return refusals[0].Error()
}

func TestChangeCheck(t *testing.T) {
	t.Parallel()
	r := play(t, guardedFile)
	if got := r.check(Change{}); got != "" {
		t.Errorf("at the tip: %s", got)
	}
	r.git("checkout", "-q", "-b", "feature")
	if got := r.check(Change{}); !strings.Contains(got, "the branch feature is checked out") {
		t.Errorf("on a feature: %s", got)
	}
	for what, text := range map[string]string{"loosened": strings.ReplaceAll(guardedFile, `["main", "hotfix"]`, `["feature"]`), "moved away": `environment "prod" { path = "other" }`, "gone": ""} {
		if text == "" {
			r.git("rm", "-q", FileName)
		} else {
			r.write(map[string]string{FileName: text})
		}
		r.commit(what)
		r.git("push", "-q", "origin", "feature") // the checkout's own rule would let it through
		if got := r.check(Change{}); !strings.Contains(got, "the branch feature is checked out") || !strings.Contains(got, "(origin/main:terrace.hcl:4)") {
			t.Errorf("%s in the checkout: %s", what, got)
		}
	}
	if got := r.check(Change{Units: []string{filepath.Join(r.dir, "dev", "vpc")}}); got != "" {
		t.Errorf("dev: %s", got)
	}
}

func TestCheckoutCanBeStricter(t *testing.T) {
	t.Parallel()
	r := play(t, `environment "prod" { path = "prod" }`)
	if got := r.check(Change{}); got != "" {
		t.Errorf("without rules: %s", got)
	}
	r.write(map[string]string{FileName: guardedFile})
	if got := r.check(Change{}); !strings.Contains(got, "changes that are not committed: terrace.hcl") {
		t.Errorf("with rules in the checkout: %s", got)
	}
}

func TestChangeCheckFetches(t *testing.T) {
	t.Parallel()
	r := play(t, guardedFile)
	r.write(map[string]string{"x": "1"})
	next := r.commit("next")
	r.git("push", "-q", "origin", "HEAD:refs/heads/main")
	r.git("update-ref", "refs/remotes/origin/main", next+"~")
	r.git("reset", "-q", "--hard", "HEAD~")
	if got := r.check(Change{}); got != "" {
		t.Errorf("before the fetch: %s", got)
	}
	if got := r.check(Change{Fetch: true}); !strings.Contains(got, "1 commit behind") {
		t.Errorf("after it: %s", got)
	}
}

func TestWithoutRemote(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{FileName: guardedFile, "prod/vpc/terragrunt.hcl": "", ".gitignore": "*.ignored\n"})
	read := func(context.Context) ([]string, error) {
		return []string{filepath.Join(r.dir, "prod/vpc/terragrunt.hcl"), filepath.Join(r.dir, "x.ignored"), filepath.Join(filepath.Dir(r.dir), "outside")}, nil
	}
	if got := r.check(Change{}); got != "" {
		t.Errorf("on main: %s", got)
	}
	if got := r.check(Change{Reads: read}); !strings.Contains(got, "files that git does not know: x.ignored\n") {
		t.Errorf("with an ignored file that is read: %s", got)
	}
	if got := r.check(Change{Reads: read, Wrote: []string{filepath.Join(r.dir, "x.ignored")}}); got != "" {
		t.Errorf("with one that we wrote: %s", got)
	}
	failed := errors.New("no")
	if _, err := (Change{Units: []string{filepath.Join(r.dir, "prod/vpc")}, Reads: func(context.Context) ([]string, error) { return nil, failed }}).Check(t.Context(), r.open()); !errors.Is(err, failed) {
		t.Errorf("reads that fail: %v", err)
	}
	r.write(map[string]string{FileName: "environment {}"})
	if _, err := (Change{Units: []string{filepath.Join(r.dir, "prod/vpc")}}).Check(t.Context(), r.open()); err == nil {
		t.Error("a broken file lets changes through")
	}
}

// A terrace.hcl below the top of the repository is about what lies below it.
func TestFileInAFolder(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"live/" + FileName: guardedFile, "live/prod/vpc/terragrunt.hcl": "", "prod/vpc/terragrunt.hcl": ""})
	r.withRemote()
	r.git("checkout", "-q", "-b", "feature")
	r.git("rm", "-q", "live/"+FileName)
	r.commit("gone")
	if got := r.check(Change{Units: []string{filepath.Join(r.dir, "live", "prod", "vpc")}}); !strings.Contains(got, "(origin/main:live/terrace.hcl:4)") {
		t.Errorf("below: %s", got)
	}
	if got := r.check(Change{}); got != "" {
		t.Errorf("beside: %s", got)
	}
}

func TestModuleFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.tf": "", "x.tofu": "", "x.tf.json": "{}", "a.auto.tfvars": "", "terraform.tfvars.json": "", "other.tfvars": "", "terraform.tfstate": "", ".terraform.lock.hcl": "",
		"backend.tf": "# Generated by Terragrunt. Sig: nIlQXj57tbuaRZEa\n", "sub/y.tf": "", ".terragrunt-cache/z.tf": "", "unit/terragrunt.hcl": "", "unit/u.tf": "",
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	found, err := moduleFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		rel, _ := filepath.Rel(dir, f)
		names = append(names, filepath.ToSlash(rel))
	}
	if got := strings.Join(names, " "); got != "a.auto.tfvars main.tf sub/y.tf terraform.tfvars.json x.tf.json x.tofu" {
		t.Errorf("moduleFiles = %s", got)
	}
}

// What git cannot tell matters only where a rule needs it.
func TestGuardInOddRepositories(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{FileName: guardedFile, "prod/vpc/terragrunt.hcl": ""})
	r.git("remote", "add", "ours", "https://example.com/a.git")
	r.git("remote", "add", "theirs", "https://example.com/b.git")
	if got := r.check(Change{Units: []string{filepath.Join(r.dir, "dev", "vpc")}}); got != "" {
		t.Errorf("dev with two remotes: %s", got)
	}
	c := Change{Units: []string{filepath.Join(r.dir, "prod", "vpc")}}
	if _, err := c.Check(t.Context(), r.open()); !errors.Is(err, errManyRemotes) || !strings.Contains(err.Error(), "ours, theirs") {
		t.Errorf("prod with two remotes: %v", err)
	}
	r.git("config", "branch.main.remote", "ours")
	r.git("config", "branch.hotfix.remote", "ours")
	if got := r.check(c); !strings.Contains(got, "the branch main of ours is not known here") {
		t.Errorf("with one of them chosen: %s", got)
	}
	fresh := &testRepo{t, t.TempDir(), r.run}
	fresh.git("init", "-q", "-b", "main")
	if _, err := (Change{Units: []string{fresh.dir}}).Check(t.Context(), fresh.open()); err != nil {
		t.Errorf("without a commit: %v", err)
	}
}
