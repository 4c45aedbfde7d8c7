package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/configstack"
)

// CommitRequest is a change to be recorded.
type CommitRequest struct {
	Message  string
	Trailers []Trailer // in this order, below the message
	// Files are paths from the root, with slashes. Of the work tree nothing
	// else gets into the commit, and what is staged stays staged.
	Files []string
}

// Trailer is one line "Key: value" at the end of a message.
type Trailer struct{ Key, Value string }

// text is the whole message.
func (r CommitRequest) text() string {
	text := strings.TrimRight(r.Message, "\n") + "\n"
	if len(r.Trailers) > 0 {
		text += "\n"
	}
	for _, t := range r.Trailers {
		text += t.Key + ": " + strings.ReplaceAll(t.Value, "\n", " ") + "\n"
	}
	return text
}

// Commit records the request's files as they are in the work tree, on what is
// checked out, and returns the commit. The user's hooks run.
func (g *Git) Commit(ctx context.Context, r CommitRequest) (string, error) {
	if len(r.Files) == 0 {
		return "", errors.New("a commit needs files")
	}
	specs := literal(r.Files)
	if _, err := g.call(ctx, append([]string{"add", "--intent-to-add", "--"}, specs...)...); err != nil {
		return "", err
	}
	args := []string{"commit", "--quiet", "--no-edit", "--cleanup=whitespace", "--file=-", "--only", "--"}
	_, err := g.run(ctx, configstack.GitCommand{Dir: g.root, Args: append(args, specs...), Stdin: r.text()})
	if err != nil {
		return "", err
	}
	commit, _, err := g.Head(ctx)
	return commit, err
}

// literal makes paths that mean themselves, whatever is in them.
func literal(files []string) []string {
	specs := make([]string, len(files))
	for i, f := range files {
		specs[i] = ":(top,literal)" + f
	}
	return specs
}

// CommitOn records the request's files as they are in the work tree in a new
// branch that starts at a commit. What is checked out, the index and the work
// tree stay as they are. It fails if there is a branch of that name.
func (g *Git) CommitOn(ctx context.Context, branch, base string, r CommitRequest) (commit string, err error) {
	dir, err := os.MkdirTemp("", "terrace-index-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	index := []string{"GIT_INDEX_FILE=" + filepath.Join(dir, "index")}
	ask := func(stdin string, args ...string) (string, error) {
		out, err := g.run(ctx, configstack.GitCommand{Dir: g.root, Args: args, Env: index, Stdin: stdin})
		return strings.TrimSpace(out), err
	}
	if _, err := ask("", "read-tree", base); err != nil {
		return "", err
	}
	if _, err := ask("", append([]string{"add", "--"}, literal(r.Files)...)...); err != nil {
		return "", err
	}
	tree, err := ask("", "write-tree")
	if err != nil {
		return "", err
	}
	if commit, err = ask(r.text(), "commit-tree", "-p", base, "-F", "-", tree); err != nil {
		return "", err
	}
	return commit, g.CreateBranch(ctx, branch, commit)
}

// CreateBranch makes a branch at a commit, without checking it out. It fails
// if there is one of that name.
func (g *Git) CreateBranch(ctx context.Context, name, commit string) error {
	if _, err := g.call(ctx, "check-ref-format", "--branch", name); err != nil {
		return fmt.Errorf("%q is no name for a branch", name)
	}
	have, err := g.Resolve(ctx, "refs/heads/"+name)
	if err != nil {
		return err
	}
	if have != "" {
		return fmt.Errorf("there is a branch %s already", name)
	}
	_, err = g.call(ctx, "update-ref", "refs/heads/"+name, commit, "") // "": it must still not be there
	return err
}

// Push sends references to the repository's usual remote: "refs/heads/x", or
// "from:to" as git writes it. A reference that is not a descendant of what the
// remote has is refused.
func (g *Git) Push(ctx context.Context, refs ...string) error {
	remote, err := g.Remote(ctx, "")
	if err != nil {
		return err
	}
	if remote == "" {
		return errors.New("there is no remote to push to: add one with `git remote add origin URL`")
	}
	_, err = g.call(ctx, append([]string{"push", "--quiet", "--", remote}, refs...)...)
	return err
}

func unixTime(seconds string) (time.Time, error) {
	n, err := strconv.ParseInt(seconds, 10, 64)
	return time.Unix(n, 0).UTC(), err
}
