package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Limits of a content store; zero is none.
type Limits struct {
	MaxAge  time.Duration // since a tree was last used
	MaxSize int64         // bytes of all blobs
}

// DefaultLimits are those that a run keeps by itself.
func DefaultLimits() Limits { return Limits{MaxAge: 30 * 24 * time.Hour, MaxSize: 10 << 30} }

const (
	// inUse protects what another process may be about to link: it is never
	// pruned so soon after its last use.
	inUse = time.Hour
	// tidyEvery is how often runs look at the limits.
	tidyEvery = time.Hour
)

// Usage says what a content store holds.
type Usage struct {
	Trees, Files int
	Bytes        int64     // of the files
	Oldest       time.Time // last use of the tree that was not used for the longest time
}

// Usage counts without reading the files.
func (c *Content) Usage(ctx context.Context) (Usage, error) {
	var u Usage
	blobs, err := c.blobs(ctx)
	if err != nil {
		return u, err
	}
	for _, b := range blobs {
		u.Files++
		u.Bytes += b.size
	}
	trees, err := c.trees(ctx)
	u.Trees = len(trees)
	if len(trees) > 0 {
		u.Oldest = trees[0].used
	}
	return u, err
}

// Pruned says what was removed from a content store.
type Pruned struct {
	Trees, Files int
	Bytes        int64
}

// Prune removes the trees that were not used for longer than the limit, then
// those used longest ago until the size fits, then all files that no tree
// names. What was used within the last hour stays, since another process may
// be at work with it. With dry nothing is removed.
func (c *Content) Prune(ctx context.Context, l Limits, dry bool) (Pruned, error) {
	if _, err := os.Stat(c.root); err != nil {
		return Pruned{}, ignoreNotExist(err)
	}
	lock, err := c.lock(ctx, "prune")
	if err != nil {
		return Pruned{}, err
	}
	defer lock.release()
	p := &pruning{Content: c, now: time.Now(), dry: dry, uses: map[string]int{}}
	if err := p.load(ctx); err != nil {
		return Pruned{}, err
	}
	p.chooseTrees(l)
	err = errors.Join(p.dropBlobs(ctx), p.dropLeftovers(ctx))
	return p.done, err
}

// tidy keeps the usual limits, at most once in a while.
func (c *Content) tidy() {
	if !c.added.Swap(false) {
		return
	}
	stamp := filepath.Join(c.root, "tidied")
	if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < tidyEvery {
		return
	}
	if err := c.write(stamp, nil); err != nil {
		c.log.Debug("cannot tidy the store", "error", err)
		return
	}
	done, err := c.Prune(context.Background(), DefaultLimits(), false)
	c.log.Debug("tidied the download store", "files", done.Files, "bytes", done.Bytes, "error", err)
}

// storedFile is a blob or a tree on disk.
type storedFile struct {
	path string
	size int64
	used time.Time
}

func (c *Content) blobs(ctx context.Context) ([]storedFile, error) {
	return listStored(ctx, filepath.Join(c.root, contentBlobs))
}

// trees come in the order of their last use.
func (c *Content) trees(ctx context.Context) ([]storedFile, error) {
	list, err := listStored(ctx, filepath.Join(c.root, contentTrees))
	slices.SortStableFunc(list, func(a, b storedFile) int { return a.used.Compare(b.used) })
	return list, err
}

func listStored(ctx context.Context, dir string) ([]storedFile, error) {
	var out []storedFile
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || strings.HasSuffix(path, ".tmp") {
			return ignoreNotExist(errors.Join(err, ctx.Err()))
		}
		info, err := d.Info()
		if err == nil {
			out = append(out, storedFile{path: path, size: info.Size(), used: info.ModTime()})
		}
		return ignoreNotExist(err)
	})
	return out, err
}

// pruning is one prune under way.
type pruning struct {
	*Content
	now   time.Time
	dry   bool
	trees []prunable
	uses  map[string]int // trees that name a blob, by its path
	sizes map[string]int64
	total int64
	done  Pruned
}

type prunable struct {
	storedFile
	blobs map[string]bool
}

