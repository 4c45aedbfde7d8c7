package config

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCatalogBlock(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  string // "" for none; ROOT stands for the folder
	}{
		"none":                    {map[string]string{"root.hcl": "locals {}\n"}, ""},
		"above, paths made whole": {map[string]string{"root.hcl": "catalog {\n urls = [\"./mods//x\", \"gone\", \"github.com/a/b\"]\n default_template = \"mods\"\n no_hooks = true\n}\n"}, "ROOT/mods//x gone github.com/a/b|ROOT/mods|false|true"},
		"the topmost counts":      {map[string]string{"root.hcl": "catalog {\n urls = [\"top\"]\n}\n", "a/root.hcl": "catalog {\n urls = [\"low\"]\n}\n"}, "top||false|false"},
		"with an include as is":   {map[string]string{"root.hcl": "catalog {\n urls = [\"top\"]\n}\n", "a/root.hcl": "include \"x\" {\n path = \"../x.hcl\"\n}\ncatalog {\n urls = [\"low\"]\n}\n", "x.hcl": ""}, "low||false|false"},
		"seen from a unit below":  {map[string]string{"root.hcl": "locals {\n e = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n bad = nope()\n}\ncatalog {\n urls = [local.e.locals.url]\n}\n", "a/env.hcl": "locals {\n url = \"env\"\n}\n"}, "env||false|false"},
	} {
		dir, err := filepath.EvalSymlinks(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []string{"a/b", "mods/x"} {
			if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
				t.Fatal(err)
			}
		}
		for path, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cat, err := NewLoader(nil, Options{}).Catalog(context.Background(), filepath.Join(dir, "a", "b"), "root.hcl")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := ""
		if cat != nil {
			flag := map[bool]string{true: "true", false: "false"}
			got = strings.Join([]string{strings.Join(cat.URLs, " "), cat.DefaultTemplate, flag[cat.NoShell], flag[cat.NoHooks]}, "|")
		}
		if got = filepath.ToSlash(strings.ReplaceAll(got, dir, "ROOT")); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
