package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
)

// gitError is a call of git that failed. It hides git's exit status, which
// would be taken for that of the wrapped binary.
type gitError struct {
	args []string
	text string
}

func (e *gitError) Error() string { return "git " + strings.Join(e.args, " ") + ": " + e.text }

// newGit gives other rooms git as a function. No question is ever asked, since
// nobody may be there to answer, and variables by which a git hook that runs
// us ties git to one repository are left out.
func newGit(process shell.Executor, environ []string) configstack.Git {
	env := []string{}
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if !tiesGit(name) {
			env = append(env, kv)
		}
	}
	env = append(env, "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C", "LANGUAGE=")
	return func(ctx context.Context, c configstack.GitCommand) (string, error) {
		var out bytes.Buffer
		err := process.Run(ctx, shell.Cmd{Path: "git", Args: c.Args, Dir: c.Dir, Env: env, Stdout: &out, Cleanup: c.Cleanup})
		if err == nil {
			return out.String(), nil
		}
		var exit *shell.ExitError
		if errors.As(err, &exit) {
			return out.String(), &gitError{c.Args, strings.TrimSpace(exit.Stderr)}
		}
		return "", err
	}
}

func tiesGit(name string) bool {
	switch name {
	case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY":
		return true
	}
	return false
}

// ask is a call of git in the working folder whose failure means "no answer".
func (s *session) ask(ctx context.Context, args ...string) string {
	out, err := s.git(ctx, configstack.GitCommand{Dir: s.inv.Global.WorkingDir, Args: args})
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

// defaultBranch finds the branch that changes are made for, and warns that
// what was not committed does not count.
func (s *session) defaultBranch(ctx context.Context) (string, error) {
	if _, err := s.repository.Top(); err != nil {
		return "", err
	}
	if s.ask(ctx, "status", "--porcelain") != "" {
		s.log.Warn("The work tree has changes that are not committed. --filter-affected compares commits and does not see them")
	}
	name := s.defaultBranchName(ctx)
	for _, ref := range []string{name, "origin/" + name} {
		if s.ask(ctx, "rev-parse", "--verify", "--quiet", ref+"^{commit}") != "" {
			return ref, nil
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	return "", &usageError{"--filter-affected: the default branch seems to be " + name + ", which is not known here. Fetch it, or name another: --filter '[BRANCH...HEAD]'"}
}

// defaultBranchName asks the clone, then the remote, then the settings.
func (s *session) defaultBranchName(ctx context.Context) string {
	if ref := s.ask(ctx, "symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"); ref != "" {
		return strings.TrimPrefix(ref, "refs/remotes/origin/")
	}
	if s.ask(ctx, "remote", "get-url", "origin") != "" {
		for line := range strings.Lines(s.ask(ctx, "ls-remote", "--symref", "origin", "HEAD")) {
			if rest, ok := strings.CutPrefix(line, "ref: refs/heads/"); ok {
				return strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "HEAD"))
			}
		}
	}
	if name := s.ask(ctx, "config", "init.defaultBranch"); name != "" {
		return name
	}
	return "main"
}
