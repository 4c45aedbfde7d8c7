package configstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Git runs git in a directory and returns what it printed. With cleanup it
// must run even after an interrupt, since it puts things back in order.
type Git func(ctx context.Context, c GitCommand) (string, error)

// GitCommand is one call of git.
type GitCommand struct {
	Dir     string
	Args    []string
	Stdin   string
	Env     []string // added to the environment
	Cleanup bool
}

// Repository is the git repository that a directory belongs to, and the work
// trees that were made of its history. It must be closed.
type Repository struct {
	git   Git
	dir   string
	place func() (place struct{ top, prefix string }, err error)

	mu    sync.Mutex
	trees map[string]string // commit -> directory; until Close
}

// NewRepository makes a handle. Nothing is asked of git until it is needed.
func NewRepository(dir string, git Git) *Repository {
	r := &Repository{git: git, dir: dir, trees: map[string]string{}}
	r.place = sync.OnceValues(r.find)
	return r
}

// Top is the folder at the top of the repository, in the spelling of the
// directory that the handle was made for.
func (r *Repository) Top() (string, error) {
	place, err := r.place()
	return place.top, err
}

func (r *Repository) run(ctx context.Context, args ...string) (string, error) {
	out, err := r.git(ctx, GitCommand{Dir: r.dir, Args: args})
	return strings.TrimSuffix(out, "\n"), err
}

// find asks where in the repository the directory lies. The top is taken from
// the directory's own spelling, which may go through links.
func (r *Repository) find() (place struct{ top, prefix string }, err error) {
	out, err := r.run(context.Background(), "rev-parse", "--show-toplevel", "--show-prefix")
	if err != nil {
		return place, fmt.Errorf("%s is not in the work tree of a Git repository: %w", r.dir, err)
	}
	top, prefix, _ := strings.Cut(out, "\n")
	place.prefix = filepath.FromSlash(strings.TrimSuffix(prefix, "/"))
	place.top = r.dir
	if place.prefix != "" {
		for range strings.Split(place.prefix, string(filepath.Separator)) {
			place.top = filepath.Dir(place.top)
		}
	}
	a, errA := os.Stat(place.top)
	b, errB := os.Stat(top)
	if errA != nil || errB != nil || !os.SameFile(a, b) {
		return place, fmt.Errorf("%s leads into the Git repository %s through a link: start from the real folder", r.dir, top)
	}
	return place, nil
}

// commit resolves a reference.
func (r *Repository) commit(ctx context.Context, ref string) (string, error) {
	if strings.HasPrefix(ref, "-") {
		return "", fmt.Errorf("'%s' is no Git reference", ref)
	}
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	if err != nil || out == "" {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("the Git reference '%s' is not known in this repository", ref)
	}
	return out, nil
}

var errNoBase = errors.New("the two have no commit in common here")

// parted is the commit where the histories of two others part.
func (r *Repository) parted(ctx context.Context, g gitRange, from, to string) (string, error) {
	out, err := r.run(ctx, "merge-base", from, to)
	if err != nil || out == "" {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", fmt.Errorf("%s...%s: %w: fetch more of the history, or compare the two as they are with [%s..%s]", g.from, g.to, errNoBase, g.from, g.to)
	}
	return out, nil
}

// change is a file that differs between two commits.
type change struct {
	status string
	path   string // from the top of the repository, with slashes
}

func (r *Repository) diff(ctx context.Context, from, to string) ([]change, error) {
	out, err := r.git(ctx, GitCommand{Dir: r.dir, Args: []string{"diff", "--name-status", "--no-renames", "--no-ext-diff", "-z", from, to, "--"}})
	if err != nil {
		return nil, err
	}
	fields := strings.Split(out, "\x00")
	var list []change
	for i := 0; i+1 < len(fields); i += 2 {
		list = append(list, change{fields[i], fields[i+1]})
	}
	return list, nil
}

// tree returns a directory with the files of a commit, made when it is first
// asked for.
func (r *Repository) tree(ctx context.Context, commit string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if dir := r.trees[commit]; dir != "" {
		return dir, nil
	}
	dir, err := os.MkdirTemp("", "terrace-worktree-"+commit[:min(12, len(commit))]+"-")
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // as git will name it
	}
	r.trees[commit] = dir // also of a failed attempt, so that Close removes what is there
	_, err = r.run(ctx, "-c", "core.hooksPath="+os.DevNull, "-c", "advice.detachedHead=false", "worktree", "add", "--force", "--detach", dir, commit)
	if err != nil {
		delete(r.trees, commit)
		return "", errors.Join(err, r.remove(dir))
	}
	return dir, nil
}

// Close removes the work trees and what git has noted about them.
func (r *Repository) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for commit, dir := range r.trees {
		errs = append(errs, r.remove(dir))
		delete(r.trees, commit)
	}
	return errors.Join(errs...)
}

// remove takes a work tree away. Where git refuses, because something in it
// is broken, the folder goes first and git's note after it.
func (r *Repository) remove(dir string) error {
	forget := func() error {
		_, err := r.git(context.Background(), GitCommand{Dir: r.dir, Cleanup: true, Args: []string{"worktree", "remove", "--force", "--force", dir}})
		return err
	}
	first := forget()
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if first != nil && r.noted(dir) {
		return forget()
	}
	return nil
}

// noted says whether git lists the work tree.
func (r *Repository) noted(dir string) bool {
	out, err := r.git(context.Background(), GitCommand{Dir: r.dir, Cleanup: true, Args: []string{"worktree", "list", "--porcelain"}})
	if err != nil {
		return false
	}
	for line := range strings.Lines(out) {
		if strings.TrimSpace(line) == "worktree "+filepath.ToSlash(dir) {
			return true
		}
	}
	return false
}

// Here turns a path in one of the work trees into the one that it stands for
// in the directory's own. Other paths are returned as they are.
func (r *Repository) Here(path string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tree := range r.trees {
		if within(path, tree) {
			if place, err := r.place(); err == nil {
				return filepath.Join(place.top, path[len(tree):])
			}
		}
	}
	return path
}
