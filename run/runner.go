package run

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/run/awsauth"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
)

// Options are what a Runner is told once.
type Options struct {
	// Trace, unless nil, is told of each step of a unit that begins, and the
	// function it gives of how the step ended. The context that it gives is the
	// step's. Init and hooks are steps within others.
	Trace func(ctx context.Context, u *config.Unit, step string) (context.Context, func(error))

	Env         []string                  // environment of this process
	Binary      string                    // --tf-path; "" for the unit's choice or the first of tofu and terraform on PATH
	DownloadDir string                    // --download-dir, absolute; "" for the unit's choice
	Source      Source                    // --source, --source-map, --source-update
	Auth        string                    // --auth-provider-cmd
	Role        Role                      // --iam-assume-role...
	NoAutoInit  bool                      // --no-auto-init
	NoAutoRetry bool                      // --no-auto-retry
	NoHooks     bool                      // --no-hooks
	Engines     Engines                   // --no-engine, --experiment iac-engine
	Backend     Backend                   // --backend-bootstrap and what belongs to it
	InputsDebug bool                      // --inputs-debug
	NoColor     bool                      // pass -no-color to commands that we add
	Echo        io.Writer                 // where run_cmd's output is shown; nil for nowhere
	EchoErr     io.Writer                 // where its standard error is shown; nil for nowhere
	Strict      func(control string) bool // whether a deprecated use is an error; nil for never
	// PluginCache gives the folder that OpenTofu shares providers in, "" for
	// none; nil for none at all. Providers, unless nil, takes its place.
	PluginCache func(env []string) string
	Providers   Installer
	ToolVersion string                                           // what terragrunt_version_constraint is compared with
	Sleep       func(ctx context.Context, d time.Duration) error // nil waits for real
	// OnStep, unless nil, is told which step a unit enters, and again which one
	// it is back in after a step within it. It is called from the goroutine
	// that works on the unit. Units that are only asked for their outputs are
	// not announced.
	OnStep func(u *config.Unit, step string)
}

// Source overrides where modules come from.
type Source struct {
	URL    string            // used in place of terraform.source
	Root   bool              // URL is a repository's root, to which each unit's own sub-path is added
	Map    map[string]string // replaces the part of an address before its sub-path
	Update bool              // fetch again
}

// Runner runs commands of the binary in units. All its methods may be called
// from several goroutines at once.
type Runner struct {
	opts     Options
	exec     shell.Executor
	versions *shell.Versions
	store    *source.Store
	log      *slog.Logger

	// outputs keeps the outputs of dependencies by unit folder, for the life
	// of the Runner or until the unit is applied.
	outputs sync.Map
	// envs keeps the environment of a unit by folder: the command that gives
	// credentials runs once for each.
	envs sync.Map
	// warned holds the warnings about deprecated uses that were given: each is
	// given once, in however many units the use is.
	warned sync.Map
	// roles, identities and aliases: see their types.
	roles      roleCache
	identities cloudAnswers[awsauth.Identity]
	aliases    cloudAnswers[string]
	// places are where states live, with connections that units share.
	places *remote.Connections
}

// New makes a Runner that starts processes with exec and fetches with store.
func New(opts Options, exec shell.Executor, versions *shell.Versions, store *source.Store, log *slog.Logger) *Runner {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	return &Runner{opts: opts, exec: exec, versions: versions, store: store, log: log, roles: roleCache{now: time.Now}, places: &remote.Connections{Log: log}}
}

// Command is a command of the binary as the user gave it.
type Command struct {
	Name string     // first word
	Args shell.Argv // the whole line, Name included
	// Env are further variables for the command's process, where they are not
	// set already.
	Env map[string]string
}

// Streams are where a unit's process reads and writes.
type Streams struct {
	Stdin  io.Reader // nil: closed
	Stdout io.Writer
	Stderr io.Writer
	Quiet  io.Writer // standard output of what the user did not ask for, such as an init; nil for nowhere
	Shared bool      // the process owns the terminal, as if the user had called it
}

// Outcome is what became of a command in a unit.
type Outcome struct {
	ExitCode int      // of the binary or of the hook that failed; 2 with -detailed-exitcode and changes
	Attempts int      // how often the binary was tried
	Ignored  string   // name of the ignore rule that turned an error into success
	Retried  string   // name of the retry rule that was used
	WorkDir  string   // where the binary ran
	Init     bool     // init was run on the way
	Steps    []Timing // in the order in which they ended
}

// order is what is wanted of a unit.
type order struct {
	unit  *config.Unit
	cmd   Command
	out   Streams
	aside bool // the user did not ask for this unit, but for one that needs it
}

// job is one command on its way through one unit. Each step reads what earlier
// ones have left here.
type job struct {
	*Runner
	order
	log *slog.Logger

	cfg     *config.Config
	planEnv []string // of the binary where it applies a saved plan; nil for env
	env     []string
	bin     string
	req     source.Request
	workDir string
	backend []string // -backend-config flags for init
	args    shell.Argv
	outcome Outcome
	skip    bool // nothing is left to do, and that is no error

	step  string        // the one that is being done; see timed
	inner time.Duration // what steps within it took

	declaredVars map[string]variable // of the module; see declared
}

// Run takes one unit through all steps. The error of a failing process is a
// *shell.ExitError, that of configuration a *config.Error. An outcome is given
// in any case.
func (r *Runner) Run(ctx context.Context, u *config.Unit, c Command, out Streams) (Outcome, error) {
	return r.walk(ctx, u, c, out, r.steps())
}

func (r *Runner) walk(ctx context.Context, u *config.Unit, c Command, out Streams, list []step) (Outcome, error) {
	return r.carryOut(ctx, order{unit: u, cmd: c, out: out}, list)
}

func (r *Runner) carryOut(ctx context.Context, o order, list []step) (Outcome, error) {
	j := &job{Runner: r, order: o, log: r.log.With("unit", o.unit.Dir())}
	for _, s := range j.traced(list) {
		if j.skip {
			break
		}
		if err := ctx.Err(); err != nil {
			return j.outcome, err
		}
		if err := j.timed(s.name, func() error { return s.do(ctx, j) }); err != nil {
			j.outcome.ExitCode = exitCode(err)
			return j.outcome, err
		}
	}
	return j.outcome, nil
}

// downloadDir is the folder for fetched modules of a unit.
func (r *Runner) downloadDir(unitDir, configured string) string {
	switch {
	case r.opts.DownloadDir != "":
		return r.opts.DownloadDir
	case configured != "":
		return configured
	}
	return filepath.Join(unitDir, ".terragrunt-cache")
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
