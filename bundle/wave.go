package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/review"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
)

// pending is a plan that was not reviewed as it is.
type pending struct {
	*proposal
	place *place
	state run.StateMark // of the moment when it was planned
	why   string
}

// wave applies the units of one wave. Those that a person has to be asked
// about are given back, un-applied.
func (a *application) wave(ctx context.Context, n int) ([]*pending, error) {
	var units []Unit
	for _, u := range a.bundle.Base.Manifest.Units {
		if u.Wave == n {
			units = append(units, u)
		}
	}
	var mu sync.Mutex
	var asked []*pending
	err := a.each(ctx, units, func(ctx context.Context, u Unit) error {
		p, err := a.unit(ctx, a.places[u.Path])
		if p != nil {
			mu.Lock()
			asked = append(asked, p)
			mu.Unlock()
		}
		return err
	})
	return asked, err
}

// unit brings one unit to where the bundle wants it.
func (a *application) unit(ctx context.Context, p *place) (*pending, error) {
	entry, noted := a.journal.of(p.unit.Path)
	if noted && entry.Event == Finished {
		a.tell(p.unit.Path, "applied before")
		return nil, nil
	}
	u, err := a.unitOf(ctx, a.Plans, p.unit.Path)
	if err != nil {
		return nil, err
	}
	cutOff := noted && entry.Manifest == p.sealed.Digest
	if p.unit.Status == Planned && p.moved == "" && !cutOff {
		return nil, a.applySaved(ctx, u, p)
	}
	return a.again(ctx, u, p, cutOff)
}

// applySaved applies the plan that was reviewed, to the state that it is for.
func (a *application) applySaved(ctx context.Context, u *config.Unit, p *place) error {
	if !p.unit.Changes {
		a.tell(p.unit.Path, "no changes")
		return nil
	}
	now, err := a.mark(ctx, u)
	if err != nil {
		return err
	}
	if now != p.unit.State {
		return &StaleError{What: "its state was", Was: stateText(p.unit.State), Is: stateText(now)}
	}
	saved, ok := p.unit.artefact("plan")
	if !ok {
		return errors.New("the bundle has no plan for it")
	}
	plan, err := p.sealed.get(saved)
	if err != nil {
		return err
	}
	return a.apply(ctx, p, plan)
}

// again plans a unit anew and applies that, if it is what was reviewed.
func (a *application) again(ctx context.Context, u *config.Unit, p *place, cutOff bool) (*pending, error) {
	state, err := a.mark(ctx, u)
	if err != nil {
		return nil, err
	}
	if !cutOff && state != p.unit.State {
		return nil, &StaleError{What: "its state was", Was: stateText(p.unit.State), Is: stateText(state)}
	}
	u.Forget()
	if err := a.refuseMocks(ctx, u); err != nil {
		return nil, err
	}
	now, err := a.propose(ctx, u, p.unit.Path, a.secrecy)
	if err != nil {
		return nil, err
	}
	why, err := a.whyAsk(p, now, cutOff)
	switch {
	case err != nil:
		return nil, err
	case !now.model.Changed():
		return nil, a.nothingLeft(ctx, u, p, cutOff)
	case why != "":
		return &pending{proposal: now, place: p, state: state, why: why}, nil
	}
	return nil, a.apply(ctx, p, now.plan)
}

// refuseMocks keeps mocks from being applied: what a unit depends on has been
// applied when its turn comes.
func (a *application) refuseMocks(ctx context.Context, u *config.Unit) error {
	if _, err := u.Config(ctx); err != nil {
		return err
	}
	mocked, err := u.Mocked(ctx)
	if err == nil && len(mocked) > 0 {
		err = fmt.Errorf("the dependency %q has no output %s, and a mock is nothing to apply: apply the unit that it names first", mocked[0].Dependency, mocked[0].Path)
	}
	return err
}

// whyAsk says what keeps a new plan from being taken for the one that was
// reviewed, "" for nothing.
func (a *application) whyAsk(p *place, now *proposal, cutOff bool) (string, error) {
	switch {
	case cutOff:
		return "an earlier apply of it was cut off", nil
	case p.unit.Status == Deferred:
		return "it could not be planned before", nil
	}
	saved, ok := p.unit.artefact("plan.json")
	if !ok {
		return "", errors.New("the bundle has no plan for it")
	}
	reviewed, err := p.sealed.get(saved)
	if err != nil {
		return "", err
	}
	c := review.Comparison{Reviewed: reviewed, Now: now.redacted, Key: a.key, Mocked: map[string]bool{}}
	for _, m := range p.unit.Mocked {
		c.Mocked[m.Digest] = true
	}
	differences, err := c.Differences()
	if err != nil || len(differences) == 0 {
		return "", err
	}
	why := differences[0]
	if more := len(differences) - 1; more > 0 {
		why += fmt.Sprintf(" (and %d more)", more)
	}
	return why, nil
}

// nothingLeft is for a unit that is as it should be already.
func (a *application) nothingLeft(ctx context.Context, u *config.Unit, p *place, cutOff bool) error {
	a.tell(p.unit.Path, "no changes")
	if !cutOff {
		return nil
	}
	state, err := a.mark(ctx, u)
	if err != nil {
		return err
	}
	return a.journal.add(Entry{Time: a.Now().UTC(), Unit: p.unit.Path, Event: Finished, Manifest: p.sealed.Digest, State: state})
}

// apply has the binary apply a plan. The journal knows of it before the binary
// does.
func (a *application) apply(ctx context.Context, p *place, plan []byte) (err error) {
	u, err := a.unitOf(ctx, a.Applies, p.unit.Path)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "terrace-apply-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "plan")
	if err := writeFile(file, plan); err != nil {
		return err
	}
	note := Entry{Time: a.Now().UTC(), Unit: p.unit.Path, Event: Started, Manifest: p.sealed.Digest}
	if err := a.journal.add(note); err != nil {
		return err
	}
	argv := shell.Argv{"apply", "-input=false", "-no-color", file}
	streams, done := a.Streams(u, argv)
	_, runErr := a.Runner.Run(ctx, u, run.Command{Name: "apply", Args: argv}, streams)
	done()
	note.Time = a.Now().UTC()
	if runErr != nil {
		note.Event = Failed
		return errors.Join(runErr, a.journal.add(note))
	}
	if note.State, err = a.mark(ctx, u); err != nil {
		return err
	}
	note.Event = Finished
	if err := a.journal.add(note); err != nil {
		return err
	}
	a.mu.Lock()
	a.result.Changed++
	a.mu.Unlock()
	a.tell(p.unit.Path, "applied: %s", p.unit.Counts)
	return nil
}

func stateText(m run.StateMark) string {
	if m == (run.StateMark{}) {
		return "no state"
	}
	return fmt.Sprintf("serial %d of %s", m.Serial, m.Lineage)
}
