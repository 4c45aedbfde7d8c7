package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

// TestProfiled is not parallel: a process has one CPU profile.
func TestProfiled(t *testing.T) {
	dir := t.TempDir()
	o := profileOptions{CPU: filepath.Join(dir, "deep", "cpu"), Dir: filepath.Join(dir, "all")}
	failed := errors.New("failed")
	code, err := profiled(o, func() (int, error) { return 7, failed })
	if code != 7 || !errors.Is(err, failed) {
		t.Errorf("%d %v", code, err)
	}
	for _, file := range []string{o.CPU, filepath.Join(o.Dir, "terragrunt_mem.prof"), filepath.Join(o.Dir, "terragrunt_goroutine.prof")} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Error(err)
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if text, err := io.ReadAll(z); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", file, len(text), err)
		}
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "terragrunt_cpu.prof")); !os.IsNotExist(err) {
		t.Errorf("the named file does not win: %v", err)
	}
}

func TestProfiledThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	ran := false
	code, err := profiled(profileOptions{Mem: filepath.Join(file, "mem")}, func() (int, error) { ran = true; return 0, nil })
	if ran || code == 0 || err == nil {
		t.Errorf("ran %v, %d, %v", ran, code, err)
	}
	code, err = profiled(profileOptions{Mem: dir}, func() (int, error) { ran = true; return 0, nil })
	if !ran || code == 0 || err == nil {
		t.Errorf("a folder in the way: %d %v", code, err)
	}
	code, err = profiled(profileOptions{}, func() (int, error) { return 2, nil })
	if code != 2 || err != nil {
		t.Errorf("no profile: %d %v", code, err)
	}
}

func TestProfileEnv(t *testing.T) {
	t.Parallel()
	live := t.TempDir()
	dir := filepath.Join(live, "net", "vpc")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, config.FileName), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	u, err := config.NewLoader(nil, config.Options{}).Unit(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{inv: &invocation{Global: globalOptions{WorkingDir: live}}}
	if env, err := s.profileEnv(u, "plan"); len(env) > 0 || err != nil {
		t.Errorf("without a folder: %v %v", env, err)
	}
	s.inv.Global.Profile.Dir = filepath.Join(live, "prof")
	env, err := s.profileEnv(u, "plan")
	check(t, "variable", env["TOFU_CPU_PROFILE"], filepath.Join(live, "prof", "net", "vpc", "tofu_cpu_plan.prof"))
	if info, statErr := os.Stat(filepath.Join(live, "prof", "net", "vpc")); err != nil || statErr != nil || !info.IsDir() {
		t.Errorf("%v %v", err, statErr)
	}
}
