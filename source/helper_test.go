package source

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

// realTempDir is a temporary folder by its real name: on some systems the
// usual one lies behind a link.
func realTempDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree writes files given as path and text, one pair after the other.
func tree(t *testing.T, dir string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		write(t, filepath.Join(dir, filepath.FromSlash(pairs[i])), pairs[i+1])
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// files lists what lies below a folder, without the names that are ours.
func files(t *testing.T, dir string) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isOurs(d.Name()) {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		out = append(out, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

// touch gives a file another time, as an edit does.
func touch(t *testing.T, path string, ago time.Duration) {
	t.Helper()
	when := time.Now().Add(-ago)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

// bench is a store with one unit beside a folder of modules.
type bench struct {
	*testing.T
	dir   string
	store *Store
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, dir: realTempDir(t), store: NewStore(Options{TempDir: t.TempDir()})}
	t.Cleanup(func() {
		if err := b.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func (b *bench) path(rel string) string { return filepath.Join(b.dir, filepath.FromSlash(rel)) }

// request is for unit/ with the cache in its usual place.
func (b *bench) request(source string) Request {
	b.Helper()
	unit := b.path("unit")
	if err := os.MkdirAll(unit, 0o755); err != nil {
		b.Fatal(err)
	}
	a, err := Parse(source, unit)
	if err != nil {
		b.Fatal(err)
	}
	return Request{Address: a, UnitDir: unit, DownloadDir: filepath.Join(unit, cacheFolder), Env: gitTestEnv()}
}

// prepare does what a run does, and reports whether it had to fetch.
func (b *bench) prepare(r Request) (fetched bool) {
	b.Helper()
	fetched, err := b.store.Stale(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	if fetched {
		if err := b.store.Fetch(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
	if err := b.store.CopyUnit(b.Context(), r); err != nil {
		b.Fatal(err)
	}
	return fetched
}

func (b *bench) want(dir, list string) {
	b.Helper()
	if got := files(b.T, dir); got != list {
		b.Errorf("files in %s:\n got %s\nwant %s", dir, got, list)
	}
}
