package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// catalogTree is a repository of components, and a folder that uses it.
const catalogTree = `
-- repo/modules/app/README.md --
---
name: Application
tags: [web]
---
# Ignored heading

Runs **one** container.

- a list

-- repo/modules/app/main.tf --
variable "name" {
  description = "What to call it."
  type        = string
}

variable "size" {
  type    = number
  default = 2
}

variable "open" {
  type    = bool
  default = false
}
-- repo/modules/net/main.tf --
-- repo/units/web/terragrunt.hcl --
inputs = { name = values.name, size = try(values.size, 3) }
-- repo/templates/note/boilerplate.yml --
variables:
  - name: Owner
    description: Who to ask.
  - name: Tier
    type: enum
    options: [gold, silver]
    default: gold
-- repo/templates/note/note.txt --
{{ .Owner }} {{ .Tier }}
-- live/root.hcl --
catalog {
  urls = ["../repo"]
}
-- live/app/keep --
`

// catalogFolder lays the tree out and gives its folder, and the environment of
// programs there.
func catalogFolder(t *testing.T) (dir string, env []string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range txtar.Parse([]byte(catalogTree)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	env = append(os.Environ(), "PATH="+pathList(terraceDir(t)), "HOME="+dir, "XDG_CACHE_HOME="+dir+"/cache", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=T", "GIT_AUTHOR_EMAIL=t@example.com", "GIT_COMMITTER_NAME=T", "GIT_COMMITTER_EMAIL=t@example.com", "TG_NO_TIPS=true")
	for _, args := range [][]string{{"init", "-q", "-b", "main", "."}, {"add", "."}, {"commit", "-q", "-m", "one"}, {"tag", "v1.2.0"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = filepath.Join(dir, "repo"), env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	return dir, env
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// mustContain fails where one of the texts is not in what was written.
func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is not in:\n%s", p, text)
		}
	}
}

func TestCatalogScreen(t *testing.T) {
	t.Parallel()
	dir, env := catalogFolder(t)
	s := startTerminal(t, terminalOptions{Dir: dir + "/live/app", Env: env}, "terrace", "catalog")
	s.sees("Application", "net", "web", "note", "v1.2.0", "4 of 4 shown")

	s.press("Tab")
	s.sees("note", "1 of 4 shown")
	s.misses("Application")
	s.press("BTab")
	s.press("/")
	s.types("appl")
	s.sees("/appl", "1 of 4 shown")
	s.press("Enter")

	s.press("Enter")
	s.sees("Runs one container.", "• a list", "scaffold with placeholders")
	s.misses("Ignored heading: ", "---")
	s.press("Escape")
	s.sees("1 of 4 shown") // an s that follows at once would be taken for alt+s

	s.press("s")
	s.sees("Scaffold", "name *", "size", "3 fields, 1 required and not set", "What to call it.")
	s.press("s")
	s.sees("name is required")
	s.press("Enter")
	s.types("shop")
	s.press("Enter")
	s.sees("0 required and not set")
	s.press("j", "Enter")
	s.press("C-u")
	s.types("many")
	s.press("Enter")
	s.sees("many is not a number")
	s.press("C-u")
	s.types("5")
	s.press("Enter")
	s.press("j", "Enter")
	s.sees("true")
	s.press("s")
	if code := s.exit(); code != 0 {
		t.Fatalf("exit status %d:\n%s", code, s.screen())
	}
	s.sees("Wrote terragrunt.hcl")
	text := readText(t, dir+"/live/app/terragrunt.hcl")
	mustContain(t, text, `source = "../../repo//modules/app"`, `find_in_parent_folders("root.hcl")`, `name = "shop"`, "size = 5", "open = true")
}

func TestCatalogScreenPlaceholders(t *testing.T) {
	t.Parallel()
	dir, env := catalogFolder(t)
	s := startTerminal(t, terminalOptions{Dir: dir + "/live/app", Env: env, Columns: 60, Rows: 12}, "terrace", "catalog", "git::file://"+dir+"/repo")
	s.sees("4 of 4 shown")
	s.press("/")
	s.types("appl")
	s.press("Enter", "Enter")
	s.sees("Runs one container.")
	s.press("C-d")
	if code := s.exit(); code != 0 {
		t.Fatalf("exit status %d:\n%s", code, s.screen())
	}
	mustContain(t, readText(t, dir+"/live/app/terragrunt.hcl"), "repo//modules/app?ref=v1.2.0", `name = "" # TODO`, "# size = 2")
}

func TestCatalogScreenLeaves(t *testing.T) {
	t.Parallel()
	dir, env := catalogFolder(t)
	s := startTerminal(t, terminalOptions{Dir: dir + "/live/app", Env: env}, "terrace", "catalog")
	s.sees("4 of 4 shown")
	s.press("s")
	s.sees("esc cancel")
	s.press("Escape")
	s.sees("4 of 4 shown")
	s.press("q")
	if code := s.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if entries, _ := os.ReadDir(dir + "/live/app"); len(entries) != 1 {
		t.Errorf("something was written: %v", entries)
	}

	s = startTerminal(t, terminalOptions{Dir: dir, Env: env}, "terrace", "catalog")
	s.sees("Welcome to the catalog", "urls =")
	s.press("q")
	if code := s.exit(); code != 0 {
		t.Errorf("exit status %d", code)
	}

	s = startTerminal(t, terminalOptions{Dir: dir, Env: env}, "terrace", "catalog")
	s.sees("Welcome to the catalog")
	s.press("C-c")
	if code := s.exit(); code != 130 {
		t.Errorf("exit status %d after an interrupt, want 130", code)
	}
	s.misses("ERROR", "Welcome")

	s = startTerminal(t, terminalOptions{Dir: dir, Env: env}, "terrace", "catalog", dir+"/live")
	s.sees("is not a git repository")
	s.press("q")
	if code := s.exit(); code != 1 {
		t.Errorf("exit status %d, want 1", code)
	}
}

func TestScaffoldForm(t *testing.T) {
	t.Parallel()
	dir, env := catalogFolder(t)
	s := startTerminal(t, terminalOptions{Dir: dir + "/live/app", Env: env}, "terrace", "scaffold", "../../repo//units/web")
	s.sees("name *", "size", "default: 3")
	s.press("Enter")
	s.types("shop")
	s.press("Enter", "s")
	if code := s.exit(); code != 0 {
		t.Fatalf("exit status %d:\n%s", code, s.screen())
	}
	if got, want := readText(t, dir+"/live/app/terragrunt.values.hcl"), "name = \"shop\"\nsize = 3\n"; got != want {
		t.Errorf("values: %q, want %q", got, want)
	}

	note := dir + "/live/note"
	s = startTerminal(t, terminalOptions{Dir: dir + "/live", Env: env}, "terrace", "scaffold", "../repo//templates/note", "--output-folder", note)
	s.sees("Owner *", "Tier", "default: gold")
	s.press("j", "Enter")
	s.sees("silver")
	s.press("x")
	s.sees("default: gold")
	s.press("C-d")
	s.sees("Value [string]:")
	s.types("me")
	s.press("Enter")
	if code := s.exit(); code != 0 {
		t.Fatalf("exit status %d:\n%s", code, s.screen())
	}
	if got := readText(t, note+"/note.txt"); got != "me gold\n" {
		t.Errorf("note: %q", got)
	}
}
