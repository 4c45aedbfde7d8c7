package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/shell"
)

// NoRemoteStateError says that a unit does not tell where its state is.
type NoRemoteStateError struct{ Unit string }

func (e *NoRemoteStateError) Error() string {
	return e.Unit + " has no remote_state, so there is nothing to migrate from or to"
}

// Migration is a state that goes from the backend of one unit to that of
// another.
type Migration struct {
	From, To *config.Unit
	Force    bool // also where the source could not be brought back
}

// Migrate moves a state between backends of the same type, and copies it
// between those of different types, where the source is kept. What was done is
// told, also beside an error.
func (r *Runner) Migrate(ctx context.Context, m Migration, out Streams) ([]remote.Change, error) {
	var ends [2]remote.Settings
	for i, u := range []*config.Unit{m.From, m.To} {
		where, err := r.stateOf(ctx, u)
		if err == nil && where == nil {
			err = &NoRemoteStateError{Unit: u.Dir()}
		}
		if err != nil {
			return nil, err
		}
		ends[i] = *where
	}
	defer r.outputs.Delete(m.From.Dir())
	defer r.outputs.Delete(m.To.Dir())
	storage, managed := r.places.Storage(ends[0].Backend)
	if ends[0].Backend != ends[1].Backend || !managed || len(ends[0].Encryption)+len(ends[1].Encryption) > 0 {
		return r.copyState(ctx, m, out)
	}
	if !m.Force {
		if err := keepsVersions(ctx, m.From, storage, ends[0]); err != nil {
			return nil, err
		}
	}
	return storage.Move(ctx, ends[0], ends[1], r.opts.Backend.approve(ctx, m.From))
}

// copyState has the binary read the state in one unit and write it in the
// other.
func (r *Runner) copyState(ctx context.Context, m Migration, out Streams) ([]remote.Change, error) {
	text, err := r.pull(ctx, m.From, out)
	if err == nil && !holdsState(text) {
		err = remote.ErrNoState
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.From.Dir(), err)
	}
	there, err := r.pull(ctx, m.To, out)
	if err == nil && holdsState(there) {
		err = remote.ErrStateExists
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.To.Dir(), err)
	}
	change := remote.Change{Action: "copy", Object: "the state of " + m.From.Dir(), Detail: "to " + m.To.Dir() + "; the source is kept"}
	ok, err := r.opts.Backend.approve(ctx, m.From)(change)
	if err == nil && !ok {
		err = remote.ErrRefused
	}
	if err == nil {
		err = r.push(ctx, m.To, text, out)
	}
	if err != nil {
		return nil, err
	}
	return []remote.Change{change}, nil
}

// holdsState says whether what `state pull` prints is more than the empty
// state that some binaries print for none.
func holdsState(text []byte) bool {
	lineage, serial, ok := stateMark(text)
	return len(bytes.TrimSpace(text)) > 0 && (!ok || lineage != "" || serial > 0)
}

// pull gives a unit's state as the binary prints it.
func (r *Runner) pull(ctx context.Context, u *config.Unit, out Streams) ([]byte, error) {
	var text []byte
	err := r.withState(ctx, u, out, func(ctx context.Context, p *pushing) error {
		var err error
		text, err = p.tofu(ctx, "state", "pull")
		return err
	})
	return text, err
}

// push gives a unit a state and reads it again.
func (r *Runner) push(ctx context.Context, u *config.Unit, text []byte, out Streams) error {
	return r.withState(ctx, u, out, func(ctx context.Context, p *pushing) (err error) {
		file, err := os.CreateTemp("", "terrace-*.tfstate") // only for us to read
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
		_, err = file.Write(text)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		if _, err := p.tofu(ctx, "state", "push", file.Name()); err != nil {
			return err
		}
		stored, err := p.tofu(ctx, "state", "pull")
		// Where there was no state, Terraform gives what it writes a lineage and
		// a serial of its own.
		if err == nil && !sameBut(stored, text, "terraform_version", "serial", "lineage") {
			err = fmt.Errorf("%s: the state that was written reads differently; the source is left as it was", u.Dir())
		}
		return err
	})
}

// withState prepares a unit, with the backend that it may make, and does
// something to its state.
func (r *Runner) withState(ctx context.Context, u *config.Unit, out Streams, do func(context.Context, *pushing) error) error {
	last := step{"state", func(ctx context.Context, j *job) error {
		if err := j.retrying(ctx, j.ensureInit); err != nil {
			return err
		}
		return do(ctx, &pushing{job: j})
	}}
	c := Command{Name: "state", Args: shell.Argv{"state", "pull"}}
	list := r.steps()
	_, err := r.walk(ctx, u, c, out, append(list[:len(list)-1], last))
	return err
}
