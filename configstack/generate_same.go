package configstack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"

	"github.com/terrace-iac/terrace/source"
)

// sourceKey stands for an address. It is a hash, since an address may hold a
// secret.
func sourceKey(a source.Address) string { return sumOf([]byte(a.Root() + "//" + a.Subdir())) }

func sumOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// unchanged says that a component was copied from the revision which its
// source still has, and that every file is on disk as it was copied. The
// source then need not be fetched.
func (g *generation) unchanged(ctx context.Context, p *planned, a source.Address) bool {
	old := g.before[p.Dir]
	if old == nil || old.revision == "" || old.source != p.source || old.owner != p.owner || g.NoCatalog || g.Update {
		return false
	}
	own := p.own()
	if len(own)+len(old.sums) != len(old.files) {
		return false
	}
	for name := range own {
		if _, copied := old.sums[name]; copied {
			return false
		}
	}
	now, err := g.store.Revision(ctx, a, g.Env)
	if err != nil || now != old.revision {
		return false // fetching reports what is wrong
	}
	files := make([]plannedFile, 0, len(old.files))
	for name, s := range old.sums {
		path := filepath.Join(p.Dir, filepath.FromSlash(name))
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || !sameMode(info.Mode().Perm(), s.mode) {
			return false
		}
		if text, err := readWhole(path); err != nil || sumOf(text) != s.sum {
			return false
		}
		files = append(files, plannedFile{name: name, mode: s.mode, kept: s.sum})
	}
	p.files, p.revision = files, now
	p.addOwn()
	return true
}

// manifest is what is written down of a component.
func (p *planned) manifest() (*manifest, error) {
	m := &manifest{owner: p.owner, name: p.Name, isStack: p.IsStack, source: p.source, revision: p.revision, sums: map[string]fileSum{}}
	for _, f := range p.files {
		m.files = append(m.files, f.name)
		if p.revision == "" || f.own {
			continue
		}
		sum := f.kept
		if sum == "" {
			text, err := f.text()
			if err != nil {
				return nil, err
			}
			sum = sumOf(text)
		}
		m.sums[f.name] = fileSum{f.mode, sum}
	}
	return m, nil
}
