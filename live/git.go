package live

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
)

// Git is the repository that a folder belongs to. It remembers nothing that
// can change: every question is asked of git.
type Git struct {
	run  configstack.Git
	root string
}

var (
	// ErrNoGit says that a folder is in no git repository, or that there is no
	// git to ask.
	ErrNoGit = errors.New("not in a git repository")
	// ErrNoCommit says that a repository has no commit yet.
	ErrNoCommit = errors.New("the git repository has no commit yet")
)

// OpenGit finds the repository of a folder. The error is ErrNoGit, or that of
// a cancelled context.
func OpenGit(ctx context.Context, dir string, run configstack.Git) (*Git, error) {
	out, err := run(ctx, configstack.GitCommand{Dir: dir, Args: []string{"rev-parse", "--show-toplevel"}})
	if err != nil {
		// A bare repository has no top.
		out, err = run(ctx, configstack.GitCommand{Dir: dir, Args: []string{"rev-parse", "--absolute-git-dir"}})
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil || strings.TrimSpace(out) == "":
		return nil, fmt.Errorf("%s: %w", dir, ErrNoGit)
	}
	return &Git{run: run, root: filepath.FromSlash(strings.TrimSuffix(out, "\n"))}, nil
}

// Root is the folder at the top of the work tree, absolute, without links; of
// a bare repository the repository itself.
func (g *Git) Root() string { return g.root }

// Rel gives a path as git names it: from the root, with slashes. ok is false
// for one that lies outside.
func (g *Git) Rel(path string) (rel string, ok bool) {
	for _, p := range []string{path, realPath(path)} {
		rel, err := filepath.Rel(g.root, p)
		if err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel), true
		}
	}
	return "", false
}

// realPath follows the links of a path's folders; the file itself need not
// exist.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	dir := filepath.Dir(path)
	if dir == path {
		return path
	}
	return filepath.Join(realPath(dir), filepath.Base(path))
}

func (g *Git) call(ctx context.Context, args ...string) (string, error) {
	return g.run(ctx, configstack.GitCommand{Dir: g.root, Args: args})
}

// line is call for an answer of one line; an error of git gives "".
func (g *Git) line(ctx context.Context, args ...string) (string, error) {
	out, err := g.call(ctx, args...)
	var failed *GitError
	if errors.As(err, &failed) {
		return "", nil
	}
	return strings.TrimSpace(out), err
}

// Head tells what is checked out. The branch is "" when HEAD is detached.
func (g *Git) Head(ctx context.Context) (commit, branch string, err error) {
	if commit, err = g.line(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return "", "", err
	}
	if commit == "" {
		return "", "", ErrNoCommit
	}
	ref, err := g.line(ctx, "symbolic-ref", "--quiet", "HEAD")
	return commit, strings.TrimPrefix(ref, "refs/heads/"), err
}

// Resolve gives the commit of a branch, tag or other revision; "" for one that
// is not known here.
func (g *Git) Resolve(ctx context.Context, revision string) (string, error) {
	if strings.HasPrefix(revision, "-") {
		return "", nil
	}
	return g.line(ctx, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
}

// Show gives a file as it is in a commit, by its path from the root with
// slashes. The error is fs.ErrNotExist for a file that is not in it.
func (g *Git) Show(ctx context.Context, commit, path string) ([]byte, error) {
	out, err := g.call(ctx, "ls-tree", "-z", "--full-tree", commit, "--", path)
	if err != nil {
		return nil, err
	}
	info, name, _ := strings.Cut(strings.TrimSuffix(out, "\x00"), "\t")
	fields := strings.Fields(info)
	if len(fields) != 3 || name != path || fields[1] != "blob" {
		return nil, &fs.PathError{Op: "show", Path: commit + ":" + path, Err: fs.ErrNotExist}
	}
	text, err := g.call(ctx, "cat-file", "blob", fields[2])
	return []byte(text), err
}

// RemoteURL is the address of the remote that a branch belongs to, without a
// password; "" where there is no remote. With an empty branch it is that of
// the repository's usual remote.
func (g *Git) RemoteURL(ctx context.Context, branch string) (string, error) {
	remote, err := g.Remote(ctx, branch)
	if err != nil || remote == "" {
		return "", err
	}
	out, err := g.line(ctx, "remote", "get-url", remote)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(out); err == nil && u.User != nil && u.Scheme != "" {
		u.User = url.User(u.User.Username())
		if u.Scheme == "http" || u.Scheme == "https" {
			u.User = nil // a token may stand in the place of a name
		}
		return u.String(), nil
	}
	return out, nil
}
