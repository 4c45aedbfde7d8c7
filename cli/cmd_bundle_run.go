package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terrace-iac/terrace/bundle"
	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// runBundleCreate plans the chosen units into a bundle and prints its page.
func runBundleCreate(ctx context.Context, inv *invocation) (int, error) {
	dir, err := bundleDir(inv)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, []string{"plan"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	q := &queueRun{session: s, argv: shell.Argv{"plan"}, progress: ui.NoProgress()}
	if err := q.prepare(ctx, q.argv); err != nil {
		return s.bundleCode(err), err
	}
	err = s.createBundle(ctx, dir, q.graph)
	return s.bundleCode(err), err
}

func (s *session) createBundle(ctx context.Context, dir string, g *configstack.Graph) error {
	if g.Len() == 0 {
		return &usageError{"there are no units to plan: choose others with --filter or --working-dir"}
	}
	e, err := s.bundleEngine(ctx)
	if err != nil {
		return err
	}
	o, done, err := s.bundleOptions(ctx, e, g)
	if err != nil {
		return err
	}
	defer done()
	o.Dir = dir
	b, err := bundle.Create(ctx, e, g, o)
	if err != nil {
		return err
	}
	page, err := b.Base.Review()
	if err != nil {
		return err
	}
	if err := page.WriteText(s.console.Stdout()); err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("The bundle is in %s. Its digest is %s", dir, b.Base.Digest))
	if s.inv.Values.Bool("push") {
		err = e.Push(ctx, dir)
	}
	if n := o.Environment.Approvals; n > 0 && err == nil {
		s.tellBundle(ctx, e, b, &bundle.WaitingError{Dir: dir, Need: n})
	}
	return err
}

func (s *session) bundleOptions(ctx context.Context, e *bundle.Engine, g *configstack.Graph) (o bundle.CreateOptions, done func(), err error) {
	done = func() {}
	if o.Life, err = time.ParseDuration(s.inv.Values.String("expires")); err != nil || o.Life <= 0 {
		return o, done, &usageError{"--expires takes a time such as 36h"}
	}
	if o.EncryptTo, err = bundle.Recipients(s.inv.Values.List("encrypt-to")); err != nil {
		return o, done, err
	}
	if s.inv.Values.Bool("push") && len(o.EncryptTo) == 0 {
		return o, done, bundle.ErrNotEncrypted
	}
	var dirs []string
	for _, u := range g.Order() {
		dirs = append(dirs, u.Dir())
	}
	if o.Environment, err = bundle.EnvironmentOf(ctx, e, dirs); err != nil {
		return o, done, err
	}
	if o.Since = s.inv.Values.String("since"); o.Since == "" && s.inv.Values.Bool("push") {
		if err := e.PullApplied(ctx, o.Environment.Name); err != nil {
			return o, done, err
		}
	}
	o.Creator, done, err = s.bundleIdentity(ctx, false)
	return o, done, err
}

// runBundleApply applies a bundle.
func runBundleApply(ctx context.Context, inv *invocation) (int, error) {
	dir, err := bundleDir(inv)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, []string{"plan"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	err = s.applyBundle(ctx, dir)
	return s.bundleCode(err), s.waits(err)
}

// waits tells that a person is waited for, which is no failure. Other errors it
// gives back.
func (s *session) waits(err error) error {
	if waiting, ok := err.(*bundle.WaitingError); ok { // alone, and not beside something else
		s.log.Warn(waiting.Error())
		return nil
	}
	return err
}

func (s *session) applyBundle(ctx context.Context, dir string) (err error) {
	e, err := s.bundleEngine(ctx)
	if err != nil {
		return err
	}
	push := s.inv.Values.Bool("push")
	if push {
		if err := e.Pull(ctx, dir); err != nil {
			return err
		}
	}
	o := bundle.ApplyOptions{Dir: dir}
	if o.Identities, err = bundle.Identities(s.absolutePaths(s.inv.Values.List("identity"))); err != nil {
		return err
	}
	b, err := bundle.Open(dir, o.Identities)
	if err != nil {
		return err
	}
	if err := s.guardBundle(ctx, "bundle apply", b.Dirs(e.Root)); err != nil {
		return err
	}
	if o.Environment, err = bundle.EnvironmentOf(ctx, e, b.Dirs(e.Root)); err != nil {
		return err
	}
	var done func()
	if o.Creator, done, err = s.bundleIdentity(ctx, false); err != nil {
		return err
	}
	defer done()
	if s.console.StdinTerminal() {
		o.Ask = s.askPage
	}
	applied, err := bundle.Apply(ctx, e, o)
	if err == nil {
		for _, v := range applied.Votes {
			s.log.Info("Approval " + v.String())
		}
		s.log.Info(fmt.Sprintf("Applied: %d changed of %d units", applied.Changed, len(b.Base.Manifest.Units)))
	}
	s.tellBundle(ctx, e, b, err)
	if !push {
		return err
	}
	ctx = context.WithoutCancel(ctx) // what has been done is to be known there
	pushErr := e.Push(ctx, dir)
	if err == nil && pushErr == nil && o.Environment.Name != "" {
		pushErr = e.PushApplied(ctx, o.Environment.Name)
	}
	if pushErr != nil {
		return errors.Join(err, pushErr)
	}
	return err
}

func (s *session) absolutePaths(list []string) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = absolute(s.inv.Cwd, p)
	}
	return out
}

// guardBundle asks the guards about the units of a bundle. Its approvals are
// counted when it is applied.
func (s *session) guardBundle(ctx context.Context, command string, dirs []string) error {
	c := change{Command: command, Approved: true}
	for _, dir := range dirs {
		u, err := s.loader.Unit(ctx, dir)
		if err != nil {
			return err
		}
		c.Units = append(c.Units, u)
	}
	return s.guard(ctx, c)
}
