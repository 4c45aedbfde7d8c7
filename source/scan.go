package source

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// folder is what will be copied of one folder, in lexical order.
type folder struct {
	items []item
}

// item is one entry: a folder when dir is set, a symbolic link when link is,
// else a file.
type item struct {
	name string
	dir  *folder
	link string
	stat func() (fs.FileInfo, error)

	// Of a file in the content store: where it is, how long, and the mode that
	// a copy gets. Stat is not set then.
	blob string
	size int64
	mode fs.FileMode
}

// find returns the entry of that name.
func (f *folder) find(name string) *item {
	if f == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(f.items, name, func(it item, name string) int {
		return strings.Compare(it.name, name)
	})
	if !ok {
		return nil
	}
	return &f.items[i]
}

// scanner lists what is to be copied from a folder.
//
// A folder of this machine is trusted: links in it are followed and their
// targets copied as content. A fetched tree is not: a link is kept as a link,
// and only when it ends inside the tree.
type scanner struct {
	root   string
	filter *filter
	follow bool
	skip   []fs.FileInfo // folders never entered: the cache that is written to
	log    *slog.Logger
}

func (s *scanner) scan(ctx context.Context) (*folder, error) {
	info, err := os.Stat(s.root)
	if err != nil {
		return nil, err
	}
	return s.folder(ctx, nil, []fs.FileInfo{info})
}

// folder reads the folder at rel; above holds it and its ancestors, by which
// a link that leads back to one of them is known.
func (s *scanner) folder(ctx context.Context, rel []string, above []fs.FileInfo) (*folder, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(s.path(rel))
	if err != nil {
		return nil, err
	}
	out := &folder{items: make([]item, 0, len(entries))}
	for _, e := range entries {
		it, err := s.item(ctx, append(rel[:len(rel):len(rel)], e.Name()), e, above)
		if err != nil {
			return nil, err
		}
		if it != nil {
			out.items = append(out.items, *it)
		}
	}
	return out, nil
}

func (s *scanner) item(ctx context.Context, rel []string, e fs.DirEntry, above []fs.FileInfo) (*item, error) {
	kind, stat := e.Type(), e.Info
	if kind&fs.ModeSymlink != 0 {
		if !s.follow {
			return s.link(rel)
		}
		// Ask the filter first: a link that is not wanted may dangle.
		if !s.filter.file(rel) && s.filter.dir(rel) == leave {
			return nil, nil
		}
		info, err := os.Stat(s.path(rel))
		if err != nil {
			s.log.Warn("not copying a link that leads nowhere", "path", s.path(rel))
			return nil, nil
		}
		kind, stat = info.Mode().Type(), func() (fs.FileInfo, error) { return info, nil }
	}
	switch {
	case kind.IsDir():
		return s.subfolder(ctx, rel, stat, above)
	case kind.IsRegular() && s.filter.file(rel):
		return &item{name: e.Name(), stat: stat}, nil
	}
	return nil, nil
}

func (s *scanner) subfolder(ctx context.Context, rel []string, stat func() (fs.FileInfo, error), above []fs.FileInfo) (*item, error) {
	verdict := s.filter.dir(rel)
	if verdict == leave {
		return nil, nil
	}
	info, err := stat()
	if err != nil {
		return nil, err
	}
	if contains(s.skip, info) {
		return nil, nil
	}
	if contains(above, info) {
		s.log.Warn("not following a link to a folder that it lies in", "path", s.path(rel))
		return nil, nil
	}
	inner, err := s.folder(ctx, rel, append(above[:len(above):len(above)], info))
	if err != nil {
		return nil, err
	}
	if verdict == transit && len(inner.items) == 0 {
		return nil, nil
	}
	return &item{name: rel[len(rel)-1], dir: inner, stat: stat}, nil
}

// link keeps a link of a fetched tree that ends inside the tree, in both
// senses: as written, and as the file system resolves it.
func (s *scanner) link(rel []string) (*item, error) {
	if !s.filter.file(rel) {
		return nil, nil
	}
	full := s.path(rel)
	target, err := os.Readlink(full)
	if err != nil {
		return nil, err
	}
	slashed := filepath.ToSlash(target)
	joined := path.Join(path.Join(rel[:len(rel)-1]...), slashed)
	if filepath.IsAbs(target) || path.IsAbs(slashed) || !filepath.IsLocal(filepath.FromSlash(joined)) || !s.inside(full) {
		s.log.Warn("not bringing a link that leaves the source or leads nowhere",
			"link", path.Join(rel...), "target", target)
		return nil, nil
	}
	return &item{name: rel[len(rel)-1], link: target}, nil
}

func (s *scanner) inside(full string) bool {
	root, err := filepath.EvalSymlinks(s.root)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(full)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(root, real)
	return err == nil && filepath.IsLocal(rel)
}

func (s *scanner) path(rel []string) string {
	return filepath.Join(s.root, filepath.Join(rel...))
}

func contains(list []fs.FileInfo, info fs.FileInfo) bool {
	return slices.ContainsFunc(list, func(other fs.FileInfo) bool { return os.SameFile(other, info) })
}
