package providercache

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// locked is a provider as a lock file names it.
type locked struct {
	address string // HOST/NAMESPACE/NAME
	version string
	hashes  []string // h1:... and zh:...
}

func (l locked) allows(h1 string) bool { return h1 != "" && slices.Contains(l.hashes, h1) }

// readLock gives the providers of the lock file in a folder; none if it is
// missing or broken, of which the binary complains.
func readLock(dir string) []locked {
	path := filepath.Join(dir, ".terraform.lock.hcl")
	src, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil
	}
	var out []locked
	for _, b := range file.Body.(*hclsyntax.Body).Blocks {
		if b.Type != "provider" || len(b.Labels) != 1 {
			continue
		}
		l := locked{address: b.Labels[0]}
		if text := constant(b.Body, "version"); text.Type() == cty.String {
			l.version = text.AsString()
		}
		if list := constant(b.Body, "hashes"); list.CanIterateElements() {
			for _, v := range list.AsValueSlice() {
				if v.Type() == cty.String {
					l.hashes = append(l.hashes, v.AsString())
				}
			}
		}
		if strings.Count(l.address, "/") == 2 && filepath.IsLocal(filepath.FromSlash(l.address)) && filepath.Base(l.version) == l.version && l.version != ".." {
			out = append(out, l)
		}
	}
	return out
}

// constant is the value of an attribute that is known and not null, else
// false.
func constant(body *hclsyntax.Body, name string) cty.Value {
	if a, ok := body.Attributes[name]; ok {
		if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.IsWhollyKnown() && !v.IsNull() {
			return v
		}
	}
	return cty.False
}
