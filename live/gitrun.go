package live

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
)

// GitError is a call of git that failed. It hides git's exit status, which
// would be taken for that of the wrapped binary.
type GitError struct {
	Args []string
	Text string // what git said
}

func (e *GitError) Error() string { return "git " + strings.Join(e.Args, " ") + ": " + e.Text }

// NewRunner gives git as a function, for this room and others. No question is
// ever asked, since nobody may be there to answer, and variables by which a
// git hook that runs us ties git to one repository are left out.
func NewRunner(process shell.Executor, environ []string) configstack.Git {
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
		cmd := shell.Cmd{Path: "git", Args: c.Args, Dir: c.Dir, Env: append(env[:len(env):len(env)], c.Env...), Stdout: &out, Cleanup: c.Cleanup}
		if c.Stdin != "" {
			cmd.Stdin = strings.NewReader(c.Stdin)
		}
		err := process.Run(ctx, cmd)
		if err == nil {
			return out.String(), nil
		}
		var exit *shell.ExitError
		if errors.As(err, &exit) {
			return out.String(), &GitError{c.Args, strings.TrimSpace(exit.Stderr)}
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
