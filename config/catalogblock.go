package config

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// catalogChild is the name of a file that exists in memory only: the unit in
// the eyes of which a root file's catalog block is evaluated.
const catalogChild = ".catalog." + FileName

// Catalog evaluates the catalog block that counts in a folder, and nothing
// else of its file: that of the nearest file of a name, in the folder or above,
// which has an include block, or else of the topmost one that has a catalog
// block. It is nil where there is none. Addresses that are paths from the
// file's folder are absolute.
func (l *Loader) Catalog(ctx context.Context, dir, rootName string) (*Catalog, error) {
	path, asUnit, err := l.catalogFile(dir, rootName)
	if err != nil || path == "" {
		return nil, err
	}
	from := path
	if !asUnit {
		from = l.rememberChild(dir, path)
	}
	u, err := l.unitAt(ctx, coreKey{path: from, origin: from})
	if err != nil {
		return nil, err
	}
	ev, done := u.start(ctx, early)
	defer done()
	fr := u.core.main
	if !asUnit {
		fr = u.core.includes[0].frame
	}
	blocks, err := fr.blocksOf(ev, "catalog")
	if err != nil {
		return nil, u.core.failure(err)
	}
	if ev.open {
		return nil, fmt.Errorf("%s: the catalog block refers to outputs of units, which are not read for it", path)
	}
	if len(blocks) == 0 {
		return nil, nil
	}
	return decodeCatalog(blocks[0], filepath.Dir(path)), nil
}

// catalogFile looks for the file upwards. Files that cannot be read are an
// error only when they are the one.
func (l *Loader) catalogFile(dir, rootName string) (path string, asUnit bool, err error) {
	for {
		candidate := filepath.Join(dir, rootName)
		if f, err := l.parse(candidate, l.schema); err == nil {
			if f.declares("include") {
				return candidate, true, nil
			}
			if f.declares("catalog") {
				path = candidate
			}
		} else if !notExist(err) && mentionsCatalog(candidate) {
			var ps problems
			ps.add(err)
			return "", false, ps.err(l, candidate)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return path, false, nil
		}
		dir = parent
	}
}

func (f *file) declares(block string) bool {
	for _, b := range f.blocks {
		if b.spec.name == block {
			return true
		}
	}
	return false
}

func mentionsCatalog(path string) bool {
	src, err := os.ReadFile(path)
	return err == nil && bytes.Contains(src, []byte("catalog"))
}

// rememberChild makes the loader know a unit in a folder that includes the root
// file, without a file.
func (l *Loader) rememberChild(dir, root string) string {
	path := filepath.Join(dir, catalogChild)
	quoted := hclwrite.TokensForValue(cty.StringVal(root)).Bytes()
	text := fmt.Appendf(nil, "include \"root\" {\n  path = %s\n}\n", quoted)
	p := &parsed{}
	p.once.Do(func() { p.file = l.parseText(path, text, l.schema) })
	l.files.LoadOrStore(fileKey{path, l.schema}, p)
	return path
}

func decodeCatalog(b *block, dir string) *Catalog {
	c := &Catalog{URLs: b.strings("urls"), DefaultTemplate: b.str("default_template"), NoShell: b.flag("no_shell", false), NoHooks: b.flag("no_hooks", false)}
	for i, u := range c.URLs {
		c.URLs[i] = fromDir(dir, u)
	}
	if c.DefaultTemplate != "" {
		c.DefaultTemplate = fromDir(dir, c.DefaultTemplate)
	}
	return c
}

// fromDir makes an address absolute that is a path from a folder.
func fromDir(dir, address string) string {
	if filepath.IsAbs(address) || strings.Contains(address, "://") {
		return address
	}
	root, rest := address, ""
	if i := strings.Index(address, "//"); i > 0 {
		root, rest = address[:i], address[i:]
	}
	abs := filepath.Join(dir, filepath.FromSlash(root))
	if _, err := os.Stat(abs); err != nil {
		return address
	}
	return abs + rest
}
