package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLocalSource(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mods/net/main.tf", "m", "mods/common/c.tf", "c", "mods/.git/x", "", "unit/terragrunt.hcl", "u",
		"unit/extra.tf", "e", "unit/.hidden", "", "unit/.terraform.lock.hcl", "l")
	r := b.request("../mods//net")
	l := r.Layout()
	if !b.prepare(r) {
		t.Error("nothing was fetched at first")
	}
	b.want(l.Root, "common/c.tf net/.terraform.lock.hcl net/extra.tf net/main.tf net/terragrunt.hcl")
	for _, p := range []string{"net/.terragrunt-module-manifest", "net/.terragrunt-source-manifest", "common/.terragrunt-source-manifest", versionFile} {
		if !exists(filepath.Join(l.Root, p)) {
			t.Errorf("%s is missing", p)
		}
	}
	if exists(filepath.Join(l.WorkDir, initRequired)) {
		t.Error("a first fetch asks for init twice")
	}
	if b.prepare(r) {
		t.Error("an unchanged source was fetched again")
	}
}

func TestLocalChange(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "one", "mod/old.tf", "", "mod/sub/old.tf", "", "unit/terragrunt.hcl", "")
	r := b.request("../mod")
	work := r.Layout().WorkDir
	b.prepare(r)
	tree(t, work, "terraform.tfstate", "state", ".terraform/x", "", "sub/mine", "")
	if err := errors.Join(os.Remove(b.path("mod/old.tf")), os.RemoveAll(b.path("mod/sub"))); err != nil {
		t.Fatal(err)
	}
	write(t, b.path("mod/main.tf"), "two")
	touch(t, b.path("mod/main.tf"), time.Hour)
	if !b.prepare(r) {
		t.Error("a change was not seen")
	}
	b.want(work, ".terraform/x main.tf sub/mine terraform.tfstate terragrunt.hcl")
	if read(t, filepath.Join(work, "main.tf")) != "two" || !exists(filepath.Join(work, initRequired)) {
		t.Error("not the new file, or no init asked for")
	}
	write(t, b.path("mod/.terraform.lock.hcl"), "new")
	if b.prepare(r) {
		t.Error("the lock file counts as a change")
	}
}

func TestUnitFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "module", "mod/d/x.tf", "module", "unit/main.tf", "unit", "unit/d/x.tf", "unit",
		"unit/gone.tf", "", "unit/g/h/gone.tf", "")
	r := b.request("../mod")
	work := r.Layout().WorkDir
	b.prepare(r)
	if read(t, filepath.Join(work, "main.tf")) != "unit" {
		t.Error("the unit's file did not win")
	}
	if err := errors.Join(os.Remove(b.path("unit/gone.tf")), os.RemoveAll(b.path("unit/g"))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(work, "main.tf"), "edit")
	write(t, filepath.Join(work, "backend.tf"), "generated")
	if b.prepare(r) {
		t.Error("a change of the unit fetched the source")
	}
	b.want(work, "backend.tf d/x.tf main.tf")
	if read(t, filepath.Join(work, "main.tf")) != "unit" {
		t.Error("an edit in the cache stayed")
	}
	if exists(filepath.Join(work, "g")) {
		t.Error("an empty folder stayed")
	}
}

func TestModuleFileComesBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "module", "mod/d/x.tf", "module", "unit/d/x.tf", "unit")
	r := b.request("../mod")
	b.prepare(r)
	if err := os.RemoveAll(b.path("unit/d")); err != nil {
		t.Fatal(err)
	}
	if !b.prepare(r) {
		t.Error("the lost file of the module was not noticed")
	}
	if got := read(t, filepath.Join(r.Layout().WorkDir, "d/x.tf")); got != "module" {
		t.Errorf("got %q", got)
	}
	if b.prepare(r) {
		t.Error("fetched once more")
	}
}

