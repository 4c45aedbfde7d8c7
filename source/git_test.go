package source

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// gitTestEnv keeps a user's own settings out of the tests.
func gitTestEnv() []string {
	return append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main"}, args...)...)
	cmd.Dir, cmd.Env = dir, gitTestEnv()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// newRepo makes repo/ with net/main.tf: "one" at tag v1, "two" at tag v2,
// "three" on main, and "feature" on branch feat/x.
func (b *bench) newRepo() string {
	b.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		b.Skip("needs git")
	}
	repo := b.path("repo")
	tree(b.T, repo, "net/main.tf", "one", "lib/l.tf", "", ".gitignore", "", ".hidden/h", "")
	git(b.T, repo, "init", "-q")
	commit := func(text string) {
		write(b.T, filepath.Join(repo, "net/main.tf"), text)
		git(b.T, repo, "add", ".")
		git(b.T, repo, "commit", "-q", "-m", text)
	}
	commit("one")
	git(b.T, repo, "tag", "-a", "-m", "x", "v1")
	git(b.T, repo, "checkout", "-q", "-b", "feat/x")
	commit("feature")
	git(b.T, repo, "checkout", "-q", "main")
	commit("two")
	git(b.T, repo, "tag", "v2")
	commit("three")
	return repo
}

func (b *bench) gitURL(rest string) string {
	return "git::file://" + filepath.ToSlash(b.path("repo")) + rest
}

func TestGitRefs(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	repo := b.newRepo()
	first := git(t, repo, "rev-parse", "v1^{commit}")
	feature := git(t, repo, "rev-parse", "feat/x")
	for _, tt := range []struct{ query, want string }{
		{"", "three"}, {"?ref=v1", "one"}, {"?ref=v2&depth=2", "two"}, {"?ref=main", "three"},
		{"?ref=feat/x", "feature"}, {"?ref=refs/tags/v1", "one"}, {"?ref=" + first, "one"},
		{"?ref=" + feature[:8], "feature"}, {"?ref=v2~1", "one"}, {"?ref=origin/feat/x&depth=0", "feature"},
	} {
		r := b.request(b.gitURL("//net" + tt.query))
		if err := b.store.Fetch(t.Context(), r); err != nil {
			t.Errorf("%q: %v", tt.query, err)
			continue
		}
		if got := read(t, filepath.Join(r.Layout().WorkDir, "main.tf")); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.query, got, tt.want)
		}
	}
	b.want(b.request(b.gitURL("")).Layout().Root, ".gitignore .hidden/h lib/l.tf net/main.tf")
}

func TestGitVersionAndRemovedFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	repo := b.newRepo()
	r1 := b.request(b.gitURL("//net?ref=v1"))
	b.prepare(r1)
	work := r1.Layout().WorkDir
	tree(t, work, "terraform.tfstate", "s")
	if b.prepare(r1) {
		t.Error("the same ref was fetched again")
	}
	git(t, repo, "rm", "-q", "-r", "lib")
	git(t, repo, "commit", "-q", "-m", "no lib")
	git(t, repo, "tag", "v3")
	r3 := b.request(b.gitURL("//net?ref=v3"))
	if !b.prepare(r3) {
		t.Error("another ref was not fetched")
	}
	if got := r3.Layout(); got != r1.Layout() {
		t.Errorf("another ref has another folder: %v", got)
	}
	b.want(r1.Layout().Root, ".gitignore .hidden/h net/main.tf net/terraform.tfstate")
	if !exists(filepath.Join(work, initRequired)) {
		t.Error("no init asked for")
	}
	if got := read(t, filepath.Join(r3.Layout().Root, versionFile)); got != shortHash("ref=v3") {
		t.Errorf("version %q", got)
	}
}

