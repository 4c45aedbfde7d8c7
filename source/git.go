package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// gitGetter fetches with the git program, so that a user's credentials
// helpers, proxies and keys work as they do at a prompt. Only the files of
// the commit are kept, not the repository.
type gitGetter struct{ log *slog.Logger }

// gitSource is what an address means to git.
type gitSource struct {
	url    string // without our parameters
	shown  string // masked
	local  bool   // a repository of this machine
	ref    string // "" is the default branch
	depth  int    // of history; 0 is all
	sshKey []byte
}

// parseGit reads and checks the parameters of a git address. What could be
// taken for an option by git or ssh is refused.
func parseGit(a Address) (gitSource, error) {
	u := a.URL()
	q := u.Query()
	src := gitSource{ref: q.Get("ref"), depth: 1, local: u.Scheme == "file", shown: a.repository()}
	if err := checkGitURL(u); err != nil {
		return src, err
	}
	if err := checkRef(src.ref); err != nil {
		return src, err
	}
	if d := q.Get("depth"); d != "" {
		n, err := strconv.Atoi(d)
		if err != nil {
			return src, fmt.Errorf("depth %q is not a number", d)
		}
		src.depth = max(n, 0)
	}
	var err error
	if src.sshKey, err = decodeKey(q.Get("sshkey")); err != nil {
		return src, err
	}
	for _, ours := range []string{"ref", "depth", "sshkey"} {
		q.Del(ours)
	}
	u.RawQuery = q.Encode()
	src.url = u.String()
	return src, nil
}

// checkGitURL refuses the transports that run a command, and hosts and users
// that ssh would read as options.
func checkGitURL(u *url.URL) error {
	if u.Scheme == "ext" || u.Scheme == "fd" {
		return fmt.Errorf("git transport %q is not allowed", u.Scheme)
	}
	if strings.HasPrefix(u.Host, "-") || strings.HasPrefix(u.User.Username(), "-") {
		return errors.New("a host or user may not start with a dash")
	}
	return nil
}

func checkRef(ref string) error {
	if strings.HasPrefix(ref, "-") || strings.HasPrefix(ref, "+") || strings.HasPrefix(ref, "^") {
		return fmt.Errorf("ref %q may not start with %q", ref, ref[:1])
	}
	if strings.ContainsFunc(ref, func(c rune) bool { return c <= ' ' || c == ':' || c == '*' || c == 0x7f }) {
		return fmt.Errorf("ref %q has a character that no ref has", ref)
	}
	return nil
}

// Get fetches the wanted commit, shallow where the server can, and checks it
// out with its submodules.
func (g *gitGetter) Get(ctx context.Context, j Job) error {
	_, err := g.getKeyed(ctx, j)
	return err
}

// getKeyed tells the commit that was checked out.
func (g *gitGetter) getKeyed(ctx context.Context, j Job) (string, error) {
	src, err := parseGit(j.Address)
	if err != nil {
		return "", err
	}
	if j.Depth != 0 {
		src.depth = max(j.Depth, 0)
	}
	env, cleanup, err := gitEnv(j.Env, src.sshKey)
	if err != nil {
		return "", err
	}
	defer cleanup()
	if err := os.MkdirAll(j.Dest, 0o755); err != nil {
		return "", err
	}
	c := &checkout{gitSource: src, git: gitCmd{dir: j.Dest, env: env, local: src.local, hide: secrets(j.Address)}, log: g.log}
	for _, step := range []func(context.Context) error{c.init, c.checkOut, c.submodules} {
		if err := step(ctx); err != nil {
			return "", err
		}
	}
	commit, err := c.head(ctx)
	if err != nil {
		return "", err
	}
	if j.Revision != nil {
		j.Revision(commit)
	}
	return commitKey(commit), dropRepository(j.Dest)
}

// checkout is one repository on its way to a folder of files.
type checkout struct {
	gitSource
	git gitCmd
	log *slog.Logger
}

// init makes an empty repository. A remote by name is what submodules with
// relative URLs and large file storage start from.
func (c *checkout) init(ctx context.Context) error {
	if runtime.GOOS == "linux" {
		return c.writeRepository()
	}
	// Elsewhere git asks the file system about case, links and modes first.
	// No template: its hooks are not wanted here.
	if _, err := c.git.run(ctx, "init", "--quiet", "--template="); err != nil {
		return err
	}
	_, err := c.git.run(ctx, "remote", "add", "origin", c.url)
	return err
}

