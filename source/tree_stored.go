package source

import (
	"context"
	"path"
	"slices"
)

// List is Tree for who reads files and needs no folder: those of the content
// store are listed where they lie, and Dir is "".
func (s *Store) List(ctx context.Context, a Address, env []string) (*Tree, error) {
	t, err := s.list(ctx, a, env)
	if err != nil {
		return nil, s.fetchError(ctx, Request{Address: a}, err)
	}
	return t, nil
}

func (s *Store) list(ctx context.Context, a Address, env []string) (*Tree, error) {
	if a.local != "" {
		return listTree(ctx, a, a.local)
	}
	r := Request{Address: a, Env: env}
	st, err := s.stages.get(ctx, r.stageKey(), func(ctx context.Context, dest string) (*folder, error) {
		return s.bring(ctx, r, dest)
	})
	if err != nil {
		return nil, err
	}
	if st.files == nil {
		return listTree(ctx, a, st.dir)
	}
	at := st.files.resolve(a.sub)
	if at == nil || at.dir == nil {
		return nil, &SubdirError{Subdir: a.sub, Address: a.String()}
	}
	l := storedLister{root: st.files, tree: &Tree{Fetched: true}}
	l.folder(a.sub, "", []*folder{at.dir})
	return l.tree, nil
}

// storedLister is lister for what is in the content store.
type storedLister struct {
	root *folder
	tree *Tree
}

// folder lists the last of a chain of folders, which is at a path of the root
// and called name in the tree.
func (l *storedLister) folder(at, name string, chain []*folder) {
	for _, it := range chain[len(chain)-1].items {
		target := &it
		if it.link != "" {
			target = l.root.resolve(path.Join(at, it.name))
		}
		if target == nil || notCopied(it.name) || isOurs(it.name) && target.dir == nil {
			continue
		}
		below := path.Join(name, it.name)
		switch {
		case target.dir == nil:
			l.tree.Files = append(l.tree.Files, TreeFile{Name: below, Path: target.blob, Mode: target.mode | 0o600})
		case !slices.Contains(chain, target.dir): // else a link to a folder that it lies in
			l.folder(path.Join(at, it.name), below, append(slices.Clip(chain), target.dir))
		}
	}
}
