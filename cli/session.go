package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/providercache"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
	"github.com/terrace-iac/terrace/ui"
)

// session is the engine, put together for one command.
type session struct {
	inv     *invocation
	opts    runOptions
	console *ui.Console
	log     *slog.Logger
	relay   *shell.Relay
	runner  *run.Runner
	store   *source.Store
	loader  *config.Loader
	git     configstack.Git
	// providers is nil without --provider-cache.
	providers *providercache.Cache
	onStep    func(u *config.Unit, step string) // who follows the units' steps; set before any runs, nil for nobody
	// repository is that of the working folder; asked for git filters only.
	repository *configstack.Repository
}

// newSession builds the rooms that a command needs from its options. argv is
// the command line of the binary, as configuration sees it.
func newSession(inv *invocation, argv []string, mocks config.MockPolicy) (*session, error) {
	opts, err := inv.RunOptions()
	if err != nil {
		return nil, err
	}
	s := &session{inv: inv, opts: opts, relay: shell.NewRelay()}
	if err := s.openConsole(); err != nil {
		return nil, err
	}
	process := s.processes()
	s.git = live.NewRunner(process, inv.Env)
	s.repository = configstack.NewRepository(inv.Global.WorkingDir, s.git)
	s.store = source.NewStore(s.sourceOptions())
	versions := shell.NewVersions(process, versionCache(), opts.Unit.VersionFiles...)
	s.openProviders()
	s.runner = run.New(s.runnerOptions(), process, versions, s.store, s.log)
	s.loader = s.newLoader(argv, mocks)
	return s, nil
}

// newLoader makes a loader for a command line of the binary.
func (s *session) newLoader(argv []string, mocks config.MockPolicy) *config.Loader {
	mocks.Skip = mocks.Skip || s.opts.Tofu.NoDependencyOutputs
	return config.NewLoader(s.runner, config.Options{
		Command: shell.Argv(argv).Word(), Args: argv, Source: s.opts.Source.Source, DownloadDir: s.opts.Unit.DownloadDir,
		Features: s.opts.Unit.Features, ToolVersion: compatVersion, Mocks: mocks, Log: s.log,
		Strict: s.inv.Global.Strict.Enabled, DeepMerge: s.inv.Global.Experiments.Enabled("deep-merge"),
	})
}

// openConsole opens the terminal and the log in the form that was asked for.
func (s *session) openConsole() error {
	s.console = ui.NewConsole(ui.Options{
		Stdin: s.inv.Stdin, Stdout: s.inv.Stdout, Stderr: s.inv.Stderr, NoColor: s.inv.Global.NoColor,
		LookupEnv: func(name string) (string, bool) { return newEnvironment(s.inv.Env).get(name) },
	})
	log, err := newLog(s.console, s.inv.Global)
	s.log = s.inv.recorded(log)
	return err
}

func newLog(c *ui.Console, g globalOptions) (*slog.Logger, error) {
	if g.Log.Disable {
		return slog.New(slog.DiscardHandler), nil
	}
	level, err := ui.ParseLevel(g.Log.Level)
	if err != nil {
		return nil, err
	}
	format, err := logFormat(g.Log)
	if err != nil {
		return nil, err
	}
	return slog.New(ui.NewHandler(c, ui.LogOptions{Level: level, Format: format, WorkDir: g.WorkingDir, AbsPaths: g.Log.ShowAbsPaths, Start: time.Now()})), nil
}

func logFormat(o logOptions) (*ui.Format, error) {
	if o.CustomFormat != "" {
		return ui.ParseFormat(o.CustomFormat)
	}
	return ui.PresetFormat(o.Format)
}

func (s *session) runnerOptions() run.Options {
	o := s.opts
	return run.Options{
		Trace: s.stepTracer(),
		Env:   s.inv.Env, Binary: o.Unit.TFPath, DownloadDir: o.Unit.DownloadDir,
		Source: run.Source{URL: s.absoluteSource(o.Source.Source), Root: o.isQueue(), Map: o.Source.Map, Update: o.Source.Update},
		Auth:   o.Auth.Command, Role: s.role(), NoAutoInit: o.Tofu.NoAutoInit, NoAutoRetry: o.Tofu.NoAutoRetry, NoHooks: o.Tofu.NoHooks, Engines: o.Tofu.Engines,
		Backend: s.backend(), InputsDebug: o.Unit.InputsDebug, NoColor: !bool(s.console.StdoutStyle()),
		Echo: s.echo(), EchoErr: s.console.Stderr(), ToolVersion: compatVersion, Strict: s.inv.Global.Strict.Enabled, OnStep: s.step,
		PluginCache: s.pluginCache, Providers: s.installer(),
	}
}

