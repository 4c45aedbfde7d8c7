package live

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const wholeFile = `environment "prod" {
  path      = "prod"
  after     = ["stage"]
  branches  = ["main"]
  approvals = 1
}
environment "dev" { path = ["eu/dev", "us/dev/"] }
environment "stage" {
  path  = "stage"
  after = ["dev"]
}
check "smoke" {
  environments = ["dev", "stage"]
  command      = ["./smoke.sh", "-v"]
  timeout      = "90s"
  retry {
    attempts = 3
    delay    = "10s"
  }
}
check "all" { command = ["true"] }
notify "chat" { command = ["./notify.sh"] }
`

func TestParse(t *testing.T) {
	t.Parallel()
	f, err := Parse([]byte(wholeFile), "terrace.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Names(); !slices.Equal(got, []string{"dev", "stage", "prod"}) {
		t.Errorf("order = %v", got)
	}
	at := func(line int) Range { return Range{"terrace.hcl", line} }
	want := &Environment{Name: "prod", Paths: []string{"prod"}, After: []string{"stage"}, Branches: []string{"main"}, Approvals: 1, Range: at(1), BranchesAt: at(4), ApprovalsAt: at(5)}
	if got := f.Environment("prod"); !reflect.DeepEqual(got, want) {
		t.Errorf("prod = %+v", got)
	}
	if got := f.Environment("dev").Paths; !slices.Equal(got, []string{"eu/dev", "us/dev"}) {
		t.Errorf("paths of dev = %q", got)
	}
	smoke := &Check{"smoke", []string{"dev", "stage"}, []string{"./smoke.sh", "-v"}, 90 * time.Second, 3, 10 * time.Second, at(12)}
	if got := f.Checks[0]; !reflect.DeepEqual(got, smoke) {
		t.Errorf("check = %+v", got)
	}
	if got := f.ChecksOf("prod"); len(got) != 1 || got[0].Name != "all" || got[0].Attempts != 1 || got[0].Timeout != 10*time.Minute {
		t.Errorf("checks of prod = %+v", got)
	}
	if got := f.Upstream("prod"); !slices.Equal(got, []string{"dev", "stage"}) {
		t.Errorf("upstream of prod = %q", got)
	}
	if len(f.Notifies) != 1 || f.Notifies[0].Command[0] != "./notify.sh" {
		t.Errorf("notifies = %+v", f.Notifies)
	}
}

