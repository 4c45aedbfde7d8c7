//go:build unix

package test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDemoPromote runs what `make demo-promote` runs: the story of
// docs/promotion.md.
func TestDemoPromote(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("ssh-keygen"); err != nil {
		t.Skip("needs ssh-keygen")
	}
	tmp := t.TempDir()
	wrapped := wrappedDir(t)
	cmd := exec.Command("sh", filepath.Join(moduleRoot(), "scripts", "demo-promote.sh"))
	cmd.Env = append(os.Environ(), "TERRACE_BIN="+terraceBin(t), "TMPDIR="+tmp, "PATH="+pathList(wrapped), "VERBOSE=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("demo-promote: %v\n%s", err, out)
	}
	for _, want := range []string{
		"nothing was written: this is a dry run", "+ flow_logs (variable)", "v0.0.6: flow logs and deletion protection",
		"done        dev: 3 units to v0.0.6", "verify      dev: no changes in 3 units; checks passed: smoke", "done        stage: 3 units to v0.0.6 as in dev",
		"on promote/3-units-v0.0.6-prod", "0 of 1 approvals", "done        prod: 3 units to v0.0.6 as in stage", "prod: applied true",
		"prod/services/app                v0.0.6",
	} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("the demo does not print %q", want)
		}
	}
	if bytes.Contains(out, []byte("\x1b[")) {
		t.Error("the demo prints colours though it does not write to a terminal")
	}
	if t.Failed() {
		t.Logf("the demo printed:\n%s", out)
	}
	wantEmpty(t, tmp)
}
