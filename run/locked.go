package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/shell"
)

// LockedError says that a unit's state is locked by somebody else.
type LockedError struct {
	Unit string        // folder
	Lock shell.Lock    // of the holder, as far as the backend tells
	Age  time.Duration // how long the lock has been held, 0 where that is not known
	Err  error         // of the process
}

func (e *LockedError) Error() string {
	text := "the state is locked"
	if e.Err != nil {
		text = e.Err.Error() + "\nThe state is locked"
	}
	l := e.Lock
	if l.ID == "" && l.Who == "" {
		return text + ", and the backend does not tell by whom. Its locks end with the session that holds them: wait for it, or end it."
	}
	text += fmt.Sprintf(" by %s for %s", or(l.Who, "somebody"), operation(l.Operation))
	if !l.Created.IsZero() {
		text += fmt.Sprintf(" since %s (%s ago)", l.Created.Local().Format("2006-01-02 15:04:05"), e.Age.Round(time.Second))
	}
	if l.Version != "" {
		text += ", with version " + l.Version
	}
	if l.Info != "" {
		text += ": " + l.Info
	}
	if l.ID == "" {
		return text + ".\nThe lock ends with that session: wait for it, or end it."
	}
	return text + fmt.Sprintf(".\nWait until that has ended. If it was killed and the lock is a leftover: terrace force-unlock %s --working-dir %s", quoted(l.ID), quoted(e.Unit))
}

// Unwrap gives the error of the process.
func (e *LockedError) Unwrap() error { return e.Err }

// operation is such as "apply" for "OperationTypeApply".
func operation(name string) string {
	return or(strings.ToLower(strings.TrimPrefix(name, "OperationType")), "an operation that it does not name")
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// explained puts an error about a lock into words that say what to do.
func (j *job) explained(ctx context.Context, err error) error {
	var already *LockedError
	l, ok := j.lockOf(ctx, err)
	if !ok || errors.As(err, &already) {
		return err
	}
	e := &LockedError{Unit: j.unit.Dir(), Lock: l, Err: err}
	if !l.Created.IsZero() {
		e.Age = max(0, time.Since(l.Created))
	}
	return e
}

// lockOf finds in an error who holds the lock that a command did not get. Where
// the binary shows only part of that, the backend is asked.
func (j *job) lockOf(ctx context.Context, err error) (shell.Lock, bool) {
	for _, exit := range exits(err) {
		l, ok := shell.LockRefused(exit.Stderr + "\n" + exit.Stdout)
		if !ok {
			continue
		}
		rs := j.cfg.RemoteState
		if rs == nil || l.Who != "" && rs.Backend != "pg" {
			return l, true
		}
		workspace, _ := j.workspace(j.env, j.workDir)
		where := settings(rs, j.workDir, workspace)
		where.Env = j.env
		if rs.Backend == "pg" {
			l = shell.Lock{} // what it shows is the lock that was asked for
		}
		holder, err := j.places.HolderOf(context.WithoutCancel(ctx), where)
		if err != nil || holder == nil || holder.ID != l.ID {
			j.log.Debug("asking the backend who holds the lock", "error", err)
			return l, true
		}
		return shell.Lock{
			ID: l.ID, Operation: holder.Operation, Who: holder.Who, Version: holder.Version, Created: holder.Created, Info: holder.Info,
		}, true
	}
	return shell.Lock{}, false
}

// Lock tells who holds the lock on a unit's state, nil for nobody. It fails
// with remote.ErrCannotAsk where the backend does not tell.
func (r *Runner) Lock(ctx context.Context, u *config.Unit) (*remote.Lock, error) {
	rs, err := u.RemoteState(ctx)
	if err != nil {
		return nil, err
	}
	place, err := r.place(ctx, u)
	if err != nil {
		return nil, err
	}
	if rs == nil {
		if namesBackend(place) {
			return nil, fmt.Errorf("the backend is set by the module: %w", remote.ErrCannotAsk)
		}
		rs = &config.RemoteState{Backend: "local"}
	}
	env, err := r.outputEnv(ctx, u, rs.Backend)
	if err != nil {
		return nil, err
	}
	workspace, ok := r.workspace(env, place)
	if !ok {
		return nil, fmt.Errorf("the workspace is not known: %w", remote.ErrCannotAsk)
	}
	where := settings(rs, place, workspace)
	where.Env = env
	return r.places.LockOf(ctx, where)
}

// ReleaseLock has the binary remove a lock from a unit's state.
func (r *Runner) ReleaseLock(ctx context.Context, u *config.Unit, id string, out Streams) error {
	args := shell.Argv{"force-unlock", "-force", id}
	_, err := r.Run(ctx, u, Command{Name: "force-unlock", Args: args}, out)
	return err
}
