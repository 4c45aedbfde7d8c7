//go:build !windows

package test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGenerateKilled kills runs that are generating. No file is torn or missing at any moment,
// and the next run makes of it what there should be, without anything left over.
func TestGenerateKilled(t *testing.T) {
	t.Parallel()
	const units = 60
	var stack strings.Builder
	for i := range units {
		fmt.Fprintf(&stack, "unit \"u%d\" {\n  source = \"../catalog/u\"\n  path   = \"u%d\"\n  values = { n = %d }\n}\n", i, i, i)
	}
	work := writeTree(t, map[string]string{"live/terragrunt.stack.hcl": stack.String(), "catalog/u/terragrunt.hcl": "# unit\n"})
	live, module := filepath.Join(work, "live"), filepath.Join(work, "catalog/u/main.tf")
	text := func(round int) string { return strings.Repeat(fmt.Sprintf("# round %03d\n", round), 500) }
	generate := func() *exec.Cmd {
		cmd := exec.Command(terraceBin(t), "stack", "generate", "--working-dir", live)
		cmd.Env = append(os.Environ(), "TG_NO_TIPS=true", "XDG_CACHE_HOME="+filepath.Join(work, "cache"))
		return cmd
	}
	write := func(round int) {
		t.Helper()
		if err := os.WriteFile(module, []byte(text(round)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	finish := func(round int) time.Duration {
		t.Helper()
		start := time.Now()
		if out, err := generate().CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		took := time.Since(start)
		if n := len(generatedTexts(t, live, text(round))); n != units {
			t.Fatalf("round %d: %d whole files, want %d", round, n, units)
		}
		return took
	}
	write(0)
	took, killed := finish(0), 0
	for round := 1; round <= 8; round++ {
		write(round)
		cmd := generate()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(took * time.Duration(round) / 9)
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); err != nil {
			killed++
		}
		if n := len(generatedTexts(t, live, text(round-1), text(round))); n != units {
			t.Fatalf("killed in round %d: %d whole files, want %d", round, n, units)
		}
		took = finish(round)
		if left, _ := filepath.Glob(filepath.Join(live, ".terrace-generate-*")); len(left) > 0 {
			t.Fatalf("left over after round %d: %v", round, left)
		}
	}
	if killed == 0 {
		t.Error("every run had ended before it was killed")
	}
}

// generatedTexts lists the main.tf of units, each of which must have one of the texts.
func generatedTexts(t *testing.T, live string, texts ...string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(live, ".terragrunt-stack"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "main.tf" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if string(data) == text {
				names = append(names, path)
				return nil
			}
		}
		return fmt.Errorf("%s has neither the old text nor the new one: %d bytes", path, len(data))
	})
	if err != nil {
		t.Error(err)
	}
	return names
}
