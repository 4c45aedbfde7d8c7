package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
)

// testRepo is a repository that a test plays in.
type testRepo struct {
	*testing.T
	dir string
	run configstack.Git
}

func testEnv(t *testing.T) []string {
	empty := filepath.Join(t.TempDir(), "gitconfig")
	return append(os.Environ(), "GIT_CONFIG_GLOBAL="+empty, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_COMMITTER_NAME=Cem", "GIT_COMMITTER_EMAIL=cem@example.com")
}

// newTestRepo makes one with a commit on main that holds the files.
func newTestRepo(t *testing.T, files map[string]string) *testRepo {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &testRepo{t, dir, NewRunner(shell.NewProcess(nil), testEnv(t))}
	r.git("init", "-q", "-b", "main")
	r.write(files)
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", "first")
	return r
}

func (r *testRepo) git(args ...string) string {
	r.Helper()
	out, err := r.run(r.Context(), configstack.GitCommand{Dir: r.dir, Args: args})
	if err != nil {
		r.Fatal(err)
	}
	return strings.TrimSpace(out)
}

func (r *testRepo) write(files map[string]string) {
	r.Helper()
	for name, text := range files {
		path := filepath.Join(r.dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			r.Fatal(err)
		}
	}
}

func (r *testRepo) commit(message string) string {
	r.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", message)
	return r.git("rev-parse", "HEAD")
}

func (r *testRepo) open() *Git {
	r.Helper()
	g, err := OpenGit(r.Context(), r.dir, r.run)
	if err != nil {
		r.Fatal(err)
	}
	return g
}

// withRemote adds a bare repository as origin and pushes main to it.
func (r *testRepo) withRemote() *testRepo {
	r.Helper()
	bare := r.TempDir()
	r.git("init", "-q", "--bare", "-b", "main", bare)
	r.git("remote", "add", "origin", bare)
	r.git("push", "-q", "-u", "origin", "main")
	return &testRepo{r.T, bare, r.run}
}

func TestOpenGit(t *testing.T) {
	t.Parallel()
	run := NewRunner(shell.NewProcess(nil), append(testEnv(t), "GIT_CEILING_DIRECTORIES="+os.TempDir()))
	if _, err := OpenGit(t.Context(), t.TempDir(), run); !errors.Is(err, ErrNoGit) {
		t.Errorf("outside of a repository: %v", err)
	}
	r := newTestRepo(t, map[string]string{"a/b.txt": "x"})
	g, err := OpenGit(t.Context(), filepath.Join(r.dir, "a"), r.run)
	if err != nil || g.Root() != r.dir {
		t.Fatalf("OpenGit = %v, %v", g, err)
	}
	if rel, ok := g.Rel(filepath.Join(r.dir, "a", "new.txt")); !ok || rel != "a/new.txt" {
		t.Errorf("Rel = %q, %v", rel, ok)
	}
	if _, ok := g.Rel(filepath.Dir(r.dir)); ok {
		t.Error("Rel takes a folder around the repository for one in it")
	}
}

func TestHeadAndTips(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"f": "1"})
	g, first := r.open(), r.git("rev-parse", "HEAD")
	tip, err := g.RemoteTip(t.Context(), "main")
	if err != nil || tip != (Tip{"refs/heads/main", first, true}) {
		t.Errorf("without a remote: %+v, %v", tip, err)
	}
	bare := r.withRemote()
	r.write(map[string]string{"f": "2"})
	second := r.commit("second")
	if tip, err = g.RemoteTip(t.Context(), "main"); err != nil || tip != (Tip{"refs/remotes/origin/main", first, false}) {
		t.Errorf("with a remote: %+v, %v", tip, err)
	}
	if commit, branch, err := g.Head(t.Context()); commit != second || branch != "main" || err != nil {
		t.Errorf("Head = %s %q %v", commit, branch, err)
	}
	r.git("checkout", "-q", "--detach", first)
	if commit, branch, err := g.Head(t.Context()); commit != first || branch != "" || err != nil {
		t.Errorf("detached: Head = %s %q %v", commit, branch, err)
	}
	var missing *NoTipError
	if _, err := g.RemoteTip(t.Context(), "release"); !errors.As(err, &missing) || missing.Remote != "origin" {
		t.Errorf("a branch that is not there: %v", err)
	}
	// Somebody else moves the remote's main; a fetch shows it.
	r.git("push", "-q", bare.dir, second+":refs/heads/main")
	if err := g.Fetch(t.Context(), "main"); err != nil {
		t.Fatal(err)
	}
	if tip, err := g.RemoteTip(t.Context(), "main"); err != nil || tip.Commit != second {
		t.Errorf("after a fetch: %+v, %v", tip, err)
	}
	if name, err := g.DefaultBranch(t.Context()); name != "main" || err != nil {
		t.Errorf("DefaultBranch = %q, %v", name, err)
	}
}