func (p *pruning) load(ctx context.Context) error {
	blobs, err := p.blobs(ctx)
	if err != nil {
		return err
	}
	p.sizes = map[string]int64{}
	for _, b := range blobs {
		p.sizes[b.path] = b.size
		p.total += b.size
	}
	trees, err := p.Content.trees(ctx)
	for _, t := range trees {
		one := prunable{storedFile: t, blobs: map[string]bool{}}
		if data, err := os.ReadFile(t.path); err == nil {
			if files, err := p.decodeTree(data); err == nil {
				for _, it := range files.stored() {
					one.blobs[it.blob] = true
				}
			}
		}
		for blob := range one.blobs {
			p.uses[blob]++
		}
		p.trees = append(p.trees, one)
	}
	return err
}

// chooseTrees removes trees, and counts down the uses of their blobs. What no
// tree names will go too, so that it does not count for the size.
func (p *pruning) chooseTrees(l Limits) {
	for blob, size := range p.sizes {
		if p.uses[blob] == 0 {
			p.total -= size
		}
	}
	for _, t := range p.trees {
		age := p.now.Sub(t.used)
		tooOld := l.MaxAge > 0 && age > l.MaxAge
		tooMuch := l.MaxSize > 0 && p.total > l.MaxSize
		if age < inUse || !tooOld && !tooMuch || !p.remove(t.path) {
			continue
		}
		p.done.Trees++
		for blob := range t.blobs {
			if p.uses[blob]--; p.uses[blob] == 0 {
				p.total -= p.sizes[blob]
			}
		}
	}
}

// dropBlobs looks at the time once more: a process that stores a tree right
// now may have found one of them useful since.
func (p *pruning) dropBlobs(ctx context.Context) error {
	for path, size := range p.sizes {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if p.uses[path] > 0 {
			continue
		}
		info, err := os.Lstat(path)
		if err == nil && p.now.Sub(info.ModTime()) >= inUse && p.remove(path) {
			p.done.Files++
			p.done.Bytes += size
		}
	}
	return nil
}

// dropLeftovers removes what killed processes have left.
func (p *pruning) dropLeftovers(context.Context) error {
	entries, err := os.ReadDir(filepath.Join(p.root, contentTemp))
	if err != nil {
		return ignoreNotExist(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && p.now.Sub(info.ModTime()) > 24*time.Hour && !p.dry {
			err = os.RemoveAll(filepath.Join(p.root, contentTemp, e.Name()))
		}
		if err != nil {
			p.log.Debug("cannot remove a leftover of the store", "error", err)
		}
	}
	return nil
}

func (p *pruning) remove(path string) bool {
	if p.dry {
		return true
	}
	err := os.Remove(path)
	if err != nil {
		p.log.Debug("cannot prune", "error", err)
	}
	return err == nil
}

// Verified says what a look at every file of a content store has found.
type Verified struct {
	Trees, Files int
	Damaged      []string // removed, to be fetched again when they are needed
}

// Verify reads all files and trees and removes those that are damaged, and the
// trees that name a file which is not there.
func (c *Content) Verify(ctx context.Context) (Verified, error) {
	var v Verified
	blobs, err := c.blobs(ctx)
	if err != nil {
		return v, err
	}
	for _, b := range blobs {
		if ctx.Err() != nil {
			return v, ctx.Err()
		}
		v.Files++
		if compareBlob(b.path, -1) != nil {
			v.Damaged = append(v.Damaged, b.path)
			if err := os.Remove(b.path); err != nil {
				return v, err
			}
		}
	}
	trees, err := c.trees(ctx)
	for _, t := range trees {
		v.Trees++
		if c.wholeTree(t.path) {
			continue
		}
		v.Damaged = append(v.Damaged, t.path)
		if err := os.Remove(t.path); err != nil {
			return v, err
		}
	}
	return v, err
}

func (c *Content) wholeTree(path string) bool {
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	files, err := c.decodeTree(data)
	if err != nil {
		return false
	}
	for _, it := range files.stored() {
		if info, err := os.Lstat(it.blob); err != nil || info.Size() != it.size {
			return false
		}
	}
	return true
}
