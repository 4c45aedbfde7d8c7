package configstack

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestReaderSources(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"mods/a/main.tf":             "module \"b\" {\n  source = \"../b\"\n}\nmodule \"far\" {\n  source = \"ns/far/aws\"\n}\n",
		"mods/a/README.md":           "",
		"mods/a/.terraform/x.tf":     "",
		"mods/a/sub/s.tofu":          "",
		"mods/b/main.tf":             "module \"a\" {\n  source = \"../a\"\n}\n",
		"mods/b/unit/terragrunt.hcl": "",
		"mods/b/unit/x.tf":           "",
		"root.hcl":                   "",
		"live/u/terragrunt.hcl":      "include {\n  path = find_in_parent_folders(\"root.hcl\")\n}\nterraform {\n  source = \"../../mods//a\"\n}\n",
		"live/here/terragrunt.hcl":   "",
		"live/here/main.tf":          "module \"a\" {\n  source = \"./inner\"\n}\n",
		"live/here/inner/i.tf":       "",
		"live/far/terragrunt.hcl":    "terraform {\n  source = \"git::https://example.invalid/x.git//a\"\n}\n",
	})
	s, err := Discover(context.Background(), testLoader(), filepath.Join(root, "live"), DiscoverOptions{})
	if err != nil {
		t.Fatal(err)
	}
	reader := NewReader(DiscoverOptions{})
	for name, want := range map[string]string{
		"u":    "mods/a/main.tf mods/a/sub/s.tofu mods/b/main.tf root.hcl",
		"here": "live/here/inner/i.tf",
		"far":  "",
	} {
		r, err := reader.Read(context.Background(), s.Unit(filepath.Join(root, "live", name)))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range r.Sources() {
			rel, _ := filepath.Rel(root, f)
			got = append(got, filepath.ToSlash(rel))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	r, err := reader.Read(context.Background(), s.Unit(filepath.Join(root, "live", "u")))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]Role{
		"root.hcl": RoleRead, "mods/a/README.md": RoleModule, "mods/b/gone.tf": RoleModule, "mods": RoleModule,
		"mods/b/unit/x.tf": "", "mods/a/.terraform/x.tf": "", "mods/c/x.tf": "", "mods/ab.tf": "",
	} {
		if got, _, _ := r.role(filepath.Join(root, filepath.FromSlash(path))); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
