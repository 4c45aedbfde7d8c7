package remote

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ErrRefused says that somebody was asked and said no. What was done before
// stays done.
var ErrRefused = errors.New("refused")

// ErrStateExists says that a state would have been overwritten.
var ErrStateExists = errors.New("the destination holds a state")

// Change is one step that makes or alters what a backend keeps.
type Change struct {
	Action string // create, update, delete or move
	Object string // such as "bucket my-states"
	Detail string // what becomes of it, such as "versioning on"; may be ""
}

func (c Change) String() string {
	text := c.Action + " " + c.Object
	if c.Detail != "" {
		text += ": " + c.Detail
	}
	return text
}

// Approve is asked before each change. False ends the work with ErrRefused.
type Approve func(Change) (bool, error)

// Location is one state that a container holds.
type Location struct {
	Key       string // as the settings would name it, such as "dev/vpc/terraform.tfstate"
	Workspace string // "" is the default workspace
	Modified  time.Time
}

// Storage is a backend whose storage terrace can make, look into and clear.
// Each method is idempotent: done twice, the second time changes nothing.
type Storage interface {
	Backend
	// Missing tells what Bootstrap would do. It only reads.
	Missing(ctx context.Context, s Settings) ([]Change, error)
	// Bootstrap makes what is missing, each step after it was approved, and
	// gives the steps that were done, also beside an error.
	Bootstrap(ctx context.Context, s Settings, approve Approve) ([]Change, error)
	// Versioned tells whether a deleted state could be brought back.
	Versioned(ctx context.Context, s Settings) (bool, error)
	// Delete removes one state and what locks leave behind of it.
	Delete(ctx context.Context, s Settings, approve Approve) ([]Change, error)
	// Move brings a state from one place to another of the same type: it holds
	// both locks, copies, compares, and only then deletes. ErrNoState when
	// there is nothing to move, ErrStateExists when there is something to lose.
	Move(ctx context.Context, from, to Settings, approve Approve) ([]Change, error)
	// List gives every state that the container of the settings holds, in the
	// order of their keys.
	List(ctx context.Context, s Settings) ([]Location, error)
}

// Storage gives the backend of a type, and whether its storage can be managed.
func (c *Connections) Storage(backend string) (Storage, bool) {
	storage, ok := c.For(backend).(Storage)
	return storage, ok
}

// StorageOf is Storage with connections of its own.
func StorageOf(backend string) (Storage, bool) { return new(Connections).Storage(backend) }

// HeldError says that a state cannot be touched since somebody works on it.
type HeldError struct {
	Where string
	Lock  Lock
}

func (e *HeldError) Error() string {
	text := e.Where + ": the state is locked"
	if e.Lock.Who != "" {
		text += " by " + e.Lock.Who
	}
	if e.Lock.Operation != "" {
		text += " for " + strings.ToLower(strings.TrimPrefix(e.Lock.Operation, "OperationType"))
	}
	if !e.Lock.Created.IsZero() {
		text += " since " + e.Lock.Created.Local().Format(time.DateTime)
	}
	if e.Lock.ID != "" {
		text += ", lock ID " + e.Lock.ID
	}
	return text + ": wait until that has ended, or release a lock that was left behind with force-unlock"
}
