package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shared is a bench whose store uses a content store, with a git that writes
// down what it is asked.
type shared struct {
	*bench
	log   bytes.Buffer
	calls string // file
}

func newShared(t *testing.T) *shared {
	t.Helper()
	skipWindows(t)
	s := &shared{bench: newBench(t)}
	s.newRepo()
	s.calls = s.path("calls")
	real, err := exec.LookPath("git")
	if err != nil {
		t.Skip("needs git")
	}
	write(t, s.path("bin/git"), "#!/bin/sh\nfor a; do case $a in fetch|ls-remote) echo $a >>"+s.calls+"; esac; done\nexec "+real+" \"$@\"\n")
	if err := os.Chmod(s.path("bin/git"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", s.path("bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	s.again()
	return s
}

// again is a new process.
func (s *shared) again() {
	log := slog.New(slog.NewTextHandler(&s.log, nil))
	s.store = NewStore(Options{TempDir: s.T.TempDir(), Log: log, Content: NewContent(s.path("cas"), log)})
	s.T.Cleanup(s.store.content.removing.Wait)
}

// unit is a request of another unit for the repository.
func (s *shared) unit(name, query string) Request {
	s.Helper()
	r := s.request(s.gitURL("//net" + query))
	r.UnitDir = s.path(name)
	r.DownloadDir = filepath.Join(r.UnitDir, cacheFolder)
	tree(s.T, r.UnitDir, "u.tf", name)
	return r
}

// asked gives the calls of git since the last time.
func (s *shared) asked() string {
	data, _ := os.ReadFile(s.calls)
	_ = os.Remove(s.calls)
	return strings.Join(strings.Fields(string(data)), " ")
}

func (s *shared) wantText(r Request, text string) {
	s.Helper()
	if got := read(s.T, filepath.Join(r.Layout().WorkDir, "main.tf")); got != text {
		s.Errorf("got %q, want %q", got, text)
	}
}

func TestContentFetchesOnce(t *testing.T) {
	s := newShared(t)
	r := s.unit("u1", "?ref=v1")
	s.prepare(r)
	if got := s.asked(); got != "ls-remote fetch" {
		t.Errorf("first: %s", got)
	}
	s.prepare(r)
	s.prepare(s.unit("u2", "?ref=v1"))
	if got := s.asked(); got != "" {
		t.Errorf("same process: %s", got)
	}
	s.again()
	s.prepare(r)
	if got := s.asked(); got != "" {
		t.Errorf("complete folder: %s", got)
	}
	third := s.unit("u3", "?ref=v1")
	s.prepare(third)
	if got := s.asked(); got != "ls-remote" {
		t.Errorf("next process: %s", got)
	}
	s.wantText(third, "one")
	s.want(third.Layout().Root, ".gitignore .hidden/h lib/l.tf net/main.tf net/u.tf")
}

// A full hash needs no network once it is stored.
func TestContentOffline(t *testing.T) {
	s := newShared(t)
	commit := git(t, s.path("repo"), "rev-parse", "v1^{commit}")
	s.prepare(s.unit("u1", "?ref=v1"))
	if err := os.RemoveAll(s.path("repo")); err != nil {
		t.Fatal(err)
	}
	s.asked()
	s.again()
	r := s.unit("u2", "?ref="+commit)
	s.prepare(r)
	s.wantText(r, "one")
	if got := s.asked(); got != "" {
		t.Errorf("asked: %s", got)
	}
}

func TestContentRepairs(t *testing.T) {
	s := newShared(t)
	s.prepare(s.unit("u1", "?ref=v1"))
	blobs, err := s.store.content.blobs(t.Context())
	if err != nil || len(blobs) == 0 {
		t.Fatalf("%d blobs, %v", len(blobs), err)
	}
	damage := map[string]func(path string) error{
		"other bytes": func(p string) error {
			return errors.Join(os.Chmod(p, 0o644), os.WriteFile(p, bytes.ToUpper([]byte(read(t, p))), 0o644))
		},
		"shorter": func(p string) error { return errors.Join(os.Chmod(p, 0o644), os.Truncate(p, 1)) },
		"gone":    os.Remove,
	}
	n := 0
	for what, do := range damage {
		hit := 0
		for _, b := range blobs {
			if read(t, b.path) == "one" {
				hit++
				if err := do(b.path); err != nil {
					t.Fatal(err)
				}
			}
		}
		if hit != 1 {
			t.Fatalf("%s: %d blobs damaged", what, hit)
		}
		s.again()
		n++
		r := s.unit(fmt.Sprint("again", n), "?ref=v1")
		s.asked()
		s.prepare(r)
		s.wantText(r, "one")
		if got := s.asked(); got != "ls-remote fetch" {
			t.Errorf("%s: %s", what, got)
		}
		if v, err := s.store.content.Verify(t.Context()); err != nil || len(v.Damaged) > 0 {
			t.Errorf("%s: after the repair %v, %v", what, v.Damaged, err)
		}
	}
	trees, err := s.store.content.trees(t.Context())
	if err != nil || len(trees) != 1 {
		t.Fatalf("%d trees, %v", len(trees), err)
	}
	write(t, trees[0].path, "nonsense")
	s.again()
	r := s.unit("last", "?ref=v1")
	s.prepare(r)
	s.wantText(r, "one")
}

func TestContentVerify(t *testing.T) {
	s := newShared(t)
	s.prepare(s.unit("u1", "?ref=v1"))
	c := s.store.content
	blobs, _ := c.blobs(t.Context())
	if err := errors.Join(os.Chmod(blobs[0].path, 0o644), os.WriteFile(blobs[0].path, []byte("x"), 0o644)); err != nil {
		t.Fatal(err)
	}
	v, err := c.Verify(t.Context())
	if err != nil || len(v.Damaged) != 2 || v.Damaged[0] != blobs[0].path || exists(blobs[0].path) {
		t.Errorf("%+v, %v", v, err)
	}
}

// What is linked from the store is never written through, whoever lays what
// over it.
func TestContentIsNeverWrittenThrough(t *testing.T) {
	s := newShared(t)
	repo := s.path("repo")
	big := strings.Repeat("big", rootLinkSize)
	tree(t, repo, "net/big.bin", big, "net/same.bin", big+"2", "net/terraform.tfstate", "{}")
	git(t, repo, "add", "-f", ".")
	git(t, repo, "commit", "-q", "-m", "big")
	git(t, repo, "tag", "v4")
	r := s.unit("u1", "?ref=v4")
	tree(t, r.UnitDir, "same.bin", big+"2", "main.tf", "unit")
	s.prepare(r)
	work := r.Layout().WorkDir
	linked := func(name string) bool {
		info, err := os.Stat(filepath.Join(work, name))
		if err != nil {
			t.Fatal(err)
		}
		blobs, _ := s.store.content.blobs(t.Context())
		return slices.ContainsFunc(blobs, func(b storedFile) bool {
			other, err := os.Stat(b.path)
			return err == nil && os.SameFile(info, other)
		})
	}
	if !linked("big.bin") || linked("same.bin") || linked("main.tf") || linked("terraform.tfstate") {
		t.Errorf("linked: big %v, same %v, main %v, state %v", linked("big.bin"), linked("same.bin"), linked("main.tf"), linked("terraform.tfstate"))
	}
	for name, want := range map[string]fs.FileMode{"big.bin": 0o444, "terraform.tfstate": 0o644, "same.bin": 0o644} {
		info, err := os.Stat(filepath.Join(work, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	// The unit gets a file of that name: the link goes, the blob stays.
	write(t, filepath.Join(r.UnitDir, "big.bin"), "small")
	s.prepare(r)
	if linked("big.bin") || read(t, filepath.Join(work, "big.bin")) != "small" {
		t.Error("the unit's file did not replace the link")
	}
	if v, err := s.store.content.Verify(t.Context()); err != nil || len(v.Damaged) > 0 {
		t.Errorf("damaged: %v, %v", v.Damaged, err)
	}
	r = s.unit("u2", "?ref=v4")
	r.Mutable = true
	s.prepare(r)
	work = r.Layout().WorkDir
	if info, err := os.Stat(filepath.Join(work, "big.bin")); err != nil || linked("big.bin") || info.Mode().Perm()&0o200 == 0 {
		t.Errorf("mutable: %v, %v", info, err)
	}
}

func TestContentMovedTag(t *testing.T) {
	s := newShared(t)
	repo := s.path("repo")
	s.prepare(s.unit("u1", "?ref=v1"))
	old, now := git(t, repo, "rev-parse", "v1^{commit}"), git(t, repo, "rev-parse", "main")
	git(t, repo, "tag", "-f", "v1", "main")
	s.again()
	r := s.unit("u2", "?ref=v1")
	s.prepare(r)
	s.wantText(r, "three")
	log := s.log.String()
	if !strings.Contains(log, "Tag v1 of git::file://") || !strings.Contains(log, old) || !strings.Contains(log, now) {
		t.Errorf("log: %s", log)
	}
	s.log.Reset()
	s.again()
	s.prepare(s.unit("u3", "?ref=v1"))
	s.prepare(s.unit("u4", "?ref=main"))
	if strings.Contains(s.log.String(), "moved") {
		t.Errorf("log: %s", s.log.String())
	}
}

func TestContentFallsBack(t *testing.T) {
	s := newShared(t)
	write(t, s.path("file"), "")
	log := slog.New(slog.NewTextHandler(&s.log, nil))
	s.store = NewStore(Options{TempDir: t.TempDir(), Log: log, Content: NewContent(s.path("file/cas"), log)})
	r := s.unit("u1", "?ref=v1")
	s.prepare(r)
	s.wantText(r, "one")
	if !strings.Contains(s.log.String(), "CAS download failed: ") || !strings.Contains(s.log.String(), ". Falling back to standard getter.") {
		t.Errorf("log: %s", s.log.String())
	}
}

// A failure of the download itself is not the store's: it is not tried twice.
func TestContentDownloadErrors(t *testing.T) {
	s := newShared(t)
	err := s.store.Fetch(t.Context(), s.unit("u1", "?ref=v9"))
	var missing *RefError
	if !errors.As(err, &missing) || strings.Contains(s.log.String(), "CAS") {
		t.Errorf("%v; %s", err, s.log.String())
	}
	err = s.store.Fetch(t.Context(), Request{Address: s.request(s.gitURL("//absent?ref=v1")).Address, UnitDir: s.path("u1"), DownloadDir: s.path("u1/c"), Env: gitTestEnv()})
	var subdir *SubdirError
	if !errors.As(err, &subdir) {
		t.Errorf("got %v", err)
	}
}

// A store that is removed in the middle of a run does no harm.
func TestContentVanishes(t *testing.T) {
	s := newShared(t)
	s.prepare(s.unit("u1", "?ref=v1"))
	if err := os.RemoveAll(s.path("cas")); err != nil {
		t.Fatal(err)
	}
	r := s.unit("u2", "?ref=v1")
	s.prepare(r)
	s.wantText(r, "one")
}

func TestContentPrune(t *testing.T) {
	s := newShared(t)
	for i, ref := range []string{"v1", "v2", "main"} {
		s.prepare(s.unit(fmt.Sprint("u", i), "?ref="+ref))
	}
	c := s.store.content
	if done, err := c.Prune(t.Context(), Limits{MaxAge: 1, MaxSize: 1}, false); err != nil || done.Trees+done.Files > 0 {
		t.Errorf("what is in use was pruned: %+v, %v", done, err)
	}
	age := func(list []storedFile, ages ...time.Duration) {
		for i, f := range list {
			when := time.Now().Add(-ages[min(i, len(ages)-1)])
			if err := os.Chtimes(f.path, when, when); err != nil {
				t.Fatal(err)
			}
		}
	}
	trees, _ := c.trees(t.Context())
	blobs, _ := c.blobs(t.Context())
	day := 24 * time.Hour
	age(trees, 3*day, 2*day, day)
	age(blobs, 9*day)
	if done, err := c.Prune(t.Context(), Limits{MaxAge: 60 * time.Hour}, true); err != nil || done.Trees != 1 || done.Files != 1 {
		t.Errorf("dry: %+v, %v", done, err)
	}
	before, _ := c.Usage(t.Context())
	done, err := c.Prune(t.Context(), Limits{MaxAge: 60 * time.Hour}, false)
	after, _ := c.Usage(t.Context())
	if err != nil || done.Trees != 1 || done.Files != 1 || before.Files-after.Files != 1 || before.Bytes-after.Bytes != done.Bytes || after.Trees != 2 {
		t.Errorf("by age: %+v, %v, %+v then %+v", done, err, before, after)
	}
	if done, err := c.Prune(t.Context(), Limits{MaxSize: after.Bytes - 1}, false); err != nil || done.Trees != 1 {
		t.Errorf("by size: %+v, %v", done, err)
	}
	if v, err := c.Verify(t.Context()); err != nil || len(v.Damaged) > 0 || v.Trees != 1 {
		t.Errorf("what is left is not whole: %+v, %v", v, err)
	}
}

func TestTreeRefusesPaths(t *testing.T) {
	t.Parallel()
	c := NewContent(t.TempDir(), nil)
	hash := digest("x")
	for _, line := range []string{
		`file 444 1 ` + hash + ` "../x"`, `file 444 1 ` + hash + ` "/x"`, `file 444 1 ` + hash + ` "a/x"`, `dir ".."`,
		`file 444 1 ../../x "x"`, `file 444 1 ` + hash[1:] + ` "x"`, `file 7777 1 ` + hash + ` "x"`, `other "x"`,
	} {
		if f, err := c.decodeTree([]byte(treeHeader + digest(line+"\n") + "\n" + line + "\n")); err == nil {
			t.Errorf("%s: %+v", line, f)
		}
	}
	good := "dir \"a b\"\nfile 555 3 " + hash + " \"a b/é\\n\"\nlink \"z\" \"a b\"\n"
	data := []byte(treeHeader + digest(good) + "\n" + good)
	f, err := c.decodeTree(data)
	if err != nil || !bytes.Equal(encodeTree(f), data) {
		t.Errorf("%v\n%s", err, encodeTree(f))
	}
	if !f.holdsDir("z") || !f.holdsDir("") || f.holdsDir("z/x") || f.holdsDir("a b/é\n") {
		t.Error("folders are not found by way of links")
	}
	if _, err := c.decodeTree(data[:len(data)-2]); err == nil {
		t.Error("a torn tree was accepted")
	}
}

func TestRetry(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fails int
		text  string
		calls int
	}{{2, "connection reset by peer", 3}, {9, "bad response code: 503", 3}, {9, "bad response code: 404", 1}} {
		calls := 0
		s := NewStore(Options{Retryable: Transient})
		s.pause = func(context.Context, int) error { return nil }
		err := s.retry(t.Context(), Request{}, func() error {
			if calls++; calls <= tt.fails {
				return errors.New(tt.text)
			}
			return nil
		})
		if calls != tt.calls || (err == nil) != (tt.fails < 3) {
			t.Errorf("%s: %d calls, %v", tt.text, calls, err)
		}
	}
}

func TestContentTree(t *testing.T) {
	s := newShared(t)
	look := func(query string) *Tree {
		t.Helper()
		a := mustParse(t, s.gitURL("//net"+query), s.path("."))
		found, err := s.store.Tree(context.Background(), a, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.store.Fetched(a); len(got) != 40 {
			t.Errorf("the commit that was found is %q", got)
		}
		return found
	}
	first := look("?ref=v1")
	if got := s.asked(); got != "ls-remote fetch" {
		t.Errorf("the first time git is asked to %q", got)
	}
	s.again()
	second := look("?ref=v1")
	if got := s.asked(); got != "ls-remote" {
		t.Errorf("the second time git is asked to %q", got)
	}
	if len(first.Files) == 0 || len(first.Files) != len(second.Files) {
		t.Fatalf("%d files, then %d", len(first.Files), len(second.Files))
	}
	for i, f := range second.Files {
		if f.Name != first.Files[i].Name || read(t, f.Path) != read(t, first.Files[i].Path) || f.Mode&0o600 != 0o600 {
			t.Errorf("%s %s is not the %s of before", f.Name, f.Mode, first.Files[i].Name)
		}
	}
	listed, err := s.store.List(context.Background(), mustParse(t, s.gitURL("//net?ref=v1"), s.path(".")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(names(listed)), fmt.Sprint(names(second)); got != want || listed.Dir != "" {
		t.Errorf("listed %s, want %s", got, want)
	}
	// What is changed in a tree is not changed in the store.
	write(t, second.Files[0].Path, "changed")
	s.again()
	if got := read(t, look("?ref=v1").Files[0].Path); got == "changed" {
		t.Error("a change in a tree has reached the store")
	}
}

// A list of what is stored has what a tree of it has: links are what they lead to, once.
func TestStoredList(t *testing.T) {
	s := newShared(t)
	repo := s.path("links")
	tree(t, repo, "unit/terragrunt.hcl", "a", "unit/.terraform/x", "tool", "shared/common.hcl", "b", "shared/deep/c.hcl", "c")
	for name, target := range map[string]string{
		"unit/common.hcl": "../shared/common.hcl", "unit/all": "../shared", "shared/deep/up": "..", "unit/self": ".", "unit/alias.hcl": "all/deep/c.hcl",
	} {
		if err := os.Symlink(target, filepath.Join(repo, name)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, repo, "init", "--quiet")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "links")
	a := mustParse(t, "git::file://"+repo+"//unit", s.path("."))
	for _, round := range []string{"fetched", "stored"} {
		s.again()
		listed, err := s.store.List(context.Background(), a, nil)
		if err != nil {
			t.Fatal(round, err)
		}
		plain, err := s.store.Tree(context.Background(), a, nil)
		if err != nil {
			t.Fatal(round, err)
		}
		if got, want := fmt.Sprint(names(listed)), fmt.Sprint(names(plain)); got != want || !strings.Contains(got, "all/deep/c.hcl=c") {
			t.Errorf("%s: listed\n%s\nin the tree\n%s", round, got, want)
		}
	}
}

func mustParse(t *testing.T, raw, dir string) Address {
	t.Helper()
	a, err := Parse(raw, dir)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// names are the files of a tree with their texts.
func names(t *Tree) (out []string) {
	for _, f := range t.Files {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			text = []byte(err.Error())
		}
		out = append(out, f.Name+"="+string(text))
	}
	return out
}