func TestParseMistakes(t *testing.T) {
	t.Parallel()
	dev := "environment \"dev\" { path = \"dev\" }\n"
	for src, want := range map[string]string{
		`environment "a" {`:                `1,17-18: Unclosed configuration block`,
		`enviroment "a" { path = "a" }`:    `1,1-11: Unknown block; there is no block "enviroment" in a terrace.hcl, there are: check, environment, notify. Did you mean "environment"?`,
		`branches = ["x"]`:                 `1,1-9: Unknown argument; terrace.hcl holds blocks only`,
		`environment { path = "a" }`:       `1,1-12: Missing name; write environment "name"`,
		`environment "a b" { path = "a" }`: `1,13-18: Invalid name`,
		dev + dev:                          `2,13-18: Duplicate environment; "dev" is declared on line 1 already`,
		`environment "a" {}`:               `1,1-16: Missing argument; environment "a" needs path`,
		"environment \"a\" {\n path = \"a\"\n branch = [\"m\"]\n}":                                                         `3,2-8: Unknown argument; environment has no "branch". Did you mean "branches"?`,
		"environment \"a\" {\n path = \"a\"\n after = [\"b\"]\n}":                                                          `3,11-14: Unknown environment; there is no environment "b"`,
		dev + "environment \"s\" {\n path = \"s\"\n after = [\"devv\"]\n}":                                                 `4,11-17: Unknown environment; there is no environment "devv". Did you mean "dev"?`,
		"environment \"a\" {\n path = \"a\"\n after = [\"a\"]\n}":                                                          `1,13-16: Cycle; no environment can come first: a -> a`,
		"environment \"a\" {\n path = \"a\"\n after = [\"b\"]\n}\nenvironment \"b\" {\n path = \"b\"\n after = [\"a\"]\n}": `Cycle; no environment can come first: a -> b -> a`,
		`environment "a" { path = upper("a") }`:                                                                            `Plain values only; terrace.hcl takes texts, numbers and lists of them`,
		`environment "a" { path = local.x }`:                                                                               `Plain values only`,
		`environment "a" { path = "${1 + 1}/${x}" }`:                                                                       `Plain values only`,
		`environment "a" { path = [] }`:                                                                                    `Empty list; path holds nothing`,
		`environment "a" { path = "/abs" }`:                                                                                `Invalid path; "/abs" is absolute`,
		`environment "a" { path = "../x" }`:                                                                                `leads out of the folder of terrace.hcl`,
		`environment "a" { path = "." }`:                                                                                   `is the whole repository`,
		`environment "a" { path = "a\\b" }`:                                                                                `has a backslash`,
		`environment "a" { path = "a[" }`:                                                                                  `is no pattern`,
		`environment "a" { path = ["a", ""] }`:                                                                             `1,32-34: Invalid value; path is a list of texts, none of them empty`,
		"environment \"a\" {\n path = \"a\"\n branches = []\n}":                                                            `Empty list; branches holds nothing`,
		"environment \"a\" {\n path = \"a\"\n branches = \"main\"\n}":                                                      `Invalid value; branches is a list of texts`,
		"environment \"a\" {\n path = \"a\"\n approvals = -1\n}":                                                           `3,14-16: Invalid value; approvals is a whole number, at least 0`,
		"environment \"a\" {\n path = \"a\"\n approvals = 1.5\n}":                                                          `approvals is a whole number`,
		`check "a" { environments = ["x"] }`:                                                                               `Missing argument; check "a" needs command`,
		"check \"a\" {\n command = [\"x\"]\n timeout = \"10\"\n}":                                                          `timeout is a span of time with its unit`,
		"check \"a\" {\n command = [\"x\"]\n timeout = \"-1s\"\n}":                                                         `timeout is a span of time`,
		"check \"a\" {\n command = [\"x\"]\n retry {\n  tries = 1\n }\n}":                                                  `retry has no "tries". There are: attempts, delay`,
		"check \"a\" {\n command = [\"x\"]\n retry {}\n retry {}\n}":                                                       `4,2-7: Duplicate retry`,
		"check \"a\" {\n command = [\"x\"]\n retry {\n  attempts = 0\n }\n}":                                               `attempts is a whole number, at least 1`,
		"check \"a\" {\n command = [\"x\"]\n environments = [\"dve\"]\n}" + "\n" + dev:                                     `Did you mean "dev"?`,
		"notify \"a\" {\n command = []\n}":                                                                                 `Empty list; command holds nothing`,
	} {
		_, err := Parse([]byte(src), "terrace.hcl")
		if err == nil {
			t.Errorf("%s: no error", src)
		} else if !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\ngot  %s\nwant %s", src, err, want)
		}
	}
}

// All mistakes are told at once, by line.
func TestParseTellsAll(t *testing.T) {
	t.Parallel()
	_, err := Parse([]byte("notify \"a\" {}\nenvironment \"b\" {\n  path = 1\n  x = 2\n}\n"), "f")
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("err = %v", err)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, dir := range []string{"production", "dev", "global", "staging"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Load(root)
	if err != nil || !f.Guessed || !slices.Equal(f.Names(), []string{"dev", "staging", "production"}) {
		t.Fatalf("Load = %+v, %v", f, err)
	}
	if got := f.Environment("production").After; !slices.Equal(got, []string{"staging"}) {
		t.Errorf("production is after %q", got)
	}
	if err := os.WriteFile(filepath.Join(root, FileName), []byte(`environment "x" { path = "global" }`), 0o644); err != nil {
		t.Fatal(err)
	}
	if f, err = Load(root); err != nil || f.Guessed || len(f.Environments) != 1 {
		t.Errorf("with a file: %+v, %v", f, err)
	}
	if got := FindRoot(filepath.Join(root, "dev"), filepath.Dir(root)); got != root {
		t.Errorf("FindRoot = %s", got)
	}
	if got := FindRoot(filepath.Dir(root), filepath.Dir(root)); got != filepath.Dir(root) {
		t.Errorf("FindRoot above = %s", got)
	}
}
