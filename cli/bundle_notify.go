package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/terrace-iac/terrace/bundle"
	"github.com/terrace-iac/terrace/live"
)

// tellBundle tells those who asked to be told how far a bundle has come. That
// they cannot be told fails nothing.
func (s *session) tellBundle(ctx context.Context, e *bundle.Engine, b *bundle.Bundle, outcome error) {
	root := live.FindRoot(s.inv.Global.WorkingDir, e.Root)
	file, err := live.Load(root)
	if err != nil {
		s.log.Warn("Nobody was told: " + err.Error())
		return
	}
	commands := live.Commands{Exec: s.processes(), Env: s.inv.Env, Root: root}
	if err := commands.Notify(ctx, file, bundleEvent(b, outcome)); err != nil {
		s.log.Warn(err.Error())
	}
}

// bundleEvent is what has become of a bundle: it waits, or its apply has ended.
func bundleEvent(b *bundle.Bundle, outcome error) live.Event {
	m := b.Base.Manifest
	e := live.Event{Kind: live.ApplyEnded, Environment: m.Environment, Commit: m.Commit, Bundle: b.Base.Digest, OK: outcome == nil}
	for _, u := range m.Units {
		e.Units = append(e.Units, u.Path)
	}
	what := counted(len(m.Units), "unit")
	if m.Environment != "" {
		what = m.Environment + ", " + what
	}
	var waiting *bundle.WaitingError
	switch {
	case errors.As(outcome, &waiting):
		e.Kind, e.OK = live.ReviewWaits, true
		e.Text = fmt.Sprintf("A bundle waits for a review (%s)", what)
		if waiting.Round > 0 {
			e.Text = fmt.Sprintf("Round %d of a bundle waits for a review (%s)", waiting.Round, what)
		}
	case outcome == nil:
		e.Text = fmt.Sprintf("A bundle is applied (%s)", what)
	default:
		e.Text = fmt.Sprintf("The apply of a bundle has failed (%s)", what)
	}
	return e
}
