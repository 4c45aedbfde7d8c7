//go:build !windows

package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// browsed starts `terrace browse` over a small live repository.
func browsed(t *testing.T, args ...string) *terminal {
	work := writeTree(t, map[string]string{
		"live/root.hcl":                "inputs = { region = \"eu-west-1\" }\n",
		"live/dev/vpc/terragrunt.hcl":  "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\nterraform {\n  source = \"../../../modules//vpc\"\n}\n",
		"live/dev/app/terragrunt.hcl":  "dependency \"vpc\" {\n  config_path = \"../vpc\"\n  mock_outputs = { id = \"mock\" }\n}\ninputs = { vpc = dependency.vpc.outputs.id, size = 2 }\n",
		"live/dev/app/main.tf":         "",
		"live/dev/web/terragrunt.hcl":  "dependencies {\n  paths = [\"../app\"]\n}\n",
		"live/dev/web/main.tf":         "",
		"live/dev/web/faketofu.txt":    "plan stderr no such image\nplan exit 1\n",
		"live/prod/bad/terragrunt.hcl": "terraform {\n  source = local.nowhere\n}\n",
		"modules/vpc/main.tf":          "",
	})
	return startTerminal(t, terminalOptions{
		Dir: filepath.Join(work, "live"), Columns: 120, Rows: 30,
		Env: append(os.Environ(), "WORK="+work, "TG_TF_PATH=faketofu", "TG_NO_TIPS=true", "HOME="+filepath.Join(work, "home"),
			"XDG_CACHE_HOME="+filepath.Join(work, "home", "cache"), "NO_COLOR=", "REC="),
	}, append([]string{terraceBin(t), "browse"}, args...)...)
}

// Folders open and close, a unit shows what it needs, what needs it, and its configuration.
func TestBrowseFolders(t *testing.T) {
	t.Parallel()
	s := browsed(t)
	s.sees("4 units, 0 stacks", "dev/", "prod/")
	s.press("l")
	s.sees("app", "vpc", "web", "unit dev/app", "needs      dev/vpc", "needed by  dev/web", "size = 2")
	s.press("j")
	s.sees("unit dev/vpc", "source     ../../../modules//vpc", "eu-west-1")
	s.press("h", "G", "l")
	s.sees("prod/bad", "has no locals.") // the mistake is shown, not the end of the program
	s.press("q")
	if code := s.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// The list narrows with each letter; Escape goes back to the folder of the unit that was found.
func TestBrowseFilterAndRelations(t *testing.T) {
	t.Parallel()
	s := browsed(t)
	s.sees("4 units")
	s.types("/")
	s.sees("dev/app", "dev/vpc", "dev/web", "prod/bad")
	s.types("we")
	s.misses("dev/vpc", "prod/bad")
	s.sees("/ we", "unit dev/web", "needs      dev/app")
	s.press("Enter")
	s.types("d")
	s.sees("what dev/web needs", "dev/app", "dev/vpc")
	s.press("j", "j")
	s.sees("unit dev/vpc")
	s.types("D")
	s.sees("what needs dev/vpc", "dev/app", "dev/web")
	s.press("Escape")
	s.misses("what needs")
	s.sees("dev/", "app", "web", "unit dev/vpc")
	s.types("q")
	if code := s.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// What was found is gone through folder by folder, at any size of the terminal, and an
// interrupt leaves it as it was.
func TestBrowseNextAndInterrupt(t *testing.T) {
	t.Parallel()
	s := browsed(t)
	s.sees("4 units")
	s.types("/")
	s.types("e")
	s.sees("/ e", "dev/web")
	s.press("Enter")
	s.sees("esc back")
	s.press("Escape")
	s.sees("/ find", "unit dev/app") // a key that follows at once would be taken for one with alt
	s.types("n")
	s.sees("unit dev/vpc")
	s.types("N")
	s.sees("unit dev/app")
	s.resize(40, 10)
	s.sees("unit dev/app", "q quit")
	s.press("C-c")
	if code := s.exit(); code != 130 {
		t.Errorf("exit status %d, want 130", code)
	}
	s.misses("unit dev/app", "ERROR")
}

// Marked units are planned on the terminal, and how they ended is shown afterwards.
func TestBrowsePlan(t *testing.T) {
	t.Parallel()
	s := browsed(t)
	s.sees("4 units")
	s.press("l", "Space")
	s.sees("1 marked")
	s.press("j", "Space")
	s.sees("2 marked")
	s.types("p")
	s.sees("It ended with status 1: press Enter to go back.", "no such image")
	s.press("Enter")
	s.sees("2 marked", "unit dev/web", "last run   plan failed, just now")
	s.press("k", "k")
	s.sees("unit dev/app", "last run   plan succeeded, just now")
	s.press("q")
	if code := s.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

// Without a terminal there is nothing to browse on.
func TestBrowseWithoutTerminal(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(terraceBin(t), "browse", "--working-dir", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "browse needs a terminal") {
		t.Errorf("%v: %s", err, out)
	}
}
