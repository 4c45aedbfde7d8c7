package run

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
)

// Backend says what may be done to the storage of states on the way of a
// command. The zero value leaves it alone.
type Backend struct {
	Bootstrap bool // make what is missing
	Require   bool // fail where something would have to be created
	NoUpdate  bool // leave what is there as it is
	// Approve is asked before each change; nil is always yes. It may be called
	// from several goroutines.
	Approve func(ctx context.Context, u *config.Unit, c remote.Change) (bool, error)
}

func (b Backend) approve(ctx context.Context, u *config.Unit) remote.Approve {
	return func(c remote.Change) (bool, error) {
		if b.Approve == nil {
			return true, nil
		}
		return b.Approve(ctx, u, c)
	}
}

// NotThereError says that a backend is missing and may not be created.
type NotThereError struct {
	Unit   string
	Object string
}

func (e *NotThereError) Error() string {
	return fmt.Sprintf("remote_state of %s: %s does not exist, and --backend-require-bootstrap forbids to create it on the way. Create it with: terrace backend bootstrap --working-dir %s",
		e.Unit, e.Object, quoted(e.Unit))
}

// NotManagedError says that terrace does not know how to manage what a backend
// keeps.
type NotManagedError struct{ Backend, What string }

func (e *NotManagedError) Error() string {
	return fmt.Sprintf("%s is not implemented for the %s backend, which is left as it is", e.What, e.Backend)
}

// UnversionedError says that a state could not be brought back.
type UnversionedError struct{ Unit, Backend string }

func (e *UnversionedError) Error() string {
	return fmt.Sprintf("remote_state of %s: what the %s backend deletes here cannot be brought back, since it keeps no versions. Use --force if that is meant", e.Unit, e.Backend)
}

// bootstrap makes the backend of a unit on the way of a command that needs it.
func bootstrap(ctx context.Context, j *job) error {
	rs := j.cfg.RemoteState
	if rs == nil || rs.DisableInit || !touchesState(j.cmd.Name) {
		return nil
	}
	where := settings(rs, j.workDir, "")
	where.Env = j.env
	done, err := j.makeStorage(ctx, j.unit, where)
	for _, change := range done {
		j.log.Info("Backend: " + change.String())
	}
	var unmanaged *NotManagedError
	switch {
	case err == nil || isCancelled(err):
		return err
	case errors.As(err, &unmanaged):
		j.log.Debug(err.Error())
		return nil
	case errors.Is(err, remote.ErrRefused):
		j.log.Warn("The backend is left as it is")
		return nil
	}
	return j.unit.Blame(config.Setting{Block: "remote_state"}, "Cannot make this backend", err)
}

// touchesState says whether a command reads or writes the stored state.
func touchesState(command string) bool {
	switch command {
	case "init", "plan", "apply", "destroy", "refresh", "import", "output", "show", "state", "taint", "untaint", "console", "force-unlock", "workspace":
		return true
	}
	return false
}

// makeStorage makes what is missing of a backend, as far as the options allow.
func (r *Runner) makeStorage(ctx context.Context, u *config.Unit, where remote.Settings) ([]remote.Change, error) {
	storage, ok := r.places.Storage(where.Backend)
	if !ok {
		return nil, &NotManagedError{Backend: where.Backend, What: "backend bootstrap"}
	}
	if r.opts.Backend.NoUpdate {
		where.Config = maps.Clone(where.Config)
		where.Config["disable_bucket_update"] = true
	}
	if r.opts.Backend.Require {
		absent, err := r.places.Absent(ctx, storage, where)
		if err != nil {
			return nil, err
		}
		if absent != "" {
			return nil, &NotThereError{Unit: u.Dir(), Object: absent}
		}
	}
	if !r.opts.Backend.Bootstrap {
		return nil, nil
	}
	return storage.Bootstrap(ctx, where, r.opts.Backend.approve(ctx, u))
}

// MakeBackend makes the backend of a unit, whether or not its commands may. It
// tells what was done, also beside an error. A unit without remote_state has
// nothing to be made.
func (r *Runner) MakeBackend(ctx context.Context, u *config.Unit) ([]remote.Change, error) {
	where, err := r.stateOf(ctx, u)
	if err != nil || where == nil {
		return nil, err
	}
	return r.makeStorage(ctx, u, *where)
}

// stateOf says where the state of a unit is, nil where it does not say so
// itself.
func (r *Runner) stateOf(ctx context.Context, u *config.Unit) (*remote.Settings, error) {
	rs, err := u.RemoteState(ctx)
	if err != nil || rs == nil {
		return nil, err
	}
	place, err := r.place(ctx, u)
	if err != nil {
		return nil, err
	}
	where, err := r.settingsIn(ctx, u, rs, place)
	return &where, err
}

// DeleteState deletes the stored state of a unit. Without force it refuses
// where that could not be undone.
func (r *Runner) DeleteState(ctx context.Context, u *config.Unit, force bool) ([]remote.Change, error) {
	where, err := r.stateOf(ctx, u)
	if err != nil || where == nil {
		return nil, err
	}
	storage, managed := r.places.Storage(where.Backend)
	if !force {
		if err := keepsVersions(ctx, u, storage, *where); err != nil {
			return nil, err
		}
	}
	if !managed {
		return nil, &NotManagedError{Backend: where.Backend, What: "backend delete"}
	}
	r.outputs.Delete(u.Dir())
	return storage.Delete(ctx, *where, r.opts.Backend.approve(ctx, u))
}

// keepsVersions fails where what is deleted is gone. storage is nil for a
// backend that is not managed, of which that is not known.
func keepsVersions(ctx context.Context, u *config.Unit, storage remote.Storage, where remote.Settings) error {
	if storage == nil {
		return &UnversionedError{Unit: u.Dir(), Backend: where.Backend}
	}
	versioned, err := storage.Versioned(ctx, where)
	if err == nil && !versioned {
		err = &UnversionedError{Unit: u.Dir(), Backend: where.Backend}
	}
	return err
}
