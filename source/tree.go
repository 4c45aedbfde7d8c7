package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Tree is the files of a source where they lie on this machine, to be copied
// whole: hidden ones too, but not those of git or those that tools have made.
type Tree struct {
	Dir     string // absolute; of the wanted sub-path
	Fetched bool   // from elsewhere, so that it goes away when the Store is closed
	Files   []TreeFile
}

// TreeFile is one file of a Tree. A link is listed as what it leads to.
type TreeFile struct {
	Name string // slash separated, from the tree's folder
	Path string // absolute
	Mode fs.FileMode
}

// Tree finds the files of a source, fetching them if need be: once in a
// process, however many ask. env is that of the programs that fetch; nil is
// this process's own.
func (s *Store) Tree(ctx context.Context, a Address, env []string) (*Tree, error) {
	t, err := s.tree(ctx, a, env)
	if err != nil {
		return nil, s.fetchError(ctx, Request{Address: a}, err)
	}
	return t, nil
}

func (s *Store) tree(ctx context.Context, a Address, env []string) (*Tree, error) {
	if a.local != "" {
		return listTree(ctx, a, a.local)
	}
	st, err := s.stages.get(ctx, "tree "+a.Root(), func(ctx context.Context, dest string) (*folder, error) {
		return nil, s.stageTree(ctx, Request{Address: a, Env: env}, dest)
	})
	if err != nil {
		return nil, err
	}
	return listTree(ctx, a, st.dir)
}

// listTree lists the wanted sub-path of a source that lies in a folder.
func listTree(ctx context.Context, a Address, root string) (*Tree, error) {
	fetched := a.local == ""
	t := &Tree{Dir: filepath.Join(root, filepath.FromSlash(a.sub)), Fetched: fetched}
	if fetched && !isDir(t.Dir) || !fetched && a.sub != "" && isDir(root) && !isDir(t.Dir) {
		return nil, &SubdirError{Subdir: a.sub, Address: a.String()}
	}
	if err := mustBeDir(t.Dir); err != nil {
		return nil, err
	}
	l := &lister{ctx: ctx, tree: t}
	if fetched {
		l.root = root
	}
	if err := l.folder("", t.Dir, nil); err != nil {
		return nil, err
	}
	return t, nil
}

// stageTree brings a source to a folder as files that are nobody else's: what
// reads a Tree may run programs in it.
func (s *Store) stageTree(ctx context.Context, r Request, dest string) error {
	files, err := s.bring(ctx, r, dest)
	if err != nil || files == nil {
		return err
	}
	err = stageStored(ctx, files, dest)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Somebody has removed files of the content store in the meantime.
	s.log.Debug("the content store has lost files, fetching again", "error", err)
	if err := os.RemoveAll(dest); err != nil {
		return err
	}
	return s.download(ctx, r, dest)
}

func stageStored(ctx context.Context, files *folder, dest string) error {
	if err := os.MkdirAll(dest, 0o700); err != nil {
		return err
	}
	dir, err := os.OpenRoot(dest)
	if err != nil {
		return err
	}
	return errors.Join(copyStored(ctx, files, dir), dir.Close())
}

func copyStored(ctx context.Context, files *folder, to *os.Root) error {
	for _, it := range files.items {
		var err error
		switch {
		case ctx.Err() != nil:
			err = ctx.Err()
		case it.dir != nil:
			var inner *os.Root
			if inner, err = enter(to, it.name); err == nil {
				err = errors.Join(copyStored(ctx, it.dir, inner), inner.Close())
			}
		case it.link != "":
			err = putLink(to, it.name, it.link)
		default:
			err = putFileMode(it.blob, to, it.name, it.mode|0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lister walks a tree. In a fetched one, links must not lead out of the root.
type lister struct {
	ctx  context.Context
	tree *Tree
	root string // "" for a folder of this machine
}

// notCopied are folders that belong to tools and not to the source.
func notCopied(name string) bool {
	return slices.Contains([]string{".git", ".terraform", cacheFolder, ".terragrunt-stack"}, name)
}

func (l *lister) folder(name, dir string, above []fs.FileInfo) error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if contains(above, info) {
		return nil // a link to a folder that it lies in
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	above = append(above[:len(above):len(above)], info)
	for _, e := range entries {
		if isOurs(e.Name()) && !e.IsDir() {
			continue
		}
		if err := l.entry(path.Join(name, e.Name()), filepath.Join(dir, e.Name()), e, above); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) entry(name, full string, e fs.DirEntry, above []fs.FileInfo) error {
	if notCopied(e.Name()) {
		return nil
	}
	info, err := e.Info()
	if err != nil {
		return ignoreNotExist(err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		if l.root != "" && !(&scanner{root: l.root}).inside(full) {
			return nil
		}
		if info, err = os.Stat(full); err != nil {
			return nil // it leads nowhere
		}
	}
	switch {
	case info.IsDir():
		return l.folder(name, full, above)
	case info.Mode().IsRegular():
		l.tree.Files = append(l.tree.Files, TreeFile{Name: name, Path: full, Mode: info.Mode().Perm()})
	}
	return nil
}

// Within gives the address of another folder of the same source. It is an
// error for a path that leaves the source.
func (a Address) Within(sub string) (Address, error) {
	clean, err := cleanSubdir(sub)
	if err != nil {
		return Address{}, &AddressError{Address: a.String(), Err: err}
	}
	a.sub = clean
	return a, nil
}

// Text is the address as a user would write it, secrets included.
func (a Address) Text() string {
	if a.url == nil {
		return ""
	}
	if a.local != "" {
		if a.sub == "" {
			return a.local
		}
		return a.local + "//" + a.sub
	}
	return join(a.Root(), a.sub)
}
