package bundle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/terrace-iac/terrace/review"
)

// round writes down what has to be asked, as a bundle that continues the one
// before, and asks where there is somebody. Without an error the answer was
// yes, and the same wave goes on.
func (a *application) round(ctx context.Context, asked []*pending) error {
	s, err := a.writeRound(ctx, asked)
	if err != nil {
		return err
	}
	a.bundle.Rounds = append(a.bundle.Rounds, s)
	for _, p := range asked {
		place := a.places[p.place.unit.Path]
		place.current, place.moved = a.current(place.unit.Path), ""
	}
	env := a.opts.Environment
	if env.Approvals == 0 {
		return a.ask(ctx, s)
	}
	_, err = a.approved(ctx, a.bundle.Dir, s, env)
	var waiting *WaitingError
	if errors.As(err, &waiting) {
		for _, u := range s.Manifest.Units {
			waiting.Why = append(waiting.Why, u.Path+": "+u.Why)
		}
	}
	return err
}

func (a *application) writeRound(ctx context.Context, asked []*pending) (*Sealed, error) {
	base, parent := a.bundle.Base.Manifest, a.bundle.Newest()
	now := a.Now().UTC().Truncate(time.Second)
	n := len(a.bundle.Rounds) + 1
	m := &Manifest{
		Format: Format, ID: fmt.Sprintf("%s-%d", base.ID, n), Created: now, Expires: now.Add(base.Expires.Sub(base.Created)),
		Parent: parent.Digest, Round: n, Repository: base.Repository, Environment: base.Environment, Commit: base.Commit, Since: base.Since,
		Creator: a.opts.Creator.Person, Tool: a.Tool, Encrypted: base.Encrypted, EncryptedTo: base.EncryptedTo, Pages: []Artefact{},
	}
	if a.Repo != nil {
		var err error
		if m.Commit, _, err = a.Repo.Head(ctx); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(a.bundle.Dir, "rounds"), 0o700); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp(filepath.Join(a.bundle.Dir, "rounds"), ".new-")
	if err != nil {
		return nil, err
	}
	f := folder{dir: tmp}
	if base.Encrypted {
		if f.to, err = Recipients(base.EncryptedTo); err != nil {
			return nil, errors.Join(err, os.RemoveAll(tmp))
		}
	}
	if err := sealRound(f, m, asked, a.opts.Creator); err != nil {
		return nil, errors.Join(err, os.RemoveAll(tmp))
	}
	dir := roundDir(a.bundle.Dir, n)
	if err := os.Rename(tmp, dir); err != nil {
		return nil, err
	}
	return openSealed(dir, a.opts.Identities)
}

func sealRound(f folder, m *Manifest, asked []*pending, creator Identity) error {
	slices.SortFunc(asked, func(x, y *pending) int {
		return cmp.Or(cmp.Compare(x.place.unit.Wave, y.place.unit.Wave), cmp.Compare(x.place.unit.Path, y.place.unit.Path))
	})
	var models []review.Unit
	for _, p := range asked {
		u := p.place.unit
		u.Status, u.Why, u.State, u.Artefacts, u.Mocked = Planned, p.why, p.state, []Artefact{}, []Mocked{}
		u.WorkDir, u.Binary, u.Content = p.workDir, p.place.found.binary, p.place.found.content
		if err := p.put(f, &u, p.place.found.list); err != nil {
			return err
		}
		m.Units = append(m.Units, u)
		models = append(models, p.model)
	}
	return seal(f, m, models, creator)
}