// A branch of our own that follows another one is held against its namesake.
func TestRemoteTipIsOfTheSameName(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, nil)
	r.withRemote()
	r.git("checkout", "-q", "-b", "side")
	side := r.commit("side")
	r.git("push", "-q", "origin", "side")
	r.git("checkout", "-q", "main")
	r.git("branch", "-q", "--set-upstream-to=origin/side")
	if tip, err := r.open().RemoteTip(t.Context(), "main"); err != nil || tip.Commit == side || tip.Short() != "origin/main" {
		t.Errorf("RemoteTip = %+v, %v", tip, err)
	}
}

func TestRemoteURLHasNoSecret(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, nil)
	for url, want := range map[string]string{
		"https://token:x@example.com/a.git": "https://example.com/a.git", "https://ghp_1@example.com/a.git": "https://example.com/a.git",
		"ssh://git:secret@example.com/a": "ssh://git@example.com/a", "git@example.com:a/b.git": "git@example.com:a/b.git",
	} {
		r.git("remote", "add", "origin", url)
		if got, err := r.open().RemoteURL(t.Context(), ""); got != want || err != nil {
			t.Errorf("RemoteURL of %s = %q, %v", url, got, err)
		}
		r.git("remote", "remove", "origin")
	}
}

func TestShow(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"a/b.txt": "eins\r\n", "a/c*d": "star"})
	g := r.open()
	if text, err := g.Show(t.Context(), "HEAD", "a/b.txt"); string(text) != "eins\r\n" || err != nil {
		t.Errorf("Show = %q, %v", text, err)
	}
	if text, err := g.Show(t.Context(), "HEAD", "a/c*d"); string(text) != "star" || err != nil {
		t.Errorf("Show = %q, %v", text, err)
	}
	for _, path := range []string{"a/none", "a", "none/b.txt"} {
		if _, err := g.Show(t.Context(), "HEAD", path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Show of %s: %v", path, err)
		}
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{".gitignore": "*.log\n", "same": "1", "changed": "1", "staged": "1", "gone": "1"})
	r.write(map[string]string{"changed": "2", "staged": "2", "new file": "1", "x/y/deep": "1", "a.log": "1",
		"u/.terragrunt-cache/x/main.tf": "", "u/.terraform/x": ""})
	r.git("add", "staged")
	if err := os.Remove(filepath.Join(r.dir, "gone")); err != nil {
		t.Fatal(err)
	}
	got, err := r.open().Status(t.Context())
	want := []FileStatus{{"changed", false}, {"gone", false}, {"staged", false}, {"new file", true}, {"x/y/deep", true}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("Status = %v, %v, want %v", got, err, want)
	}
	known, err := r.open().Tracked(t.Context())
	if err != nil || !known["same"] || !known[".gitignore"] || known["new file"] || known["a.log"] {
		t.Errorf("Tracked = %v, %v", known, err)
	}
}

