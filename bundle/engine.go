package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/review"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
)

// Engine is what bundles are made and applied with. All its fields but Repo
// and Tell are needed.
type Engine struct {
	Runner  *run.Runner
	Plans   *config.Loader // for the command plan
	Applies *config.Loader // for the command apply
	Root    string         // top of the repository, absolute: units are named from here
	Repo    *live.Git      // nil outside git
	Git     configstack.Git
	Streams func(u *config.Unit, argv shell.Argv) (s run.Streams, done func())
	Tell    func(unit, what string) // what was done, for people; from several goroutines
	// Parallelism is the number of units in flight.
	Parallelism int
	Tool        string // our version
	Now         func() time.Time
}

// Environment is what the live repository says of the units of a bundle, as it
// is at the tip of the branch that decides. The zero value is for units
// outside environments.
type Environment struct {
	Name      string
	Branches  []string // from which it may be changed; empty for all
	Approvals int      // signatures that a bundle needs
}

// Identity is who acts, and the key to sign with; a nil Signer signs nothing.
type Identity struct {
	Person
	Signer ssh.Signer
}

func (e *Engine) tell(unit, format string, args ...any) {
	if e.Tell != nil {
		e.Tell(unit, fmt.Sprintf(format, args...))
	}
}

// path is how a bundle names a unit.
func (e *Engine) path(dir string) (string, error) {
	rel, err := filepath.Rel(e.Root, dir)
	if err != nil || !filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s lies outside %s: a bundle is of one repository", dir, e.Root)
	}
	return filepath.ToSlash(rel), nil
}

// surroundings is what a unit's plan is made of, besides its state.
type surroundings struct {
	prepared run.Prepared
	content  string
	list     []byte
	binary   Binary
}

// surround prepares a unit's working folder and looks at it. It is done before
// anything of the unit is evaluated with outputs, so that it is the same when
// the bundle is made and when it is applied.
func (e *Engine) surround(ctx context.Context, u *config.Unit) (surroundings, error) {
	var s surroundings
	if _, err := u.Check(ctx); err != nil {
		return s, err
	}
	reads, err := u.Reads(ctx)
	if err != nil {
		return s, err
	}
	streams, done := e.Streams(u, shell.Argv{"plan"})
	defer done()
	if s.prepared, err = e.Runner.Prepare(ctx, u, streams); err != nil {
		return s, err
	}
	if s.content, s.list, err = contentDigest(e.Root, append(reads, u.Path()), s.prepared); err != nil {
		return s, err
	}
	s.binary.Name, s.binary.Version, err = e.Runner.BinaryVersion(ctx, u)
	return s, err
}

// mark reads the state of a unit. Where that takes the binary, and the binary
// outputs of units that were never applied, there can be no state yet.
func (e *Engine) mark(ctx context.Context, u *config.Unit) (run.StateMark, error) {
	streams, done := e.Streams(u, shell.Argv{"state", "pull"})
	defer done()
	m, err := e.Runner.StateMark(ctx, u, run.Streams{Stderr: streams.Stderr, Quiet: streams.Quiet})
	var missing *config.NoOutputsError
	if errors.As(err, &missing) {
		return run.StateMark{}, nil
	}
	return m, err
}

// proposal is a plan that was just made.
type proposal struct {
	plan     []byte // the binary's file
	raw      []byte // as JSON, with secrets
	redacted []byte
	model    review.Unit
	lock     []byte
	workDir  string
}

// secrecy is how sensitive values of one bundle are hidden.
type secrecy struct {
	key     []byte
	secrets *review.Secrets
}

// propose has the binary plan a unit. Files that hold secrets are in a folder
// of our own, and gone when it returns.
func (e *Engine) propose(ctx context.Context, u *config.Unit, path string, s secrecy) (p *proposal, err error) {
	dir, err := os.MkdirTemp("", "terrace-plan-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "plan")
	argv := shell.Argv{"plan", "-input=false", "-no-color", "-out=" + file}
	streams, done := e.Streams(u, argv)
	outcome, err := e.Runner.Run(ctx, u, run.Command{Name: "plan", Args: argv}, streams)
	done()
	if err != nil {
		return nil, err
	}
	p = &proposal{workDir: outcome.WorkDir}
	if p.plan, err = os.ReadFile(file); errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("the command ended well but left no plan: an exclude or errors block of the unit has stopped it")
	}
	if err == nil {
		p.raw, err = e.Runner.PlanJSON(ctx, u, outcome.WorkDir, file)
	}
	if err == nil {
		p.redacted, err = review.Redact(p.raw, s.key, s.secrets)
	}
	if err == nil {
		p.model, err = review.Parse(path, p.redacted)
	}
	if err == nil {
		p.lock, err = readLock(outcome.WorkDir)
	}
	if err != nil {
		return nil, err
	}
	return p, e.refuseRelative(ctx, u, outcome.WorkDir)
}

// RelativeStateError says that a unit's state would be lost in another
// checkout.
type RelativeStateError struct{ Path string }

func (e *RelativeStateError) Error() string {
	return fmt.Sprintf("its state has the relative local path %q, in its working folder: another checkout would not find it. Configure a backend, or an absolute path", e.Path)
}

func (e *Engine) refuseRelative(ctx context.Context, u *config.Unit, workDir string) error {
	env, err := e.Runner.Env(ctx, u.Dir())
	if err != nil {
		return err
	}
	if path := run.RelativeState(workDir, env); path != "" {
		return &RelativeStateError{path}
	}
	return nil
}

// put writes what belongs to one unit into a bundle.
func (p *proposal) put(f folder, unit *Unit, list []byte) error {
	base := "units/" + unit.Path + "/"
	var page strings.Builder
	one := review.Review{Title: unit.Path, Units: []review.Unit{p.model}}
	if err := one.WriteText(&page); err != nil {
		return err
	}
	for _, file := range []struct {
		name   string
		text   []byte
		secret bool
	}{
		{"plan", p.plan, true}, {"plan.json", p.redacted, true}, {"plan.txt", []byte(page.String()), false},
		{"lock.hcl", p.lock, false}, {"content.txt", list, false},
	} {
		if file.text == nil {
			continue
		}
		a, err := f.put(base+file.name, file.text, file.secret)
		if err != nil {
			return err
		}
		unit.Artefacts = append(unit.Artefacts, a)
	}
	unit.Counts, unit.Changes, unit.Providers = p.model.Counts, p.model.Changed(), selections(p.lock)
	return nil
}
