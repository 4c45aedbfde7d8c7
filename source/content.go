package source

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Content is a store of fetched files that all runs of a user on one machine
// share. Files lie there once by the SHA-256 of what is in them (blobs), and
// what a source held at a moment is a list of them (a tree) under a key: the
// commit of a git repository, the validator of a web server, or the hash of
// the list itself.
//
// Nothing in it is ever changed: all is written under another name, renamed
// when it is whole, and a tree only after its blobs. So a process that is
// killed leaves a store that works. Writes are not synced; what is read is
// checked instead, and what is damaged is fetched again.
type Content struct {
	root string
	log  *slog.Logger

	// sound holds the hashes of blobs whose bytes were compared. It lives as
	// long as the process: a blob is not changed, and reading it once more for
	// each unit would cost more than a copy. That it is still there, and as
	// long, is looked at each time.
	mu    sync.Mutex
	sound map[string]bool
	added atomic.Bool // something was stored, so that limits may be passed
	// removing counts the folders that are being removed; Store.Close waits.
	removing sync.WaitGroup
}

// Parts of the store, as folders below its root.
const (
	contentBlobs = "blobs" // HH/HASH, read-only
	contentTrees = "trees" // HH/KEY; the time is that of the last use
	contentRefs  = "refs"  // tags seen, one file a repository
	contentLocks = "locks" // never removed while the store is in use
	contentTemp  = "tmp"   // what is being fetched; leftovers go with a prune
)

// NewContent opens the store in a folder, which is made when something is
// put there. Nil for log discards.
func NewContent(dir string, log *slog.Logger) *Content {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Content{root: dir, log: log, sound: map[string]bool{}}
}

// Root is the folder of the store.
func (c *Content) Root() string { return c.root }

func (c *Content) blobPath(hash string) string {
	return filepath.Join(c.root, contentBlobs, hash[:2], hash)
}

func (c *Content) treePath(key string) string {
	return filepath.Join(c.root, contentTrees, digest(key)[:2], key)
}

// lockPath shares 4096 files between all names, since they are never removed.
// Two that meet wait for each other, which is rare; nobody holds two at once.
func (c *Content) lockPath(name string) string {
	return filepath.Join(c.root, contentLocks, digest(name)[:3]+".lock")
}

// temp makes a folder for a download. It lies in the store, so that files
// are moved to their places and not copied.
func (c *Content) temp() (string, error) {
	parent := filepath.Join(c.root, contentTemp)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return "", err
	}
	return os.MkdirTemp(parent, "fetch-")
}

// write puts a small file of the store in its place, whole or not at all.
func (c *Content) write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp := path + "." + rand.Text()[:8] + ".tmp"
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		_ = os.Remove(temp)
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return nil
}

// lock keeps other processes from fetching the same thing at the same time.
func (c *Content) lock(ctx context.Context, name string) (*pathLock, error) {
	if err := os.MkdirAll(c.root, 0o700); err != nil {
		return nil, err
	}
	return acquire(ctx, c.lockPath(name), c.log)
}

// digest is the SHA-256 of a text in hexadecimal.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
