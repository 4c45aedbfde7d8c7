//go:build unix

package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/terrace-iac/terrace/test/parts"
)

// The keys that the pipelines of these tests encrypt with, and nothing else.
const (
	ciIdentity  = "AGE-SECRET-KEY-1KKDVGPPF7XK0N0DKRD9YW54JP6PT9SDTKHS2VKDF7JXGUDNLYTYS5FF7EZ"
	ciRecipient = "age1gpwgr0spd5cgz2vvwnayn89ej3aldyeehz6ekj3u9t2h78at5unsgmgn9m"
)

const ciTree = `
-- .gitignore --
.terragrunt-cache
prod.bundle
review.md
.gitlab-ci-local
-- terrace.hcl --
environment "prod" {
  path      = "prod"
  branches  = ["main"]
  approvals = 1
}
-- prod/vpc/terragrunt.hcl --
remote_state {
  backend  = "local"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config   = { path = "${get_env("STATES")}/vpc.tfstate" }
}
-- prod/vpc/main.tf --
resource "terraform_data" "x" { input = "planned in a job" }
`

// ciRepo is a live repository with the files of examples/ci, its remote, and
// what its jobs share.
type ciRepo struct {
	t                 *testing.T
	dir, live, shared string
	env               []string
}

// newCIRepo makes the repository. edit changes the files before they are
// committed.
func newCIRepo(t *testing.T, edit func(live string)) *ciRepo {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not on PATH")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &ciRepo{t: t, dir: dir, live: filepath.Join(dir, "live"), shared: filepath.Join(dir, "shared")}
	states := filepath.Join(dir, "states")
	r.env = append(os.Environ(), "PATH="+pathList(wrappedDir(t)), "HOME="+dir, "XDG_CACHE_HOME="+dir+"/cache", "XDG_CONFIG_HOME="+dir+"/config", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Dana", "GIT_AUTHOR_EMAIL=dana@example.com", "GIT_COMMITTER_NAME=Dana", "GIT_COMMITTER_EMAIL=dana@example.com",
		"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "TG_TF_PATH=terraform", "TG_NO_TIPS=true", "STATES="+states, "ARTIFACTS="+r.shared)
	for _, path := range []string{r.shared, filepath.Join(r.live, ".terrace")} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(r.live, os.DirFS(filepath.Join(moduleRoot(), "examples", "ci"))); err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(ciTree)).Files {
		r.write(filepath.Join(r.live, f.Name), string(f.Data))
	}
	edit(r.live)
	r.call(dir, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", filepath.Join(dir, "mary"))
	public, err := os.ReadFile(filepath.Join(dir, "mary.pub"))
	if err != nil {
		t.Fatal(err)
	}
	r.write(filepath.Join(r.live, ".terrace", "allowed_signers"), "mary@example.com "+string(public))
	r.call(dir, "git", "init", "-q", "--bare", "-b", "main", "remote.git")
	for _, args := range []string{"init -q -b main", "remote add origin " + dir + "/remote.git", "add -A -f", "commit -q -m one", "push -q -u origin main"} {
		r.call(r.live, "git", strings.Fields(args)...)
	}
	return r
}

func (r *ciRepo) write(path, text string) {
	r.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// call runs a program, which must end well.
func (r *ciRepo) call(dir, program string, args ...string) string {
	r.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = dir, r.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, out)
	}
	return string(out)
}

