package bundle

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"filippo.io/age"

	"github.com/terrace-iac/terrace/review"
)

// ApplyOptions say what is applied, and by whose rules.
type ApplyOptions struct {
	Dir         string
	Environment Environment
	Identities  []age.Identity
	Creator     Identity // of rounds
	// Ask shows a round to a person, who says yes or no. nil where there is
	// nobody; it is not called where signatures are asked for.
	Ask func(ctx context.Context, r *review.Review) (bool, error)
}

// Applied is how an apply went.
type Applied struct {
	Votes   []Vote
	Changed int // units that the binary has changed this time
}

// application is a bundle that is being applied.
type application struct {
	*Engine
	opts    ApplyOptions
	bundle  *Bundle
	journal *journal
	secrecy
	places map[string]*place // by unit; filled before any change
	result Applied
	mu     sync.Mutex // guards result
}

// place is what was found out about a unit before any change.
type place struct {
	current
	found surroundings
	moved string // why its saved plan cannot be used here, "" if it can
}

// current is the newest plan of a unit.
type current struct {
	unit   Unit
	sealed *Sealed
}

// Apply applies what was reviewed and not applied yet. The error is a
// *WaitingError where a person has to be asked; whatever stops it, it can be
// called again.
func Apply(ctx context.Context, e *Engine, o ApplyOptions) (*Applied, error) {
	b, err := Open(o.Dir, o.Identities)
	if err != nil {
		return nil, err
	}
	a := &application{Engine: e, opts: o, bundle: b, places: map[string]*place{}}
	if err := a.admit(ctx); err != nil {
		return &a.result, err
	}
	if a.secrecy, err = a.learn(); err != nil {
		return &a.result, err
	}
	release, err := hold(o.Dir)
	if err != nil {
		return &a.result, err
	}
	defer release()
	if a.journal, err = openJournal(o.Dir); err != nil {
		return &a.result, err
	}
	defer a.journal.close()
	if err := a.verify(ctx); err != nil {
		return &a.result, err
	}
	for wave := 1; wave <= a.waves(); {
		asked, err := a.wave(ctx, wave)
		if err != nil {
			return &a.result, err
		}
		if len(asked) == 0 {
			wave++
			continue
		}
		if err := a.round(ctx, asked); err != nil {
			return &a.result, err
		}
	}
	return &a.result, a.noteApplied(ctx)
}

// admit checks all that does not depend on a unit.
func (a *application) admit(ctx context.Context) error {
	for _, s := range append([]*Sealed{a.bundle.Base}, a.bundle.Rounds...) {
		m := s.Manifest
		if m.Environment != a.opts.Environment.Name {
			return fmt.Errorf("the bundle is for the environment %q, and its units belong to %q now", m.Environment, a.opts.Environment.Name)
		}
		if s == a.bundle.Newest() && a.Now().After(m.Expires) {
			return &ExpiredError{m.Expires}
		}
	}
	if err := a.atTip(ctx); err != nil {
		return err
	}
	for _, s := range append([]*Sealed{a.bundle.Base}, a.bundle.Rounds...) {
		votes, err := a.approved(ctx, a.bundle.Dir, s, a.opts.Environment)
		a.result.Votes = append(a.result.Votes, votes...)
		if err != nil {
			return err
		}
		if a.opts.Environment.Approvals == 0 && s.Manifest.Round > 0 && !s.accepted() {
			if err := a.ask(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// atTip refuses to apply from a commit that is not the newest one, where the
// environment belongs to branches.
func (a *application) atTip(ctx context.Context) error {
	if len(a.opts.Environment.Branches) == 0 || a.Repo == nil {
		return nil
	}
	head, _, err := a.Repo.Head(ctx)
	if err != nil {
		return err
	}
	first := ""
	for _, branch := range a.opts.Environment.Branches {
		tip, err := a.Repo.RemoteTip(ctx, branch)
		if err != nil {
			return err
		}
		if tip.Commit == head {
			return nil
		}
		if first == "" {
			first = fmt.Sprintf("%s (%s)", tip.Short(), tip.Commit)
		}
	}
	return fmt.Errorf("%s is changed only from %s, and %s is checked out: check that out, and make a new bundle if its units have changed", a.opts.Environment.Name, first, head)
}

// ask has a person say yes to a round where no signatures are asked for.
func (a *application) ask(ctx context.Context, s *Sealed) error {
	waiting := &WaitingError{Dir: a.bundle.Dir, Round: s.Manifest.Round}
	for _, u := range s.Manifest.Units {
		waiting.Why = append(waiting.Why, u.Path+": "+u.Why)
	}
	if a.opts.Ask == nil {
		return waiting
	}
	page, err := s.Review()
	if err != nil {
		return err
	}
	yes, err := a.opts.Ask(ctx, page)
	if err != nil {
		return err
	}
	if !yes {
		return waiting
	}
	_, err = s.accept(a.opts.Creator.Person, a.Now())
	return err
}

// learn gives the key of the bundle, and what it has hidden.
func (a *application) learn() (secrecy, error) {
	key, err := a.bundle.key()
	if err != nil {
		return secrecy{}, err
	}
	s := secrecy{key: key, secrets: review.NewSecrets()}
	for _, u := range a.bundle.Base.Manifest.Units {
		if plan, ok := u.artefact("plan.json"); ok {
			text, err := a.bundle.Base.get(plan)
			if err != nil {
				return s, err
			}
			s.secrets.Learn(text)
		}
	}
	return s, nil
}

// current gives the newest plan of a unit: that of the last round that has it.
func (a *application) current(path string) current {
	for i := len(a.bundle.Rounds) - 1; i >= 0; i-- {
		if u, ok := a.bundle.Rounds[i].Manifest.unit(path); ok {
			return current{u, a.bundle.Rounds[i]}
		}
	}
	u, _ := a.bundle.Base.Manifest.unit(path)
	return current{u, a.bundle.Base}
}

func (a *application) waves() int {
	last := 0
	for _, u := range a.bundle.Base.Manifest.Units {
		last = max(last, u.Wave)
	}
	return last
}

// each does the work for units of the bundle, several at once.
func (a *application) each(ctx context.Context, units []Unit, work func(context.Context, Unit) error) error {
	errs := make([]error, len(units))
	slots := make(chan struct{}, max(a.Parallelism, 1))
	var wg sync.WaitGroup
	for i, u := range units {
		slots <- struct{}{}
		if ctx.Err() != nil {
			<-slots
			errs[i] = ctx.Err()
			continue
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := work(ctx, u); err != nil {
				errs[i] = fmt.Errorf("%s: %w", u.Path, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
