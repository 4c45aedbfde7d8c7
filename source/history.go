package source

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// Change is one commit in the history of a source.
type Change struct {
	Commit  string
	Subject string
}

// NotGitError says that a source has no history that could be asked for.
type NotGitError struct{ Address string }

func (e *NotGitError) Error() string {
	return fmt.Sprintf("%s: only git sources have a history", e.Address)
}

// historyCommits bounds what History gives: who promotes over more is not
// helped by a list.
const historyCommits = 200

// History lists the commits that lead from one revision of a git source to
// another and touch its folder, newest first. Files are not fetched where the
// server can leave them out.
func (s *Store) History(ctx context.Context, a Address, from, to string, env []string) ([]Change, error) {
	if a.Kind() != "git" {
		return nil, &NotGitError{a.String()}
	}
	src, err := parseGit(a)
	if err != nil {
		return nil, err
	}
	for _, ref := range []string{from, to} {
		if err := checkRef(ref); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp("", "terrace-history-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	full, cleanup, err := gitEnv(env, src.sshKey)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	git := gitCmd{dir: dir, env: full, local: src.local, hide: secrets(a)}
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "."},
		{"fetch", "--quiet", "--filter=blob:none", "--no-tags", "--", src.url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"},
	} {
		if _, err := git.run(ctx, args...); err != nil {
			return nil, err
		}
	}
	args := []string{"log", "--no-show-signature", fmt.Sprint("--max-count=", historyCommits), "--format=%H%x1f%s", from + ".." + to, "--"}
	if a.Subdir() != "" {
		args = append(args, a.Subdir())
	}
	out, err := git.run(ctx, args...)
	if err != nil {
		return nil, err
	}
	var list []Change
	for line := range strings.Lines(out) {
		if id, subject, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\x1f"); ok {
			list = append(list, Change{id, subject})
		}
	}
	return list, nil
}
