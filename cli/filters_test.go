package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/configstack"
)

// filterOf builds the filter of a command line in a folder with the files.
func filterOf(t *testing.T, line string, files map[string]string) (*configstack.Filter, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	v, _, err := bound(line)
	if err != nil {
		t.Fatal(err)
	}
	g, _, err := newGlobalOptions(v, newEnvironment(nil), dir)
	if err != nil {
		t.Fatal(err)
	}
	inv := &invocation{Values: v, Global: g, Cwd: dir}
	return inv.newFilter(newFilterOptions(v, g.WorkingDir), func() (string, error) { return "trunk", nil })
}

// matches gives the paths out of a fixed list that a filter of paths leaves.
func matches(t *testing.T, f *configstack.Filter) string {
	t.Helper()
	names := []string{"app", "data/db", "net/dns", "net/vpc"}
	var got []string
	for _, name := range names {
		list, err := f.MatchPaths(t.Context(), []string{filepath.Join(f.Base(), filepath.FromSlash(name))})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			got = append(got, name)
		}
	}
	return strings.Join(got, " ")
}

func TestNewFilter(t *testing.T) {
	t.Parallel()
	queries := map[string]string{
		".terragrunt-filters": "# today\n\n  app\n./net/**\n!dns\n", "mine": "db\r\n", ".terragrunt-excludes": "app\n", "skip": "net/*\n",
	}
	for _, c := range []struct {
		line, want string
		files      map[string]string
	}{
		{"find", "app data/db net/dns net/vpc", nil},
		{"find --filter app --filter app", "app", nil},
		{"find --filter db", "data/db net/vpc", queries},
		{"find", "net/vpc", queries},
		{"find --no-filters-file", "data/db net/dns net/vpc", queries},
		{"find --filters-file mine", "data/db", queries},
		{"run --all --queue-include-dir net/* plan", "net/dns net/vpc", nil},
		{"run --all --queue-include-dir {net,app/..}/v* plan", "net/vpc", nil},
		{"run --all --queue-exclude-dir net/* plan", "app data/db", nil},
		{"run --all --queue-include-dir net/* --queue-exclude-dir net/dns plan", "net/vpc", nil},
		{"run --all --no-filters-file --queue-excludes-file skip plan", "app data/db", queries},
	} {
		f, err := filterOf(t, c.line, c.files)
		if err != nil {
			t.Errorf("%s: %v", c.line, err)
			continue
		}
		if got := matches(t, f); got != c.want {
			t.Errorf("%s: got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestNewFilterNeeds(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]configstack.Needs{
		"run --all --queue-include-external plan":               {Outlines: true, External: true},
		"run --all --queue-include-units-reading root.hcl plan": {Outlines: true},
		"run --all --units-that-include root.hcl plan":          {Outlines: true},
		"find --filter-affected":                                {Outlines: true, Git: true},
	} {
		f, err := filterOf(t, line, nil)
		if err != nil || f.Needs() != want {
			t.Errorf("%s: got %+v, %v", line, f.Needs(), err)
		}
	}
}

// Every mistake is told, each with the place where it was made.
func TestNewFilterErrors(t *testing.T) {
	t.Parallel()
	_, err := filterOf(t, "find --filter web --filter [main... --filter {app", map[string]string{
		".terragrunt-filters": "\nweb |\n", ".terragrunt-excludes": "{x\n",
	})
	var got []string
	for _, e := range flatten(err) {
		var bad *configstack.QueryError
		if !errors.As(e, &bad) {
			t.Fatalf("got %v", e)
		}
		got = append(got, filepath.Base(bad.Origin)+" "+bad.Query)
	}
	want := "--filter[1] [main...; --filter[2] {app; .terragrunt-filters:2 web |; .terragrunt-excludes:1 !{x"
	check(t, "mistakes", strings.Join(got, "; "), want)

	_, err = filterOf(t, "find --filter {app", nil)
	if err == nil || !strings.Contains(err.Error(), " --> --filter '{app'\n") {
		t.Errorf("got %v", err)
	}
	for _, line := range []string{"find --filters-file nothing", "run --all --queue-excludes-file nothing plan"} {
		if _, err := filterOf(t, line, nil); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: got %v", line, err)
		}
	}
}

func TestBoundaries(t *testing.T) {
	t.Parallel()
	files := map[string]string{"data/x": ""}
	on := " --experiment bounded-discovery"
	for line, want := range map[string]string{
		"find --filter web...(data)":                            "needs the experiment",
		"find --discovery-boundary data":                        "needs the experiment",
		"find --filter web...(data)" + on:                       "",
		"find --filter web... --discovery-boundary data" + on:   "",
		"find --filter web...(nothing)" + on:                    "boundary nothing is not a folder",
		"find --filter (data)...web" + on:                       "must hold the working folder",
		"find --filter ...web --discovery-boundary data" + on:   "must hold the working folder",
		"find --filter (..)...web --discovery-boundary .." + on: "",
	} {
		_, err := filterOf(t, line, files)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

func TestFileFilter(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"hcl fmt --filter ./a/** --filter !b":   "",
		"hcl fmt --filter reading=x.hcl":        "Filter query 'reading=x.hcl' requires discovery of Terrace configurations",
		"hcl fmt --filter ./a/** --filter a...": "Filter query 'a...' requires discovery",
		"hcl fmt --filter-affected":             "requires discovery",
	} {
		v, _, err := bound(line)
		if err != nil {
			t.Fatal(err)
		}
		inv := &invocation{Values: v, Global: globalOptions{WorkingDir: testCwd(t)}}
		_, err = inv.fileFilter(newFilterOptions(v, testCwd(t)))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", line, err, want)
		}
	}
}

func TestRemovedForm(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"plan -lock=false", "plan -destroy -lock=false"},
		{"plan -destroy", "plan -destroy"},
		{"apply -input=false", "apply -destroy -input=false"},
		{"apply x.tfplan", "apply x.tfplan"},
	} {
		check(t, c[0], strings.Join(removedForm(testWords(c[0])), " "), c[1])
	}
}

func TestRefuseGitFilter(t *testing.T) {
	t.Parallel()
	git, err := filterOf(t, "find --filter [main]", nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := filterOf(t, "find --filter web...", nil)
	if err != nil {
		t.Fatal(err)
	}
	for line, allowed := range map[string]bool{"plan": true, "apply": true, "apply -destroy": false, "destroy": false, "output": false} {
		typed := testWords(line)
		if got := refuseGitFilter(git, typed, destroyForm(typed)) == nil; got != allowed {
			t.Errorf("%s: allowed %v", line, got)
		}
		if err := refuseGitFilter(plain, typed, destroyForm(typed)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
