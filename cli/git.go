package cli

import (
	"context"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
)

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