func TestGitMissingRef(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.newRepo()
	for _, ref := range []string{"v3", "deadbeef", strings.Repeat("a", 40)} {
		err := b.store.Fetch(t.Context(), b.request(b.gitURL("//net?ref="+ref)))
		var missing *RefError
		if !errors.As(err, &missing) || missing.Ref != ref || !strings.Contains(err.Error(), b.gitURL("")) {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		if got := strings.Join(missing.Similar, " "); got != "v2 v1" {
			t.Errorf("similar: %s", got)
		}
	}
	if left, err := filepath.Glob(filepath.Join(b.store.stages.dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("staged: %v, %v", left, err)
	}
}

func TestGitMissingRepository(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	err := b.store.Fetch(t.Context(), b.request(b.gitURL("")))
	var failed *CommandError
	if !errors.As(err, &failed) || failed.Command != "git fetch" || failed.Stderr == "" {
		t.Errorf("got %v", err)
	}
}

func TestGitSubmodule(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	repo := b.newRepo()
	tree(t, b.dir, "sub/s.tf", "s")
	git(t, b.path("sub"), "init", "-q")
	git(t, b.path("sub"), "add", ".")
	git(t, b.path("sub"), "commit", "-q", "-m", "s")
	git(t, repo, "submodule", "--quiet", "add", "../sub", "net/inner")
	git(t, repo, "commit", "-q", "-m", "submodule")
	r := b.request(b.gitURL("//net"))
	b.prepare(r)
	b.want(r.Layout().WorkDir, "inner/s.tf main.tf")
}

func TestGitOncePerProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	repo := b.newRepo()
	b.prepare(b.request(b.gitURL("//net?ref=v1")))
	if err := os.RemoveAll(repo); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, name := range []string{"u1", "u2", "u3"} {
		r := b.request(b.gitURL("//net?ref=v1"))
		r.UnitDir = b.path(name)
		tree(t, r.UnitDir, "u.tf", name)
		wg.Go(func() {
			if err := errors.Join(b.store.Fetch(t.Context(), r), b.store.CopyUnit(t.Context(), r)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestGitLinks(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	repo := b.newRepo()
	write(t, b.path("secret"), "secret")
	for name, target := range map[string]string{
		"net/common": "../lib", "net/out": "../../secret", "net/abs": "/etc", "lib/up": "..",
		"net/trick": "common/../../../secret", "net/l.tf": "../lib/l.tf",
	} {
		if err := os.Symlink(target, filepath.Join(repo, name)); err != nil {
			t.Fatal(err)
		}
	}
	git(t, repo, "add", ".")
	git(t, repo, "commit", "-q", "-m", "links")
	r := b.request(b.gitURL("//net"))
	b.prepare(r)
	b.prepare(r)
	work := r.Layout().WorkDir
	b.want(work, "common l.tf main.tf")
	if target, err := os.Readlink(filepath.Join(work, "common")); err != nil || target != "../lib" {
		t.Errorf("%s, %v", target, err)
	}
}

func TestGitCancelled(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	// A git that hangs, in place of a server that does.
	write(t, b.path("bin/git-upload-pack"), "#!/bin/sh\ntouch \"$STARTED\"\nexec cat >/dev/null\n")
	if err := os.Chmod(b.path("bin/git-upload-pack"), 0o755); err != nil {
		t.Fatal(err)
	}
	b.newRepo()
	r := b.request(b.gitURL("//net"))
	started := b.path("started")
	r.Env = append(r.Env, "STARTED="+started, "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=remote.origin.uploadpack", "GIT_CONFIG_VALUE_0="+b.path("bin/git-upload-pack"))
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for !exists(started) {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	begin := time.Now()
	err := b.store.Fetch(ctx, r)
	if !errors.Is(err, context.Canceled) || time.Since(begin) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	if left, err := filepath.Glob(filepath.Join(b.store.stages.dir, "*")); err != nil || len(left) > 0 || exists(r.Layout().Root) {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestGitRefusesOptions(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"git::https://h/r.git?ref=--upload-pack=x", "git::https://h/r.git?ref=a:b", "git::https://h/r.git?ref=a%0Ab",
		"git::https://h/r.git?ref=%2Bx", "git::ssh://-oProxyCommand=x/r.git", "git::ssh://-ox@h/r.git",
		"git::https://h/r.git?depth=x", "git::https://h/r.git?sshkey=***", "git::fd::1://x",
	} {
		a, err := Parse(raw, t.TempDir())
		if err != nil {
			continue // refused before git is thought of
		}
		if _, err := parseGit(a); err == nil {
			t.Errorf("%s was accepted", raw)
		}
	}
}

func TestGitSource(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte("a key?>>>"))
	a, err := Parse("git::ssh://git@h/r.git//x?ref=v1&depth=3&keep=1&sshkey="+key, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	src, err := parseGit(a)
	if err != nil {
		t.Fatal(err)
	}
	if src.url != "ssh://git@h/r.git?keep=1" || src.ref != "v1" || src.depth != 3 || string(src.sshKey) != "a key?>>>\n" {
		t.Errorf("%+v", src)
	}
}

func TestGitEnv(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	env, cleanup, err := gitEnv([]string{"HOME=/h", "GIT_DIR=/x", "GIT_SSH_COMMAND=ssh -v"}, []byte("key\n"))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(env, "\n")
	last := env[len(env)-1]
	if strings.Contains(all, "GIT_DIR=") || !strings.Contains(all, "GIT_TERMINAL_PROMPT=0") || !strings.HasPrefix(last, "GIT_SSH_COMMAND=ssh -v -i '") {
		t.Errorf("environment: %s", all)
	}
	file := strings.Split(last, "'")[1]
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info, err)
	}
	cleanup()
	if exists(file) || exists(filepath.Dir(file)) {
		t.Error("the key is still there")
	}
}

func TestGitErrorHidesCredentials(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.newRepo()
	// Nothing listens on port 1; git repeats the URL in its message.
	err := b.store.Fetch(t.Context(), b.request("git::http://me:hunter2@127.0.0.1:1/r.git"))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestSimilarTags(t *testing.T) {
	t.Parallel()
	var list bytes.Buffer
	for _, tag := range []string{"v1.9.0", "v1.10.0", "v1.2.0", "v2.0.0", "other", "v1.10.1"} {
		list.WriteString("abc\trefs/tags/" + tag + "\n")
	}
	if got := strings.Join(similarTags("v1.10.2", list.String()), " "); got != "v1.10.1 v1.10.0 v1.9.0 v1.2.0 v2.0.0" {
		t.Errorf("got %s", got)
	}
}

func TestIsRevision(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]bool{
		"": false, "v1": false, "main": false, "abc": false, "abcd": true, "feat/x": false,
		strings.Repeat("0", 40): true, "v1~1": true, "origin/main": true,
	} {
		if got := isRevision(ref); got != want {
			t.Errorf("%q: %v", ref, got)
		}
	}
}