func TestSourceIsUnit(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "unit/main.tf", "one", "unit/sub/x.txt", "", "unit/cache/not/here", "")
	r := b.request(".")
	r.DownloadDir = b.path("unit/cache")
	if !r.SourceIsUnit() {
		t.Error("not known as the unit")
	}
	b.prepare(r)
	if b.prepare(r) {
		t.Error("fetched again")
	}
	b.want(r.Layout().WorkDir, "main.tf sub/x.txt")
	write(t, b.path("unit/.terraform.lock.hcl"), "pinned")
	b.prepare(r)
	b.want(r.Layout().WorkDir, ".terraform.lock.hcl main.tf sub/x.txt")
}

func TestDownloadDirIsSource(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "unit/main.tf", "")
	r := b.request(".")
	r.DownloadDir = r.UnitDir
	b.prepare(r)
	write(t, b.path("unit/more.tf"), "")
	b.prepare(r)
	b.want(r.Layout().WorkDir, "main.tf more.tf")
}

func TestCopyLists(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "", "mod/.mod-hidden/x", "", "mod/.mod-other/x", "", "mod/mod-out.txt", "",
		"unit/.hidden-in", "", "unit/.hidden-out", "", "unit/.tflint.hcl", "", "unit/unit-out.txt", "",
		"unit/dir/keep.txt", "", "unit/dir/drop.txt", "", "unit/gone/x.txt", "", "unit/gonex.txt", "", "unit/.t/only/dirs/a.no", "")
	r := b.request("../mod")
	r.Include = []string{".hidden-in", ".mod-hidden", ".t/**/*.yes"}
	r.Exclude = []string{"unit-out.txt", "mod-out.txt", "dir/drop.txt", "gone"}
	b.prepare(r)
	work := r.Layout().WorkDir
	b.want(work, ".hidden-in .mod-hidden/x .tflint.hcl dir/keep.txt gonex.txt main.tf")
	if exists(filepath.Join(work, ".t")) {
		t.Error("a hidden folder was made for nothing in it")
	}
	r.Exclude = append(r.Exclude, "dir")
	b.prepare(r)
	b.want(work, ".hidden-in .mod-hidden/x .tflint.hcl gonex.txt main.tf")
}

func TestFetchErrors(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mods/net/main.tf", "", "file.tf", "")
	for src, want := range map[string]string{
		"../nowhere":         "no such file or directory",
		"../mods//absent":    "Working dir absent from source file://" + filepath.ToSlash(b.path("mods")) + "//absent does not exist",
		"../file.tf":         "not a directory",
		"swift::https://h/k": `sources of type "swift" are not supported here (supported: file, gcs, git, hg, http, https, oci, s3, smb, tfr)`,
		"git::ext::x://host": `transport "ext" is not allowed`,
	} {
		r := b.request(src)
		if stale, err := b.store.Stale(t.Context(), r); err != nil || !stale {
			t.Errorf("%s: stale %v, %v", src, stale, err)
		}
		err := b.store.Fetch(t.Context(), r)
		var typed *FetchError
		if !errors.As(err, &typed) || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "downloading source url "+r.Address.String()) {
			t.Errorf("%s: %v", src, err)
		}
		if exists(r.Layout().Root) {
			t.Errorf("%s: something was left in the cache", src)
		}
	}
	err := b.store.CopyUnit(t.Context(), b.request("../mods"))
	var sub *SubdirError
	if !errors.As(err, &sub) {
		t.Errorf("copying over nothing: %v", err)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "")
	r := b.request("../mod")
	b.prepare(r)
	work := r.Layout().WorkDir
	tree(t, work, ".terraform/x", "", "errored.tfstate", "precious")
	r.Update = true
	var unsaved *UnsavedStateError
	if err := b.store.Fetch(t.Context(), r); !errors.As(err, &unsaved) || !strings.Contains(err.Error(), "errored.tfstate") {
		t.Fatalf("got %v", err)
	}
	if read(t, filepath.Join(work, "errored.tfstate")) != "precious" {
		t.Fatal("the state is gone")
	}
	if err := os.Remove(filepath.Join(work, "errored.tfstate")); err != nil {
		t.Fatal(err)
	}
	if !b.prepare(r) {
		t.Error("no update")
	}
	b.want(work, "main.tf")
	write(t, filepath.Join(work, "keep"), "")
	if b.prepare(r) {
		t.Error("updated twice in one process")
	}
	b.want(work, "keep main.tf")
}