func TestLogAndPeople(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"f": "1"})
	r.git("tag", "v1")
	r.write(map[string]string{"g": "1"})
	r.commit("with a \x1f? no: \"quotes\"")
	r.write(map[string]string{"f": "2"})
	r.git("-c", "core.commentChar=;", "commit", "-q", "-am", "last", "--author", "Bob <bob@example.com>")
	r.git("tag", "v2")
	g := r.open()
	list, err := g.Log(t.Context(), "v1", "v2")
	if err != nil || len(list) != 2 || list[0].Subject != "last" || list[0].Author.Email != "bob@example.com" || list[0].Time.IsZero() {
		t.Fatalf("Log = %+v, %v", list, err)
	}
	if list, err = g.Log(t.Context(), "v1", "v2", "f"); err != nil || len(list) != 1 {
		t.Errorf("Log of a file = %+v, %v", list, err)
	}
	people, err := g.People(t.Context(), "v1", "v2")
	want := []Person{{"Bob", "bob@example.com"}, {"Cem", "cem@example.com"}, {"Ann", "ann@example.com"}}
	if err != nil || !slices.Equal(people, want) {
		t.Errorf("People = %v, %v", people, err)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"a": "1", "b": "1", "c": "1"})
	r.write(map[string]string{"a": "2", "b": "2", "c": "2", "new[1]": "1"})
	r.git("add", "c")
	g := r.open()
	commit, err := g.Commit(t.Context(), CommitRequest{Message: "promote vpc\n", Trailers: []Trailer{{"Terrace-Promotion", "x1"}, {"Slots", "vpc"}}, Files: []string{"a", "new[1]"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.git("show", "--format=%B", "--name-only", commit); got != "promote vpc\n\nTerrace-Promotion: x1\nSlots: vpc\n\n\na\nnew[1]" {
		t.Errorf("the commit is %q", got)
	}
	if got := r.git("log", "-1", "--format=%(trailers:key=Slots,valueonly)", commit); got != "vpc" {
		t.Errorf("git reads the trailer as %q", got)
	}
	if got := r.git("status", "--porcelain"); got != "M b\nM  c" { // the first blank is trimmed
		t.Errorf("left in the work tree: %q", got)
	}
}

func TestCommitOn(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, map[string]string{"a": "1", "b": "1"})
	r.write(map[string]string{"a": "2", "b": "2"})
	r.git("add", "b")
	g, before := r.open(), r.git("rev-parse", "HEAD")
	commit, err := g.CommitOn(t.Context(), "promote/vpc-v2-stage", before, CommitRequest{Message: "x", Files: []string{"a"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.git("show", "--format=%P", "--name-only", "promote/vpc-v2-stage"); got != before+"\n\na" {
		t.Errorf("the branch holds %q", got)
	}
	if r.git("rev-parse", "HEAD") != before || r.git("status", "--porcelain") != "M a\nM  b" {
		t.Error("the checkout was touched")
	}
	if err := g.CreateBranch(t.Context(), "promote/vpc-v2-stage", commit); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("the same branch again: %v", err)
	}
	if err := g.CreateBranch(t.Context(), "-x", commit); err == nil {
		t.Error("-x is taken for a branch")
	}
	bare := r.withRemote()
	if err := g.Push(t.Context(), "refs/heads/promote/vpc-v2-stage"); err != nil || bare.git("rev-parse", "promote/vpc-v2-stage") != commit {
		t.Errorf("push: %v", err)
	}
}

// Writers at the same time lose nothing of each other.
func TestNotesOfManyWriters(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, nil)
	g := r.open()
	const writers = 6
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() { errs[i] = g.AddNote(context.Background(), "HEAD", map[string]int{"n": i}) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if got := notes(t, g, "HEAD"); len(got) != writers {
		t.Errorf("notes = %q", got)
	}
	if out := r.git("for-each-ref", "--format=%(refname)", "refs/notes"); out != NotesRef {
		t.Errorf("references left: %q", out)
	}
}

// notes gives the records on a commit, sorted.
func notes(t *testing.T, g *Git, commit string) []string {
	t.Helper()
	raw, err := g.Notes(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, one := range raw {
		list = append(list, string(one))
	}
	slices.Sort(list)
	return list
}

func TestSyncNotes(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, nil)
	bare := r.withRemote()
	other := t.TempDir()
	r.git("clone", "-q", bare.dir, other)
	a := r.open()
	b, err := OpenGit(t.Context(), other, r.run)
	if err != nil {
		t.Fatal(err)
	}
	for i, g := range []*Git{a, b, a} {
		if err := errors.Join(g.AddNote(t.Context(), "HEAD", map[string]string{"who": fmt.Sprint(i)}), g.SyncNotes(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{`{"who":"0"}`, `{"who":"1"}`, `{"who":"2"}`}
	if got := notes(t, a, "HEAD"); !slices.Equal(got, want) {
		t.Errorf("ours = %q", got)
	}
	remote, err := OpenGit(t.Context(), bare.dir, r.run)
	if err != nil {
		t.Fatal(err)
	}
	if got := notes(t, remote, "main"); !slices.Equal(got, want) {
		t.Errorf("the remote's = %q", got)
	}
}

func TestReadNotes(t *testing.T) {
	t.Parallel()
	got := readNotes("{\"a\":1}\n\nsomebody's words\n[1]\n{\"b\":2} rest\n{\"c\":3}\n")
	text, err := json.Marshal(got)
	if err != nil || string(text) != `[{"a":1},{"c":3}]` {
		t.Errorf("readNotes = %s, %v", text, err)
	}
}

// A machine without a name can record, too.
func TestNoteWithoutAName(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, nil)
	r.git("config", "user.useConfigOnly", "true")
	env := slices.DeleteFunc(testEnv(t), func(kv string) bool {
		return strings.HasPrefix(kv, "GIT_AUTHOR_") || strings.HasPrefix(kv, "GIT_COMMITTER_") || strings.HasPrefix(kv, "EMAIL=")
	})
	r.run = NewRunner(shell.NewProcess(nil), env)
	g := r.open()
	if err := g.AddNote(t.Context(), "HEAD", map[string]int{"n": 1}); err != nil || len(notes(t, g, "HEAD")) != 1 {
		t.Errorf("AddNote: %v", err)
	}
}
