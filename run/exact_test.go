package run

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

func TestRelativeState(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ noted, want string }{
		{``, "terraform.tfstate"},
		{`{"backend":{"type":"s3","config":{"path":"x"}}}`, ""},
		{`{"backend":{"type":"local","config":{"path":"/abs/x.tfstate"}}}`, ""},
		{`{"backend":{"type":"local","config":{"path":"../x.tfstate"}}}`, "../x.tfstate"},
		{`{"backend":{"type":"local","config":{"path":null}}}`, "terraform.tfstate"},
		{`not JSON`, ""},
	} {
		dir := t.TempDir()
		if c.noted != "" {
			if err := os.MkdirAll(filepath.Join(dir, ".data"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, ".data", "terraform.tfstate"), []byte(c.noted), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := RelativeState(dir, config.Env{"TF_DATA_DIR=.data"}); got != c.want && filepath.Separator == '/' {
			t.Errorf("%s: %q, want %q", c.noted, got, c.want)
		}
	}
}
