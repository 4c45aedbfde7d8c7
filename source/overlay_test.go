package source

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

func TestManifestRoundTrip(t *testing.T) {
	t.Parallel()
	m := manifest{files: []string{"a\nb", "main.tf", "\xff"}, dirs: []string{"d", "é"}}
	if got := decodeManifest(m.encode()); !reflect.DeepEqual(got, m) {
		t.Errorf("got %+v", got)
	}
}

func TestManifestRefusesPaths(t *testing.T) {
	t.Parallel()
	for _, line := range []string{`f "../x"`, `f "a/b"`, `f ".."`, `d "."`, `f ""`, `f "a\\b"`, `x "a"`, `f a`, "gob"} {
		if got := decodeManifest([]byte(manifestHeader + "\nf \"ok\"\n" + line + "\n")); !reflect.DeepEqual(got, manifest{}) {
			t.Errorf("%s: %+v", line, got)
		}
	}
	if got := decodeManifest([]byte("other\nf \"ok\"\n")); !reflect.DeepEqual(got, manifest{}) {
		t.Errorf("foreign file: %+v", got)
	}
}

// A cache that somebody has filled with links must not lead a copy or a
// deletion out of it.
func TestLinksInTheCache(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	tree(t, b.dir, "outside/d/x.tf", "outside", "outside/f.tf", "outside", "mod/main.tf", "",
		"unit/d/x.tf", "unit", "unit/e/x.tf", "unit", "unit/f.tf", "unit")
	r := b.request("../mod")
	b.prepare(r)
	work := r.Layout().WorkDir
	link := func(target, name string) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(work, name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(work, name)); err != nil {
			t.Fatal(err)
		}
	}
	// The old list names d/x.tf; d is now a link, and the unit has no d.
	manifestOfD := read(t, filepath.Join(work, "d", moduleManifest))
	write(t, b.path("outside/d/"+moduleManifest), manifestOfD)
	link(b.path("outside/d"), "d")
	link(b.path("outside/f.tf"), "f.tf")
	link("../../../../../outside/d", "e")
	if err := os.RemoveAll(b.path("unit/d")); err != nil {
		t.Fatal(err)
	}
	b.prepare(r)
	if read(t, b.path("outside/d/x.tf")) != "outside" || read(t, b.path("outside/f.tf")) != "outside" {
		t.Error("a file outside the cache was changed")
	}
	if read(t, filepath.Join(work, "f.tf")) != "unit" || read(t, filepath.Join(work, "e/x.tf")) != "unit" {
		t.Error("the unit's files are not in the cache")
	}
}

func TestLinkedSubdirCannotLeaveTheRoot(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	tree(t, b.dir, "mod/net/main.tf", "", "unit/u.tf", "", "outside/keep", "")
	r := b.request("../mod//net")
	b.prepare(r)
	work := r.Layout().WorkDir
	if err := os.RemoveAll(work); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(b.path("outside"), work); err != nil {
		t.Fatal(err)
	}
	if err := b.store.CopyUnit(t.Context(), r); err == nil {
		t.Error("copied through a link out of the cache")
	}
	b.want(b.path("outside"), "keep")
}

func TestLocalLinksAreFollowed(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "", "shared/s.tf", "shared", "shared/d/x", "x")
	for name, target := range map[string]string{
		"s.tf": b.path("shared/s.tf"), "d": "../shared/d", "loop": "..", "dangling.tf": "nowhere", ".hidden": "nowhere",
	} {
		if err := os.Symlink(target, b.path("mod/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	b.store = NewStore(Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err := os.Symlink(".", b.path("mod/self")); err != nil {
		t.Fatal(err)
	}
	r := b.request("../mod")
	r.Exclude = []string{"loop"}
	b.prepare(r)
	work := r.Layout().WorkDir
	b.want(work, "d/x main.tf s.tf")
	if info, err := os.Lstat(filepath.Join(work, "s.tf")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the link was not copied as a file: %v", err)
	}
	if !bytes.Contains(log.Bytes(), []byte("dangling.tf")) || bytes.Contains(log.Bytes(), []byte(".hidden")) {
		t.Errorf("log: %s", log.String())
	}
}

func TestCopyKeepsModesAndTimes(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	tree(t, b.dir, "unit/main.tf", "a", "unit/run.sh", "#!/bin/sh", "unit/ro.txt", "r")
	for name, mode := range map[string]os.FileMode{"run.sh": 0o755, "ro.txt": 0o444} {
		if err := os.Chmod(b.path("unit/"+name), mode); err != nil {
			t.Fatal(err)
		}
	}
	r := b.request(".")
	b.prepare(r)
	work := r.Layout().WorkDir
	for name, want := range map[string]os.FileMode{"run.sh": 0o755, "ro.txt": 0o644} {
		info, err := os.Stat(filepath.Join(work, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	if err := os.Chtimes(filepath.Join(work, "main.tf"), old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(b.path("unit/main.tf"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := b.store.CopyUnit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(work, "main.tf"))
	if err != nil || !info.ModTime().Equal(old) || info.Mode().Perm() != 0o755 {
		t.Errorf("an equal file was written again, or has the old mode: %v %v", info, err)
	}
}

func TestFileAndFolderChangePlaces(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "unit/main.tf", "", "unit/a", "file", "unit/b/x", "")
	r := b.request(".")
	b.prepare(r)
	if err := errors.Join(os.Remove(b.path("unit/a")), os.RemoveAll(b.path("unit/b"))); err != nil {
		t.Fatal(err)
	}
	tree(t, b.dir, "unit/a/x", "", "unit/b", "file")
	b.prepare(r)
	b.want(r.Layout().WorkDir, "a/x b main.tf")
}

func BenchmarkWarmUnit(bm *testing.B) {
	dir := bm.TempDir()
	for _, name := range []string{"terragrunt.hcl", "main.tf", "extra.tf"} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("x"), 2000), 0o644); err != nil {
			bm.Fatal(err)
		}
	}
	s := NewStore(Options{})
	a, _ := Parse(".", dir)
	r := Request{Address: a, UnitDir: dir, DownloadDir: filepath.Join(dir, cacheFolder)}
	if err := s.Fetch(bm.Context(), r); err != nil {
		bm.Fatal(err)
	}
	for bm.Loop() {
		if _, err := s.Stale(bm.Context(), r); err != nil {
			bm.Fatal(err)
		}
		if err := s.CopyUnit(bm.Context(), r); err != nil {
			bm.Fatal(err)
		}
	}
}
