package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// DamageError says that a file of the store is not what it was.
type DamageError struct {
	Path string
	Err  error
}

func (e *DamageError) Error() string { return fmt.Sprintf("%s is damaged: %v", e.Path, e.Err) }
func (e *DamageError) Unwrap() error { return e.Err }

var (
	errOtherSize  = errors.New("its size has changed")
	errOtherBytes = errors.New("its contents have changed")
)

// lookup gives the tree of a key when it is stored and sound, else nil. What
// is damaged is removed, so that it is fetched again.
func (c *Content) lookup(ctx context.Context, key string) *folder {
	file := c.treePath(key)
	data, err := os.ReadFile(file)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.log.Debug("cannot read the store", "error", err)
		}
		return nil
	}
	files, err := c.decodeTree(data)
	if err == nil {
		err = c.check(ctx, files.stored())
	}
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		c.log.Warn(fmt.Sprintf("The download store is damaged, fetching again: %v", err))
		_ = os.Remove(file)
		return nil
	}
	now := time.Now()
	_ = os.Chtimes(file, now, now) // only for the age limit
	return files
}

// check compares the blobs with their hashes, each once in a process and
// several at a time. A damaged one is removed.
func (c *Content) check(ctx context.Context, list []item) error {
	next := make(chan item)
	errs := make([]error, min(runtime.GOMAXPROCS(0), 4))
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			for it := range next {
				if err := c.checkBlob(it.blob, it.size); err != nil {
					errs[i] = err
				}
			}
		})
	}
	for _, it := range list {
		if ctx.Err() != nil {
			break
		}
		next <- it
	}
	close(next)
	wg.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

func (c *Content) checkBlob(path string, size int64) error {
	hash := filepath.Base(path)
	c.mu.Lock()
	known := c.sound[hash]
	c.mu.Unlock()
	if info, err := os.Lstat(path); known && err == nil && info.Size() == size {
		return nil
	}
	if err := compareBlob(path, size); err != nil {
		_ = os.Remove(path)
		return &DamageError{Path: path, Err: err}
	}
	c.setSound(hash)
	return nil
}

func (c *Content) setSound(hash string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sound[hash] = true
}

// compareBlob looks at the size first; a size below zero is not known.
func compareBlob(path string, size int64) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || size >= 0 && info.Size() != size {
		return errors.Join(err, errOtherSize)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != filepath.Base(path) {
		return errOtherBytes
	}
	return nil
}

// ingest moves the files of a folder into the store and writes their tree,
// under the hash of the list where there is no key. The items of files then
// name the blobs.
func (c *Content) ingest(ctx context.Context, key, dir string, files *folder) error {
	if err := c.ingestFolder(ctx, dir, files); err != nil {
		return err
	}
	data := encodeTree(files)
	if key == "" {
		key = "tree-" + digest(string(data))
	}
	c.added.Store(true)
	return c.write(c.treePath(key), data)
}

func (c *Content) ingestFolder(ctx context.Context, dir string, f *folder) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for i := range f.items {
		it := &f.items[i]
		full := filepath.Join(dir, it.name)
		var err error
		switch {
		case it.dir != nil:
			err = c.ingestFolder(ctx, full, it.dir)
		case it.link == "":
			err = c.ingestFile(full, it)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Content) ingestFile(path string, it *item) error {
	hash, info, err := hashFile(path)
	if err != nil {
		return err
	}
	it.blob, it.size, it.mode = c.blobPath(hash), info.Size(), 0o444
	if info.Mode().Perm()&0o111 != 0 {
		it.mode = 0o555
	}
	now := time.Now()
	if _, err := os.Lstat(it.blob); err == nil && c.checkBlob(it.blob, it.size) == nil {
		_ = os.Chtimes(it.blob, now, now) // a prune leaves alone what is new
		return nil
	}
	if err := os.Chmod(path, it.mode); err != nil {
		return err
	}
	if now.Sub(info.ModTime()).Abs() > time.Minute {
		if err := os.Chtimes(path, now, now); err != nil {
			return err
		}
	}
	if err := moveTo(path, it.blob); err != nil {
		return err
	}
	c.setSound(hash)
	return nil
}

// moveTo renames a file, into a folder that is made if need be.
func moveTo(path, to string) error {
	err := os.Rename(path, to)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Rename(path, to)
}

func hashFile(path string) (string, fs.FileInfo, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", nil, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", nil, err
	}
	return hex.EncodeToString(h.Sum(nil)), info, nil
}