// play has the jobs of a pipeline run as docs/ci.md tells it: a plan, an apply
// that waits, a signature from a clone of somebody else, and the apply again.
func (r *ciRepo) play(plan, apply func() string, artefact string) {
	r.t.Helper()
	state := filepath.Join(r.dir, "states", "vpc.tfstate")
	if out := plan(); !strings.Contains(out, "prod/vpc: 1 to create") {
		r.t.Errorf("the job that plans shows no page:\n%s", out)
	}
	if out := apply(); !strings.Contains(out, "0 of 1 approvals") {
		r.t.Errorf("the job that applies does not wait:\n%s", out)
	}
	if _, err := os.Stat(state); err == nil {
		r.t.Fatal("it was applied without a signature")
	}
	mary := filepath.Join(r.dir, "mary's")
	r.call(r.dir, "git", "clone", "-q", "remote.git", mary)
	if err := os.CopyFS(filepath.Join(mary, "prod.bundle"), os.DirFS(artefact)); err != nil {
		r.t.Fatal(err)
	}
	r.call(mary, terraceBin(r.t), "bundle", "approve", "--push", "--non-interactive", "--key", filepath.Join(r.dir, "mary"), "prod.bundle")
	out := apply()
	if !strings.Contains(out, "by mary@example.com") || !strings.Contains(out, "Applied: 1 changed of 1 units") {
		r.t.Errorf("the job does not apply what was signed:\n%s", out)
	}
	if _, err := os.Stat(state); err != nil {
		r.t.Error(err)
	}
	if strings.Contains(out, ciIdentity) {
		r.t.Error("the log holds the identity")
	}
}

// TestE2EActionlint: the workflow that is shown is one.
func TestE2EActionlint(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(parts.Program(t, parts.Actionlint), filepath.Join(moduleRoot(), "examples", "ci", ".github", "workflows", "bundle.yml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestE2EActions runs the workflow of examples/ci. The steps that keep and
// fetch artefacts take a server of GitHub; here a shared folder stands in.
func TestE2EActions(t *testing.T) {
	t.Parallel()
	act := parts.Program(t, parts.Act)
	r := newCIRepo(t, func(live string) {
		path := filepath.Join(live, ".github", "workflows", "bundle.yml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for step, run := range map[string]string{"upload": `cp -r prod.bundle "$ARTIFACTS"`, "download": `cp -r "$ARTIFACTS/prod.bundle" .`} {
			uses := regexp.MustCompile(`      - uses: actions/` + step + `-artifact@v\d+\n        with:\n(?: {10}.*\n)+`)
			if n := len(uses.FindAll(text, -1)); n != 1 {
				t.Fatalf("the workflow has %d steps that %s artefacts", n, step)
			}
			text = uses.ReplaceAllLiteral(text, []byte("      - run: "+run+"\n"))
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	})
	run := func(event ...string) func() string {
		return func() string {
			return r.call(r.live, act, append(event, "-P", "ubuntu-latest=-self-hosted", "--pull=false", "--var", "TERRACE_DOWNLOAD=file://"+terraceBin(t),
				"--var", "BUNDLE_RECIPIENT="+ciRecipient, "-s", "BUNDLE_IDENTITY="+ciIdentity)...)
		}
	}
	r.play(run("push"), run("workflow_dispatch", "--input", "run=1"), filepath.Join(r.shared, "prod.bundle"))
}

// TestE2EGitLab runs the pipeline of examples/ci.
func TestE2EGitLab(t *testing.T) {
	t.Parallel()
	program := parts.Program(t, parts.GitLab)
	if _, err := exec.LookPath("rsync"); err != nil {
		t.Skip("gitlab-ci-local needs rsync, which is not on PATH")
	}
	r := newCIRepo(t, func(string) {})
	if dir := parts.NodeDir(); dir != "" {
		r.env = append(r.env, "PATH="+pathList(wrappedDir(t), dir))
	}
	run := func(job string) func() string {
		return func() string {
			return r.call(r.live, program, "--force-shell-executor", "--variable", "TERRACE_DOWNLOAD=file://"+terraceBin(t),
				"--variable", "BUNDLE_RECIPIENT="+ciRecipient, "--variable", "BUNDLE_IDENTITY="+ciIdentity, job)
		}
	}
	r.play(run("plan"), run("apply"), filepath.Join(r.live, ".gitlab-ci-local", "artifacts", "plan", "prod.bundle"))
}
