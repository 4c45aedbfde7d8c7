package configstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// walkAlone finds the stack files, and where there are some keeps other runs
// from generating in the same checkout until release is called: two at once
// would each take the other's half for what an earlier run has left.
func walkAlone(ctx context.Context, root string, o GenerateOptions) (w *walker, release func(), err error) {
	if w, err = walk(ctx, root, o.Discover); err != nil {
		return nil, nil, err
	}
	release = func() {}
	isStack := func(c Component) bool { return c.Kind == KindStack }
	if o.LockDir == "" || !slices.ContainsFunc(w.found, isStack) && len(w.generated) == 0 {
		return w, release, nil
	}
	release, waited, err := source.Lock(ctx, lockFile(o.LockDir, root), o.Log)
	if err != nil {
		return nil, nil, fmt.Errorf("keeping other runs out while stacks are generated: %w", err)
	}
	if waited { // the other run has changed what was found
		if w, err = walk(ctx, root, o.Discover); err != nil {
			release()
			return nil, nil, err
		}
	}
	return w, release, nil
}

// lockFile names the checkout that a folder is in, since runs that start in
// different folders of it may generate the same stacks.
func lockFile(dir, root string) string {
	top, ok := config.RepoRoot(root)
	if !ok {
		top = root
	}
	if real, err := filepath.EvalSymlinks(top); err == nil {
		top = real
	}
	sum := sha256.Sum256([]byte(top))
	return filepath.Join(dir, "generate-"+hex.EncodeToString(sum[:16])+".lock")
}
