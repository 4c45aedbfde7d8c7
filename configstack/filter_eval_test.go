package configstack

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

// liveFiles is the tree of the verified results.
func liveFiles() map[string]string {
	const root = "include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n"
	return map[string]string{
		"root.hcl":               "inputs = {\n  env = \"test\"\n}\n",
		"shared.hcl":             "locals {\n  x = 1\n}\n",
		"net/vpc/terragrunt.hcl": root,
		"net/dns/terragrunt.hcl": "",
		"data/db/terragrunt.hcl": root + "locals {\n  s = read_terragrunt_config(find_in_parent_folders(\"shared.hcl\"))\n}\n" +
			"dependency \"vpc\" {\n  config_path = \"../../net/vpc\"\n}\n",
		"data/cache/terragrunt.hcl":   "dependencies {\n  paths = [\"../../net/vpc\"]\n}\n",
		"app/web/terragrunt.hcl":      "dependencies {\n  paths = [\"../../data/db\", \"../../data/cache\"]\n}\n",
		"app/.hid/job/terragrunt.hcl": "",
	}
}

func testLoader() *config.Loader { return config.NewLoader(testHost{}, config.Options{}) }

// choose evaluates queries over the tree below root/in and returns the paths
// chosen from there, separated by spaces.
func choose(t *testing.T, root, in string, repo *Repository, queries ...string) string {
	t.Helper()
	got, err := tryChoose(t, root, in, repo, queries...)
	if err != nil {
		t.Fatalf("%q: %v", queries, err)
	}
	for _, p := range got.Problems {
		t.Errorf("%q: %v", queries, p)
	}
	return paths(filepath.Join(root, in), got)
}

func paths(from string, f *Filtered) string {
	var names []string
	for _, m := range f.Members {
		rel, err := filepath.Rel(from, m.Dir)
		if err != nil {
			panic(err)
		}
		names = append(names, filepath.ToSlash(rel))
	}
	return strings.Join(names, " ")
}

func tryChoose(t *testing.T, root, in string, repo *Repository, queries ...string) (*Filtered, error) {
	t.Helper()
	var list []*Query
	for _, text := range queries {
		q, err := ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, q)
	}
	return applyFilter(t, root, in, repo, NewFilter(filepath.Join(root, in), list...))
}

// applyFilter discovers what the filter needs, and no more.
func applyFilter(t *testing.T, root, in string, repo *Repository, f *Filter) (*Filtered, error) {
	t.Helper()
	ctx, dir, loader := context.Background(), filepath.Join(root, in), testLoader()
	needs := f.Needs()
	var s *Stack
	if needs.Outlines {
		o := DiscoverOptions{FollowExternal: needs.External}
		if needs.Dependents {
			o.Around = root
		}
		var err error
		if s, err = Discover(ctx, loader, dir, o); err != nil {
			t.Fatal(err)
		}
	} else {
		components, err := Walk(ctx, dir, DiscoverOptions{})
		if err != nil {
			t.Fatal(err)
		}
		s = Walked(dir, components)
	}
	return f.Apply(ctx, s, Scene{Repository: repo, Loader: loader})
}

