package config

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestModuleCalls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.tf":      "module \"a\" {\n  source = \"./a\"\n}\nmodule \"again\" {\n  source = \"./a\"\n}\nresource \"x\" \"y\" {}\n",
		"more.tofu":    "module \"b\" {\n  source  = \"ns/b/aws\"\n  version = \"1.0\"\n}\n",
		"gen.tf.json":  `{"module": {"c": {"source": "../c"}}}`,
		"other.hcl":    "module \"d\" {\n  source = \"./d\"\n}\n",
		"z_broken.tf":  "module \"e\" {\n  source = \"./e\"\n}\nmodule \"f\" {\n",
		"z_dynamic.tf": "module \"g\" {\n  source = var.g\n}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := ModuleCalls(dir)
	if want := []string{"../c", "./a", "ns/b/aws", "./e"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := ModuleCalls(filepath.Join(dir, "nothing")); got != nil {
		t.Errorf("a missing folder calls %q", got)
	}
}
