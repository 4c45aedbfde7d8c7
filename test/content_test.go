package test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// modules is a git repository of 8 MiB in a few files, and a folder of units
// that all use it. What git is asked is written down.
type modules struct {
	*testing.T
	dir, tofu string
	env       []string
}

const moduleFileSize = 2 << 20

func newModules(t *testing.T, units int) *modules {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("nothing is linked there, and the wrapper is a shell script")
	}
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("needs git")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := &modules{T: t, dir: dir, tofu: filepath.Join(dir, "tofu")}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := linkOrCopy(self, m.tofu); err != nil {
		t.Fatal(err)
	}
	m.write("bin/git", "#!/bin/sh\nfor a; do case $a in fetch|ls-remote) echo $a >>\""+dir+"/asked\"; esac; done\nexec '"+git+"' \"$@\"\n", 0o755)
	m.env = append(os.Environ(), "HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "WORK="+dir, "TG_NO_TIPS=true",
		"PATH="+pathList(filepath.Join(dir, "bin")), "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	m.write("modules/net/main.tf", "# net\n", 0o644)
	for i := range 4 {
		m.write(fmt.Sprintf("modules/net/data-%d.bin", i), strings.Repeat(fmt.Sprintf("%015d\n", i), moduleFileSize/16), 0o644)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "one"}, {"tag", "v1"}} {
		m.run(filepath.Join(dir, "modules"), "git", args...)
	}
	for i := range units {
		m.write(fmt.Sprintf("live/u%02d/terragrunt.hcl", i), "terraform {\n  source = \"git::file://"+dir+"/modules//net?ref=v1\"\n}\n", 0o644)
	}
	return m
}

func (m *modules) write(rel, text string, mode fs.FileMode) {
	m.Helper()
	path := filepath.Join(m.dir, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		m.Fatal(err)
	}
}

func (m *modules) run(dir, name string, args ...string) string {
	m.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, m.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (m *modules) plan(live string) *exec.Cmd {
	cmd := exec.Command(terraceBin(m.T), "run", "--all", "--non-interactive", "--tf-path", m.tofu, "plan")
	cmd.Dir, cmd.Env = filepath.Join(m.dir, live), m.env
	return cmd
}

func (m *modules) mustPlan(live string) {
	m.Helper()
	if out, err := m.plan(live).CombinedOutput(); err != nil {
		m.Fatalf("plan in %s: %v\n%s", live, err, out)
	}
}

func (m *modules) terrace(args ...string) string {
	m.Helper()
	return m.run(filepath.Join(m.dir, "live"), terraceBin(m.T), args...)
}

// asked gives what git was asked since the last time.
func (m *modules) asked() string {
	m.Helper()
	file := filepath.Join(m.dir, "asked")
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.Remove(file)
	}
	if err != nil && !os.IsNotExist(err) {
		m.Fatal(err)
	}
	return strings.Join(strings.Fields(string(data)), " ")
}

// disk is the bytes of all files below folders, each counted once, however
// many names it has.
func (m *modules) disk(names ...string) int64 {
	m.Helper()
	var total int64
	seen := map[int64][]fs.FileInfo{} // by size
	for _, name := range names {
		err := filepath.WalkDir(filepath.Join(m.dir, name), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Size() > 64<<10 {
				for _, other := range seen[info.Size()] {
					if os.SameFile(info, other) {
						return nil
					}
				}
				seen[info.Size()] = append(seen[info.Size()], info)
			}
			total += info.Size()
			return nil
		})
		if err != nil {
			m.Fatal(err)
		}
	}
	return total
}

