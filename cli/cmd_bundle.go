package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/terrace-iac/terrace/bundle"
	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/review"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// exitWaiting is the status of commands that stop because a person has to be
// asked.
const exitWaiting = 3

// bundleDir is the folder that a command names.
func bundleDir(inv *invocation) (string, error) {
	if len(inv.Args) != 1 {
		return "", &usageError{inv.Command.Path() + " takes one word, the folder of the bundle"}
	}
	return absolute(inv.Cwd, inv.Args[0]), nil
}

// bundleCode is the exit status for an error of the bundle commands: a child
// that failed gives 1, since 3 has a meaning of its own.
func (s *session) bundleCode(err error) int {
	var waiting *bundle.WaitingError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &waiting):
		return exitWaiting
	case s.relay.First() != nil:
		return s.exitCode(err)
	}
	return 1
}

// bundleEngine is what bundles are made and applied with in this session,
// whose loader must be one for plan.
func (s *session) bundleEngine(ctx context.Context) (*bundle.Engine, error) {
	e := &bundle.Engine{
		Runner: s.runner, Plans: s.loader, Applies: s.newLoader([]string{"apply"}, config.MockPolicy{}),
		Root: s.inv.Global.WorkingDir, Git: s.git, Streams: s.bundleStreams, Parallelism: s.opts.Queue.Parallelism,
		Tool: programVersion(), Now: time.Now,
		Tell: func(unit, what string) { s.log.Info(unit + ": " + what) },
	}
	if e.Parallelism == 0 {
		e.Parallelism = shell.Capacity()
	}
	repo, err := live.OpenGit(ctx, s.inv.Global.WorkingDir, s.git)
	if errors.Is(err, live.ErrNoGit) {
		return e, nil
	}
	if err != nil {
		return nil, err
	}
	e.Repo = repo
	e.Root, err = s.repository.Top()
	return e, err
}

// bundleStreams show what the binary says while it applies. What it says of a
// plan is not shown: the review is, without what is sensitive.
func (s *session) bundleStreams(u *config.Unit, argv shell.Argv) (run.Streams, func()) {
	log := s.log.With(ui.AttrUnit, u.Dir(), ui.AttrTFPath, s.binaryName(), ui.AttrTFArgs, []string{argv.Word()})
	quiet, errs := ui.LogLines(log, ui.LevelDebug), ui.LogLines(log, ui.LevelStderr)
	if argv.Word() != "apply" {
		return run.Streams{Stdout: io.Discard, Stderr: errs, Quiet: quiet}, func() { closeAll(quiet, errs) }
	}
	out := ui.LogLines(log, ui.LevelStdout)
	return run.Streams{Stdout: out, Stderr: errs, Quiet: quiet}, func() { closeAll(quiet, errs, out) }
}

// bundleIdentity is who acts. Without need, a missing key is no error.
func (s *session) bundleIdentity(ctx context.Context, need bool) (bundle.Identity, func(), error) {
	who := bundle.Identity{Person: bundle.Person{Name: s.ask(ctx, "config", "user.name"), Email: s.ask(ctx, "config", "user.email")}}
	env := newEnvironment(s.inv.Env)
	variable := func(name string) string {
		text, _ := env.get(name)
		return text
	}
	if e := variable("GIT_AUTHOR_EMAIL"); e != "" {
		who.Name, who.Email = variable("GIT_AUTHOR_NAME"), e
	}
	keys := bundle.Keys{File: absoluteIfSet(s.inv.Cwd, s.inv.Values.String("key")), Agent: variable("SSH_AUTH_SOCK"), Home: variable("HOME")}
	if keys.Home == "" {
		keys.Home = variable("USERPROFILE")
	}
	if s.ask(ctx, "config", "gpg.format") == "ssh" {
		keys.Git = s.ask(ctx, "config", "--type=path", "user.signingkey")
	}
	signer, done, err := keys.Signer()
	switch {
	case err == nil:
		who.Signer = signer
	case keys.File == "" && !need:
		s.log.Debug("no key to sign with", "error", err)
		err = nil
	}
	return who, done, err
}

// runBundleShow prints the page of a bundle.
func runBundleShow(_ context.Context, inv *invocation) (int, error) {
	dir, err := bundleDir(inv)
	if err != nil {
		return 1, err
	}
	b, err := bundle.Open(dir, nil)
	if err != nil {
		return 1, err
	}
	page, err := b.Newest().Review()
	if err != nil {
		return 1, err
	}
	switch inv.Values.String("format") {
	case "json":
		err = page.WriteJSON(inv.Stdout)
	case "markdown":
		err = page.WriteMarkdown(inv.Stdout, review.Markdown{Marker: b.Base.Manifest.Environment, MaxBytes: inv.Values.Int("max-bytes")})
	default:
		err = page.WriteText(inv.Stdout)
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}

// runBundleApprove shows a bundle, asks, and signs it.
func runBundleApprove(ctx context.Context, inv *invocation) (int, error) {
	dir, err := bundleDir(inv)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, []string{"plan"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	err = s.approveBundle(ctx, dir)
	return s.bundleCode(err), err
}

func (s *session) approveBundle(ctx context.Context, dir string) error {
	e, err := s.bundleEngine(ctx)
	if err != nil {
		return err
	}
	if s.inv.Values.Bool("push") {
		if err := e.Pull(ctx, dir); err != nil {
			return err
		}
	}
	b, err := bundle.Open(dir, nil)
	if err != nil {
		return err
	}
	env, err := bundle.EnvironmentOf(ctx, e, b.Dirs(e.Root))
	if err != nil {
		return err
	}
	who, done, err := s.bundleIdentity(ctx, env.Approvals > 0)
	if err != nil {
		return err
	}
	defer done()
	yes, err := s.askReview(ctx, b.Newest())
	if err != nil || !yes {
		return err
	}
	path, err := b.Approve(who, e.Now())
	if err != nil {
		return err
	}
	s.log.Info("Approved: " + s.shownPath(path))
	if !s.inv.Values.Bool("push") {
		return nil
	}
	return e.Push(ctx, dir)
}

// askReview shows a page and asks.
func (s *session) askReview(ctx context.Context, sealed *bundle.Sealed) (bool, error) {
	page, err := sealed.Review()
	if err != nil {
		return false, err
	}
	return s.askPage(ctx, page)
}

func (s *session) askPage(ctx context.Context, page *review.Review) (bool, error) {
	if err := page.WriteText(s.console.Stderr()); err != nil {
		return false, err
	}
	return ui.NewPrompter(s.console, s.inv.Global.NonInteractive, s.log).Prompt(ctx, fmt.Sprintf("Approve %s as shown?", page.Title))
}