// step passes on which step a unit has come to.
func (s *session) step(u *config.Unit, step string) {
	if s.onStep != nil {
		s.onStep(u, step)
	}
}

// role is the one of the command line. A token that names a file is relative to
// the folder that the user typed it in.
func (s *session) role() run.Role {
	a := s.opts.Auth
	if path := absoluteIfSet(s.inv.Cwd, a.WebIdentityToken); fileExists(path) {
		a.WebIdentityToken = path
	}
	return run.Role{ARN: a.Role, Duration: a.Duration, Session: a.SessionName, Token: a.WebIdentityToken}
}

// echo is where the output of run_cmd is shown: never between the lines of
// what may be read by a program, which is all that a command of our own prints
// and what the binary prints for programs.
func (s *session) echo() io.Writer {
	if s.inv.Command.Words.tofu() && !rawOutput(destroyForm(s.inv.TF)) {
		return s.console.Stdout()
	}
	return s.console.Stderr()
}

// absoluteSource resolves a relative --source once, against the folder that
// the user typed it in.
func (s *session) absoluteSource(raw string) string {
	if raw == "" {
		return ""
	}
	a, err := source.Parse(raw, s.inv.Cwd)
	if err != nil {
		return raw // the unit's fetch reports it
	}
	root := a.Root()
	if a.Subdir() != "" {
		return root + "//" + a.Subdir()
	}
	return root
}

// versionCache is the file in which the versions of binaries are kept between
// runs; "" keeps none.
func versionCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "terrace", "versions.json")
}

// lockDir is where the locks between runs are, "" where the user has no cache
// folder.
func lockDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "terrace", "locks")
}

// close removes what the session has put into temporary folders.
func (s *session) close() {
	if err := s.repository.Close(); err != nil {
		s.log.Warn("A work tree made for a Git filter could not be removed: " + err.Error())
	}
	s.closeProviders()
	if err := s.store.Close(); err != nil {
		s.log.Debug("removing temporary folders", "error", err)
	}
}

// watch makes interrupts reach the running processes, each once, and cancels
// the context so that nothing new is started.
func (s *session) watch(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := shell.Watch(s.relay, func(d shell.Delivery) {
		cancel()
		s.tellInterrupt(d)
	})
	return ctx, func() { stop(); cancel() }
}

func (s *session) tellInterrupt(d shell.Delivery) {
	switch {
	case d.Nth == 1 && len(d.Running) > 0:
		s.log.Warn("Interrupted: nothing new is started, waiting for what is running to stop by itself")
	case d.Nth == 2:
		for _, c := range d.Running {
			s.log.Warn("Still running: " + c.String() + " for " + ui.FormatDuration(time.Since(c.Start)))
		}
		s.log.Warn("It was asked to stop once and is saving its state. A third interrupt is passed on: the binary then exits at once, which can lose state and leave locks behind")
	case d.Nth > 2:
		s.log.Warn("Passing the interrupt on")
	}
}

// unit binds the unit that a command without a queue works on. A --config is
// relative to the current folder, or else to the working folder.
func (s *session) unit(ctx context.Context) (*config.Unit, error) {
	path := s.opts.Unit.Config
	if path == "" {
		u, err := s.loader.Unit(ctx, s.inv.Global.WorkingDir)
		var missing *config.MissingFileError
		if errors.As(err, &missing) {
			err = fmt.Errorf("%w. Name the folder of a unit with --working-dir, or run the command in all units below with run --all", err)
		}
		return u, err
	}
	if rel, err := filepath.Rel(s.inv.Cwd, path); err == nil && !fileExists(path) {
		if beside := filepath.Join(s.inv.Global.WorkingDir, rel); fileExists(beside) {
			path = beside
		}
	}
	return s.loader.UnitIn(ctx, path, s.inv.Global.WorkingDir)
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// plainFormat says whether the binary's output is passed on as it is.
func (s *session) plainFormat(argv []string) bool {
	return rawOutput(argv) || s.opts.Tofu.ForwardStdout || s.inv.Global.Log.Disable ||
		s.inv.Global.Log.CustomFormat == "" && slices.Contains([]string{"bare"}, s.inv.Global.Log.Format)
}
