//go:build unix

package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

const terminalTree = `
-- modules/main.tf --
variable "name" {}
resource "terraform_data" "x" { input = "${var.name}-1" }
-- live/.gitignore --
.terragrunt-cache
.terraform.lock.hcl
.state
-- live/root.hcl --
remote_state {
  backend  = "local"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config   = { path = "${get_repo_root()}/.state/${path_relative_to_include()}.tfstate" }
}
-- live/dev/net/terragrunt.hcl --
include "root" { path = find_in_parent_folders("root.hcl") }
terraform { source = "git::file://@DIR@/modules?ref=v0.0.1" }
inputs = { name = "net" }
`

// TestPromoteAsks: at a terminal the plan is shown and asked about. Only yes
// is one; a no applies nothing, and the same promotion asks again.
func TestPromoteAsks(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+pathList(wrappedDir(t)), "HOME="+dir, "XDG_CACHE_HOME="+dir+"/cache", "XDG_CONFIG_HOME="+dir+"/config", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.com",
		"CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull, "TG_TF_PATH=terraform", "TG_NO_TIPS=true", "NO_COLOR=1")
	for _, f := range txtar.Parse([]byte(strings.ReplaceAll(terminalTree, "@DIR@", dir))).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const script = `set -e
for repo in modules live; do git -C $repo init -q -b main; git -C $repo add -A; git -C $repo commit -q -m one; done
git -C modules tag v0.0.1
sed 's/-1"/-2"/' modules/main.tf >new && mv new modules/main.tf
git -C modules commit -q -a -m two
git -C modules tag v0.0.2
cd live && "$1" run --all --non-interactive apply`
	setup := exec.Command("sh", "-c", script, "sh", terraceBin(t))
	setup.Dir, setup.Env = dir, env
	if out, err := setup.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	live := filepath.Join(dir, "live")
	state := func() string {
		text, err := os.ReadFile(filepath.Join(live, ".state", "dev", "net.tfstate"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	o := terminalOptions{Dir: live, Env: env, Columns: 150, Rows: 50}
	s := startTerminal(t, o, terraceBin(t), "promote", "--to", "dev", "--version", "v0.0.2")
	s.sees(`input: "net-1" -> "net-2"`, "Apply this to dev? (y/n)")
	s.types("no")
	s.press("Enter")
	if code := s.exit(); code != 3 {
		t.Errorf("a no gives the exit status %d, want 3:\n%s", code, s.screen())
	}
	s.sees("Not approved, and nothing was applied")
	if strings.Contains(state(), "net-2") {
		t.Fatal("a no has applied something")
	}
	log := exec.Command("git", "log", "-1", "--format=%(trailers:key=Terrace-Promotion,valueonly)")
	log.Dir, log.Env = live, env
	id, err := log.Output()
	if err != nil {
		t.Fatal(err)
	}
	s = startTerminal(t, o, terraceBin(t), "promote", "--continue", strings.TrimSpace(string(id)))
	s.sees(`input: "net-1" -> "net-2"`, "Apply this to dev? (y/n)")
	s.types("yes")
	s.press("Enter")
	if code := s.exit(); code != 0 {
		t.Errorf("a yes gives the exit status %d:\n%s", code, s.screen())
	}
	s.sees("1 unit of 1 changed", "done        dev: net v0.0.1 -> v0.0.2")
	if !strings.Contains(state(), "net-2") {
		t.Error("a yes has applied nothing")
	}
}