func TestFilterVerifiedResults(t *testing.T) {
	t.Parallel()
	const all = "app/.hid/job app/web data/cache data/db net/dns net/vpc"
	root := tree(t, liveFiles())
	for _, c := range []struct{ in, queries, want string }{
		{"", "web", "app/web"}, {"", "w*", "app/web"}, {"", "w?b", "app/web"}, {"", "./app/*", "app/web"},
		{"", "app/web", "app/web"}, {"", "{app/web}", "app/web"}, {"", "!!web", "app/web"}, {"", "name=web", "app/web"},
		{"", filepath.ToSlash(root) + "/app/web", "app/web"},
		{"", "./app/**", "app/.hid/job app/web"},
		{"", "{app}", ""}, {"", "./app", ""}, {"", ".", ""}, {"", "WEB", ""},
		{"", "*", all}, {"", "**", all}, {"", "type=unit", all}, {"", "type=stack", ""}, {"", "external=false", all}, {"", "external=true", ""},
		{"", "./*/*", "app/web data/cache data/db net/dns net/vpc"},
		{"", "{**/w[a-f]b}", "app/web"},
		{"", "reading=shared.hcl", "data/db"},
		{"", "reading=*.hcl", "data/db net/vpc"}, {"", "reading=./root.hcl", "data/db net/vpc"}, {"", "reading=**/root.hcl", "data/db net/vpc"},
		{"", "reading='root.hcl'", "data/db net/vpc"}, {"", "reading=" + filepath.ToSlash(root) + "/root.hcl", "data/db net/vpc"},
		{"", "!reading=root.hcl", "app/.hid/job app/web data/cache net/dns"},
		{"", "./data/* | !db", "data/cache"},
		{"", "!web | db", "data/db"},
		{"", "name=web | name=db", ""},
		{"", "web ; vpc", "app/web net/vpc"},
		{"", "./data/** ; !db", "data/cache"},
		{"", "!db ; ./data/**", "data/cache"},
		{"", "!web ; !db", "app/.hid/job data/cache net/dns net/vpc"},
		{"", "!web | !db", "app/.hid/job data/cache net/dns net/vpc"},
		{"", "web...", "app/web data/cache data/db net/vpc"}, {"", "web...0", "app/web data/cache data/db net/vpc"},
		{"", "web...1", "app/web data/cache data/db"},
		{"", "^web...", "data/cache data/db net/vpc"},
		{"", "^web", ""},
		{"", "...vpc", "app/web data/cache data/db net/vpc"},
		{"", "1...vpc", "data/cache data/db net/vpc"},
		{"", "...^db...", "app/web net/vpc"},
		{"", "1...db...1", "app/web data/db net/vpc"},
		{"", "!web...", "app/.hid/job net/dns"}, {"", "!...vpc", "app/.hid/job net/dns"},
		{"", "web... | ./data/**", "data/cache data/db"},
		{"", "!db ; web...", "app/web data/cache net/vpc"},
		{"", "reading=shared.hcl...", "data/db net/vpc"}, {"", "...reading=shared.hcl", "app/web data/db"},
		{"", "db...(data)", "data/db"}, {"", "web...(data)", "app/web data/cache data/db"},
		{"", "", all},
		{"app", "web...", "web ../data/cache ../data/db ../net/vpc"},
		{"app", "{./**}... | external=true", "../data/cache ../data/db ../net/vpc"},
		{"app", "{./**}... | external=false", ".hid/job web"},
		{"app", "web... | ./**", "web"},
		{"app", "web... | ../data/*", "../data/cache ../data/db"},
		{"app/web", ".", "."},
		{"app/web", "web", "."},
		{"net", "...^vpc", "../app/web ../data/cache ../data/db"},
		{"net", "...vpc | external=false", "vpc"},
	} {
		var queries []string
		for q := range strings.SplitSeq(c.queries, " ; ") {
			if q != "" {
				queries = append(queries, q)
			}
		}
		// The order in the table is by absolute path, as everywhere.
		got := strings.Fields(choose(t, root, c.in, nil, queries...))
		want := strings.Fields(c.want)
		if strings.Join(sorted(got), " ") != strings.Join(sorted(want), " ") {
			t.Errorf("in %q, %s: got %q, want %q", c.in, c.queries, got, want)
		}
	}
}