// TestContentStore: a hundred units of one source are one clone and hardly more
// bytes than one tree.
func TestContentStore(t *testing.T) {
	t.Parallel()
	m := newModules(t, 100)
	m.mustPlan("live")
	if got := m.asked(); got != "ls-remote fetch" {
		t.Errorf("a hundred units: git was asked for %q", got)
	}
	if got, tree := m.disk("live", "cache"), int64(4*moduleFileSize); got > tree*12/10 {
		t.Errorf("%d bytes for a tree of %d", got, tree)
	}
	m.mustPlan("live")
	if got := m.asked(); got != "" {
		t.Errorf("the second run: git was asked for %q", got)
	}
	out := m.terrace("clean")
	if !strings.HasPrefix(out, "Removed 100 cache folders (") {
		t.Errorf("clean: %s", out)
	}
	m.mustPlan("live")
	if got := m.asked(); got != "ls-remote" {
		t.Errorf("after clean: git was asked for %q", got)
	}
	if out := m.terrace("cache", "verify"); out != "Checked 5 files of 1 source, 0 damaged\n" {
		t.Errorf("verify: %s", out)
	}
	if out := m.terrace("cache", "info"); !strings.Contains(out, "sources:     1\n") || !strings.Contains(out, "size:        8.0 MiB\n") {
		t.Errorf("info: %s", out)
	}
	if out := m.terrace("cache", "prune", "--max-age", "1s"); out != "Removed 0 sources and 0 files (0 B)\n" {
		t.Errorf("prune of what is in use: %s", out)
	}
}

func TestContentStoreOff(t *testing.T) {
	t.Parallel()
	m := newModules(t, 2)
	m.env = append(m.env, "TG_NO_CAS=true")
	m.mustPlan("live")
	if _, err := os.Stat(filepath.Join(m.dir, "cache", "terrace", "cas")); err == nil {
		t.Error("there is a store")
	}
	if got := m.asked(); got != "fetch" {
		t.Errorf("git was asked for %q", got)
	}
}

// TestContentStoreOfTwo: two processes at once need one clone.
func TestContentStoreOfTwo(t *testing.T) {
	t.Parallel()
	m := newModules(t, 4)
	m.run(m.dir, "cp", "-r", "live", "other")
	var wg sync.WaitGroup
	for _, live := range []string{"live", "other"} {
		wg.Go(func() {
			if out, err := m.plan(live).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", live, err, out)
			}
		})
	}
	wg.Wait()
	if got := strings.Count(m.asked(), "fetch"); got != 1 {
		t.Errorf("%d clones", got)
	}
	m.same("live/u03", "other/u03")
}

// TestContentStoreKilled: whenever a process is killed, the store works for
// the next one.
func TestContentStoreKilled(t *testing.T) {
	t.Parallel()
	m := newModules(t, 2)
	for _, after := range []time.Duration{20, 50, 80, 110, 140, 170, 200, 300} {
		for _, dir := range []string{"cache", "live/u00/.terragrunt-cache", "live/u01/.terragrunt-cache"} {
			if err := os.RemoveAll(filepath.Join(m.dir, dir)); err != nil {
				t.Fatal(err)
			}
		}
		cmd := m.plan("live")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		if err := cmd.Process.Kill(); err == nil {
			_ = cmd.Wait()
		}
		if out := m.terrace("cache", "verify"); !strings.HasSuffix(out, " 0 damaged\n") {
			t.Errorf("killed after %d ms: %s", after, out)
		}
		m.mustPlan("live")
		m.same("live/u00", "live/u01")
	}
}

// same compares the module's files of two units with the repository's.
func (m *modules) same(units ...string) {
	m.Helper()
	for _, unit := range units {
		found, err := filepath.Glob(filepath.Join(m.dir, unit, ".terragrunt-cache", "*", "*", "net", "*.bin"))
		if err != nil || len(found) != 4 {
			m.Fatalf("%s: %d files, %v", unit, len(found), err)
		}
		for _, path := range found {
			got, err := os.ReadFile(path)
			if err != nil {
				m.Fatal(err)
			}
			want, err := os.ReadFile(filepath.Join(m.dir, "modules", "net", filepath.Base(path)))
			if err != nil || !bytes.Equal(got, want) {
				m.Errorf("%s is not what the repository holds", path)
			}
		}
	}
}