// writeRepository writes the few files that git init and git remote add would:
// two processes less are a quarter of the time of a small clone.
func (c *checkout) writeRepository() error {
	dir := filepath.Join(c.git.dir, ".git")
	for _, sub := range []string{"objects", "refs"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	config := "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n[remote \"origin\"]\n\turl = " +
		gitQuoted(c.url) + "\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n"
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(config), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "HEAD"), []byte("ref: refs/heads/none\n"), 0o644)
}

// gitQuoted writes a value of a git configuration file.
func gitQuoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}

// head is the commit that was checked out.
func (c *checkout) head(ctx context.Context) (string, error) {
	// A detached HEAD is the commit itself.
	text, err := os.ReadFile(filepath.Join(c.git.dir, ".git", "HEAD"))
	if commit := strings.TrimSpace(string(text)); err == nil && isRevision(commit) {
		return commit, nil
	}
	out, err := c.git.run(ctx, "rev-parse", "HEAD")
	return strings.TrimSpace(out), err
}

// checkOut tries the cheap way first: only the one commit. What a server
// does not give by name or hash, or in part, is looked for in a full fetch.
func (c *checkout) checkOut(ctx context.Context) error {
	err := c.fetchOne(ctx, c.depth)
	if err != nil && needsFullHistory(err) {
		c.log.Debug("the server has no shallow history", "url", c.shown)
		err = c.fetchOne(ctx, 0)
	}
	switch {
	case err == nil:
		_, err = c.git.run(ctx, "checkout", "--quiet", "--detach", "FETCH_HEAD")
		return err
	case ctx.Err() != nil:
		return ctx.Err()
	case isRevision(c.ref):
		return c.checkOutRevision(ctx)
	case isMissingRef(err):
		return c.missing(ctx)
	}
	return err
}

func (c *checkout) fetchOne(ctx context.Context, depth int) error {
	args := []string{"fetch", "--quiet", "--no-tags"}
	if depth > 0 {
		args = append(args, "--depth", strconv.Itoa(depth))
	}
	want := c.ref
	if want == "" {
		want = "HEAD"
	}
	_, err := c.git.run(ctx, append(args, "--", "origin", want)...)
	return err
}

// checkOutRevision finds a commit in the whole history: an abbreviated hash,
// v1~2, or a full hash that the server does not hand out.
func (c *checkout) checkOutRevision(ctx context.Context) error {
	_, err := c.git.run(ctx, "fetch", "--quiet", "--", "origin",
		"+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
	if err != nil {
		return err
	}
	if _, err := c.git.run(ctx, "rev-parse", "--verify", "--quiet", c.ref+"^{commit}"); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return c.missing(ctx)
	}
	_, err = c.git.run(ctx, "checkout", "--quiet", "--detach", c.ref, "--")
	return err
}

// missing makes the error for a ref that is not there.
func (c *checkout) missing(ctx context.Context) error {
	ref := c.ref
	if ref == "" {
		ref = "HEAD"
	}
	out, err := c.git.run(ctx, "ls-remote", "--tags", "--refs", "--", "origin")
	if err != nil {
		c.log.Debug("cannot list the tags", "url", c.shown, "error", err)
	}
	return &RefError{Ref: ref, Repository: c.shown, Similar: similarTags(ref, out)}
}

// submodules are fetched at the commits that the repository names, shallow
// where that works.
func (c *checkout) submodules(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(c.git.dir, ".gitmodules")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	update := []string{"submodule", "--quiet", "update", "--init", "--recursive"}
	_, err := c.git.run(ctx, append(update, "--depth", "1")...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	c.log.Debug("fetching submodules with their history", "url", c.shown, "error", err)
	if _, err := c.git.run(ctx, "submodule", "--quiet", "deinit", "--all", "--force"); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(c.git.dir, ".git", "modules")); err != nil {
		return err
	}
	_, err = c.git.run(ctx, update...)
	return err
}

// dropRepository removes the .git of a checkout and of its submodules.
func dropRepository(dir string) error {
	if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, ".gitmodules")); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != ".git" {
			return err
		}
		if err := os.RemoveAll(path); err != nil || !d.IsDir() {
			return err
		}
		return fs.SkipDir
	})
}
