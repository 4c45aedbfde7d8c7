package bundle

import (
	"context"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
)

// git runs git at the top of the repository.
func (e *Engine) git(ctx context.Context, args ...string) (string, error) {
	out, err := e.Git(ctx, configstack.GitCommand{Dir: e.Root, Args: args})
	return strings.TrimSpace(out), err
}
