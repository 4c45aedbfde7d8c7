package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ErrCannotAsk says that a backend does not tell who holds a lock without
// taking it.
var ErrCannotAsk = errors.New("this backend does not tell who holds a lock")

// Lock is a lock on a state, as its holder has written it down.
type Lock struct {
	ID        string
	Operation string // such as OperationTypeApply
	Who       string // user@host
	Version   string // of the holder's binary
	Created   time.Time
	Info      string
}

// locker is a backend that can be asked for locks.
type locker interface {
	// Lock gives the lock that is held, nil for none.
	Lock(ctx context.Context, s Settings) (*Lock, error)
}

// HolderOf gives the lock on a state that is known to be locked. Some backends
// tell only by refusing the lock to a second one.
func (c *Connections) HolderOf(ctx context.Context, s Settings) (*Lock, error) {
	if h, ok := c.For(s.Backend).(interface {
		Holder(context.Context, Settings) (*Lock, error)
	}); ok {
		return h.Holder(ctx, s)
	}
	return c.LockOf(ctx, s)
}

// LockOf gives the lock on a state, nil if nobody holds one, and ErrCannotAsk
// for backends that do not tell.
func (c *Connections) LockOf(ctx context.Context, s Settings) (*Lock, error) {
	if l, ok := c.For(s.Backend).(locker); ok {
		return l.Lock(ctx, s)
	}
	return nil, fmt.Errorf("%s: %w", s.Backend, ErrCannotAsk)
}

// Lock reads the file that the binary writes beside a locked state. The lock
// itself is one of the operating system, which ends with its process; the file
// of a process that was killed stays behind and locks nothing.
func (local) Lock(ctx context.Context, s Settings) (*Lock, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, err := localPath(s)
	if err != nil {
		return nil, err
	}
	dir, name := filepath.Split(path)
	b, err := os.ReadFile(filepath.Join(dir, "."+strings.TrimPrefix(name, ".")+".lock.info"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var l Lock
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("the lock of %s cannot be read: %w", path, err)
	}
	if held, known := fileLocked(path); known && !held {
		return nil, nil
	}
	return &l, nil
}

// HolderOf is that of Connections, with connections of its own.
func HolderOf(ctx context.Context, s Settings) (*Lock, error) {
	return new(Connections).HolderOf(ctx, s)
}

// LockOf is that of Connections, with connections of its own.
func LockOf(ctx context.Context, s Settings) (*Lock, error) { return new(Connections).LockOf(ctx, s) }