func TestFilterSource(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"mods/a/main.tf":   "",
		"x/terragrunt.hcl": "terraform {\n  source = \"../mods/a\"\n}\n",
		"y/terragrunt.hcl": "terraform {\n  source = \"git::ssh://example.invalid/mods.git//b?ref=v1\"\n}\ndependencies {\n  paths = [\"../x\"]\n}\n",
		"z/terragrunt.hcl": "",
	})
	for query, want := range map[string]string{
		"source=../mods/a":     "x",
		"source=git::ssh://**": "y",
		`source="git::ssh://example.invalid/mods.git//b?ref=v1"`: "y",
		"source='**?ref=v1'...":                                  "x y",
		"!source=**":                                             "z",
		"source=*":                                               "",
	} {
		if got := choose(t, root, "", nil, query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
}

// A filter must not open a file that it can do without.
func TestFilterNeeds(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]Needs{
		"web":                   {},
		"./app/** | !type=unit": {},
		"!external=true":        {},
		"source=x":              {Outlines: true},
		"!reading=x":            {Outlines: true},
		"web...":                {Outlines: true, External: true},
		"...web":                {Outlines: true, Dependents: true},
		"!^[main]...":           {Outlines: true, External: true, Git: true},
	} {
		q, err := ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := NewFilter(testRoot, q).Needs(); got != want {
			t.Errorf("%s: got %+v, want %+v", query, got, want)
		}
	}
}

// Units that cannot be read are told about when a query meets them.
func TestFilterProblems(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"in/a/terragrunt.hcl":       "dependencies {\n  paths = [\"../../out/broken\"]\n}\n",
		"in/b/terragrunt.hcl":       "locals {\n  x = read_terragrunt_config(\"nothing.hcl\")\n}\n",
		"out/broken/terragrunt.hcl": "inputs = {",
		"out/user/terragrunt.hcl":   "dependencies {\n  paths = [\"../../in/b\"]\n}\n",
	})
	for query, want := range map[string]string{"...b": "", "a": "", "...a...": "out/broken", "reading=x": "in/b"} {
		got, err := tryChoose(t, root, "in", nil, query)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, p := range got.Problems {
			rel, _ := filepath.Rel(root, p.Unit)
			told = append(told, filepath.ToSlash(rel))
		}
		if strings.Join(told, " ") != want {
			t.Errorf("%s: told about %q, want %q", query, told, want)
		}
	}
}

func TestFilterWithoutRepository(t *testing.T) {
	t.Parallel()
	root := tree(t, liveFiles())
	_, err := tryChoose(t, root, "", nil, "[main]")
	if err == nil || !strings.Contains(err.Error(), "filter '[main]': ") {
		t.Errorf("got %v", err)
	}
}

func TestExternalQuery(t *testing.T) {
	t.Parallel()
	root := tree(t, liveFiles())
	f := NewFilter(filepath.Join(root, "data"), ExternalQuery())
	got, err := applyFilter(t, root, "data", nil, f)
	if err != nil {
		t.Fatal(err)
	}
	if names := paths(f.base, got); names != "cache db ../net/vpc" {
		t.Errorf("got %q", names)
	}
	if sel := got.Selection(); len(sel.Kept) != 3 || !sel.Kept[2].External || sel.Kept[0].External {
		t.Errorf("got %v", sel.Kept)
	}
}

func TestMatchPaths(t *testing.T) {
	t.Parallel()
	exclude, err := PathQuery("b/{x,y}.hcl", true)
	if err != nil {
		t.Fatal(err)
	}
	in := []string{filepath.Join(testRoot, "b", "z.hcl"), filepath.Join(testRoot, "b", "x.hcl"), filepath.Join(testRoot, "a.hcl")}
	got, err := NewFilter(testRoot, exclude).MatchPaths(context.Background(), in)
	if err != nil || len(got) != 2 || got[0] != in[0] || got[1] != in[2] {
		t.Errorf("got %q, %v", got, err)
	}
	for query, beyond := range map[string]bool{"./a/** | !x": false, "type=unit": true, "!web...": true, "[main]": true, "reading=x": true} {
		q, err := ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		if text := NewFilter(testRoot, q).BeyondPaths(); (text == query) != beyond || (text == "") == beyond {
			t.Errorf("%s: got %q", query, text)
		}
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
