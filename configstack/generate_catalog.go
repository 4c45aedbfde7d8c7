package configstack

import (
	"fmt"
	slashpath "path"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// rebase gives the text of a unit's or stack's file of a catalog, with the
// sources that are relative to their place in the catalog made absolute: the
// copy lies somewhere else. It is nil where the file is copied as it is.
func (g *generation) rebase(f source.TreeFile, a source.Address) ([]byte, error) {
	text, err := readWhole(f.Path)
	if err != nil {
		return nil, err
	}
	out, changed, err := g.rebased(text, f, a)
	if err != nil || !changed {
		return nil, err
	}
	return out, nil
}

// rebased is rebase for a text that is given.
func (g *generation) rebased(text []byte, f source.TreeFile, a source.Address) (out []byte, changed bool, err error) {
	shown := f.Path
	if _, local := a.LocalPath(); !local {
		shown = a.String() + ": " + f.Name
	}
	out, err = config.RebaseSources(text, shown, func(block, raw string) (string, error) {
		if g.NoCatalog {
			return "", fmt.Errorf("%s has update_source_with_cas, which cannot be used with --no-cas", block)
		}
		if !isRelative(raw) {
			return raw, nil
		}
		changed = true
		return inCatalog(a, slashpath.Dir(f.Name), raw)
	})
	return out, changed, err
}

func isRelative(raw string) bool {
	return raw == "." || raw == ".." || strings.HasPrefix(raw, "./") || strings.HasPrefix(raw, "../")
}

// inCatalog is the address of what a file in the folder dir of a source means
// by a relative path.
func inCatalog(a source.Address, dir, raw string) (string, error) {
	base, sub := source.SplitSubdir(raw)
	if local, ok := a.LocalPath(); ok {
		root := filepath.Join(local, filepath.FromSlash(slashpath.Join(a.Subdir(), dir, base)))
		if sub == "" {
			return root, nil
		}
		return root + "//" + sub, nil
	}
	there, err := a.Within(slashpath.Join(a.Subdir(), dir, base, sub))
	if err != nil {
		return "", fmt.Errorf("%s leads out of the catalog", raw)
	}
	return there.Text(), nil
}