// An update takes everything away but the states of a local backend, whatever
// they are called, and which of them is in use.
func TestUpdateKeepsLocalState(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "", "mod/sample.tfstate", "of the module")
	r := b.request("../mod")
	b.prepare(r)
	work := r.Layout().WorkDir
	tree(t, work, ".terraform/x", "", ".terraform/environment", "dev", ".terraform/terraform.tfstate", "", "lock.hcl", "",
		"terraform.tfstate", "one", "terraform.tfstate.d/dev/terraform.tfstate", "two", "states/own.tfstate", "three")
	r.Update = true
	if !b.prepare(r) {
		t.Error("no update")
	}
	b.want(work, ".terraform/environment main.tf sample.tfstate states/own.tfstate terraform.tfstate terraform.tfstate.d/dev/terraform.tfstate")
	for name, want := range map[string]string{
		"terraform.tfstate": "one", "terraform.tfstate.d/dev/terraform.tfstate": "two", "states/own.tfstate": "three",
		"sample.tfstate": "of the module", ".terraform/environment": "dev",
	} {
		if got := read(t, filepath.Join(work, filepath.FromSlash(name))); got != want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestFetchIsStaleWithoutCodeOrVersion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "")
	r := b.request("../mod")
	for _, lose := range []string{"main.tf", versionFile} {
		b.prepare(r)
		if err := os.Remove(filepath.Join(r.Layout().Root, lose)); err != nil {
			t.Fatal(err)
		}
		if !b.prepare(r) {
			t.Errorf("without %s it is not stale", lose)
		}
	}
}

func TestInterruptedFetch(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "one", "mod/z/x.tf", "")
	r := b.request("../mod")
	b.prepare(r)
	write(t, b.path("mod/main.tf"), "two")
	touch(t, b.path("mod/main.tf"), time.Hour)
	// A folder with somebody's file where the source has a file stops it half way.
	root := r.Layout().Root
	if err := os.Remove(filepath.Join(root, "z/x.tf")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "z/x.tf/mine"), "")
	var failed *CopyError
	if err := b.store.Fetch(t.Context(), r); !errors.As(err, &failed) {
		t.Fatalf("got %v", err)
	}
	if exists(filepath.Join(root, versionFile)) || !exists(filepath.Join(root, initRequired)) {
		t.Error("half a tree counts as whole, or will not be initialised")
	}
	if err := os.RemoveAll(filepath.Join(root, "z/x.tf")); err != nil {
		t.Fatal(err)
	}
	if !b.prepare(r) {
		t.Error("not repaired")
	}
	b.want(root, "main.tf z/x.tf")
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "mod/main.tf", "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := b.request("../mod")
	if err := b.store.Fetch(ctx, r); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if exists(filepath.Join(r.Layout().Root, versionFile)) {
		t.Error("it counts as fetched")
	}
}

func TestLocalStateIsNeverReplaced(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	tree(t, b.dir, "unit/main.tf", "", "unit/terraform.tfstate", "old")
	r := b.request(".")
	b.prepare(r)
	state := filepath.Join(r.Layout().WorkDir, "terraform.tfstate")
	if read(t, state) != "old" {
		t.Error("the first state was not brought")
	}
	write(t, state, "new")
	b.prepare(r)
	if err := os.Remove(b.path("unit/terraform.tfstate")); err != nil {
		t.Fatal(err)
	}
	b.prepare(r)
	if !exists(state) || read(t, state) != "new" {
		t.Error("the newer state was lost")
	}
}

func TestHasModuleFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tree(t, dir, "none/readme.txt", "", "none/.terraform/m/main.tf", "", "none/x.tf/y", "",
		"deep/a/b/c.tofu", "", "json/m.tf.json", "", "tjson/m.tofu.json", "", "flat/main.tf", "")
	for name, want := range map[string]bool{"none": false, "deep": true, "json": true, "tjson": true, "flat": true} {
		if got, err := HasModuleFiles(filepath.Join(dir, name)); err != nil || got != want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := HasModuleFiles(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}
