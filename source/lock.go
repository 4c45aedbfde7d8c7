package source

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// pathLock keeps other processes, and other goroutines of this one, from
// writing the same cached copy. It is held while files are laid down and
// never during a download. The file stays: removing it would let two owners
// lock two files of one name.
type pathLock struct {
	file   *os.File
	waited bool // somebody else held it first
}

// lockPoll is how often a held lock is tried again.
const lockPoll = 25 * time.Millisecond

// acquire takes the lock, waiting for it as long as the context allows. A
// file system without locks is used without one.
func acquire(ctx context.Context, path string, log *slog.Logger) (*pathLock, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	l := &pathLock{file: f}
	for {
		held, err := tryLock(f)
		if err != nil {
			log.Debug("cannot lock the cache", "file", path, "error", err)
			return l, nil
		}
		if held {
			return l, nil
		}
		if !l.waited {
			l.waited = true
			log.Debug("waiting for another run that writes the same cache", "file", path)
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// release gives the lock back; closing the file does it.
func (l *pathLock) release() { _ = l.file.Close() }

// Lock keeps other processes, and other goroutines of this one, that name the
// same file out until release is called. It waits as long as the context
// allows, and tells whether it had to. The file stays. On a file system without
// locks nobody is kept out.
func Lock(ctx context.Context, path string, log *slog.Logger) (release func(), waited bool, err error) {
	l, err := acquire(ctx, path, log)
	if err != nil {
		return nil, false, err
	}
	return l.release, l.waited, nil
}

// TryLock is Lock for those who do not wait: held is false where somebody else
// has the file. The lock ends with the process, however that ends.
func TryLock(path string) (release func(), held bool, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, err
	}
	held, err = tryLock(f)
	if err != nil || !held {
		return nil, false, errors.Join(err, f.Close())
	}
	return func() { _ = f.Close() }, true, nil // closing ends the lock
}
