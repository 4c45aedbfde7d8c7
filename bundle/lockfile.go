package bundle

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

const lockFile = ".terraform.lock.hcl"

// readLock gives the lock file of a working folder, nil where there is none.
func readLock(workDir string) ([]byte, error) {
	b, err := os.ReadFile(filepath.Join(workDir, lockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// selections are the versions of providers that a lock file holds. Its hashes
// may grow without another provider being chosen.
func selections(lock []byte) map[string]string {
	out := map[string]string{}
	f, diags := hclsyntax.ParseConfig(lock, lockFile, hcl.InitialPos)
	if diags.HasErrors() {
		return out
	}
	for _, b := range f.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "provider" || len(b.Labels) != 1 {
			continue
		}
		if a, ok := b.Body.Attributes["version"]; ok {
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.Type().FriendlyName() == "string" {
				out[b.Labels[0]] = v.AsString()
			}
		}
	}
	return out
}
