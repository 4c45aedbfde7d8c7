package run

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/shell"
)

// outputsEntry is the outputs of one unit, read once.
type outputsEntry struct {
	mu    sync.Mutex
	ready bool
	value cty.Value
}

// Outputs gives the outputs of an applied unit: from its state where that can
// be read, else through the binary. They are read once, and again after the
// unit was applied.
func (r *Runner) Outputs(ctx context.Context, u *config.Unit) (cty.Value, error) {
	e, _ := r.outputs.LoadOrStore(u.Dir(), &outputsEntry{})
	entry := e.(*outputsEntry)
	entry.mu.Lock()
	value, ready := entry.value, entry.ready
	entry.mu.Unlock()
	if ready {
		return value, nil
	}
	// The loader lets one evaluation at a time ask for a unit's outputs, so no
	// lock is held while they are read.
	value, err := r.readOutputs(ctx, u)
	if err != nil {
		return cty.NilVal, err
	}
	entry.mu.Lock()
	entry.value, entry.ready = value, true
	entry.mu.Unlock()
	return value, nil
}

func (r *Runner) readOutputs(ctx context.Context, u *config.Unit) (cty.Value, error) {
	value, err := r.fromState(ctx, u)
	if err == nil || !errors.Is(err, remote.ErrUnreadable) {
		return value, err
	}
	r.log.Debug("reading outputs through the binary", "unit", u.Dir(), "reason", err.Error())
	return r.fromBinary(ctx, u)
}

// fromState reads the unit's state without starting a process. ErrUnreadable
// means that it has to be left to the binary.
func (r *Runner) fromState(ctx context.Context, u *config.Unit) (cty.Value, error) {
	rs, err := u.RemoteState(ctx)
	if err != nil {
		return cty.NilVal, err
	}
	place, err := r.place(ctx, u)
	if err != nil {
		return cty.NilVal, err
	}
	switch {
	case rs == nil && r.keepsDefaultState(u, place):
		rs = &config.RemoteState{Backend: "local"}
	case rs == nil || rs.DisableDependencyOptimization:
		return cty.NilVal, unreadable("the unit has no remote_state that can be read alone")
	case len(rs.Encryption) > 0:
		return cty.NilVal, unreadable("the state is encrypted")
	}
	state, err := r.storedState(ctx, u, rs, place)
	if errors.Is(err, remote.ErrNoState) {
		return cty.EmptyObjectVal, nil
	}
	if err != nil {
		return cty.NilVal, err
	}
	return outputsValue(state.Outputs)
}

// storedState reads the state of a unit from its backend, in the workspace and
// with the environment that the binary would use in the unit's working folder.
func (r *Runner) storedState(ctx context.Context, u *config.Unit, rs *config.RemoteState, workDir string) (*remote.State, error) {
	where, err := r.settingsIn(ctx, u, rs, workDir)
	if err != nil {
		return nil, err
	}
	return r.places.For(rs.Backend).State(ctx, where)
}

// settingsIn says where the state of a unit is, in the workspace and with the
// environment of its working folder.
func (r *Runner) settingsIn(ctx context.Context, u *config.Unit, rs *config.RemoteState, workDir string) (remote.Settings, error) {
	env, err := r.outputEnv(ctx, u, rs.Backend)
	if err != nil {
		return remote.Settings{}, err
	}
	workspace, ok := r.workspace(env, workDir)
	if !ok {
		return remote.Settings{}, unreadable("the workspace is not known")
	}
	where := settings(rs, workDir, workspace)
	where.Env = env
	return where, nil
}

// keepsDefaultState says whether a unit that says nothing of its state keeps it
// in its working folder, as the binary does where no backend is named: neither
// by the unit, nor by a generated file, nor by the module that was last run
// there. A unit that never ran is left to the binary, which may know better.
func (r *Runner) keepsDefaultState(u *config.Unit, workDir string) bool {
	return !u.Declares("remote_state") && !u.Declares("generate") &&
		exists(filepath.Join(workDir, "terraform.tfstate")) && !namesBackend(workDir)
}

// outputEnv is the environment in which the binary would be asked for outputs:
// extra arguments may choose the workspace. A role is assumed for a backend
// that asks who we are.
func (r *Runner) outputEnv(ctx context.Context, u *config.Unit, backend string) ([]string, error) {
	env, err := r.environment(ctx, u.Dir())
	if err != nil {
		return nil, err
	}
	s, err := u.Settings(ctx)
	if err != nil {
		return nil, unreadable("its extra arguments are not known")
	}
	if backend != "local" {
		if env, err = r.assume(ctx, u.Dir(), env, r.opts.Role.over(s.IAM)); err != nil {
			return nil, err
		}
	}
	for _, b := range s.Terraform.ExtraArguments {
		if slices.Contains(b.Commands, "output") {
			env = override(env, b.EnvVars)
		}
	}
	return env, nil
}

func unreadable(why string) error { return &remote.UnreadableError{Reason: why} }

// place is the unit's working folder.
func (r *Runner) place(ctx context.Context, u *config.Unit) (string, error) {
	o, err := u.Outline(ctx)
	if err != nil {
		return "", err
	}
	return r.WorkingDir(ctx, config.Place{UnitDir: u.Dir(), DownloadDir: o.DownloadDir, Source: o.Source})
}

// workspace tells which workspace the binary would use in a folder.
func (r *Runner) workspace(env []string, workDir string) (string, bool) {
	if w, ok := lookup(env, "TF_WORKSPACE"); ok && w != "" {
		return w, true
	}
	dir, ok := lookup(env, "TF_DATA_DIR")
	if !ok || dir == "" {
		dir = ".terraform"
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(workDir, dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "environment"))
	if os.IsNotExist(err) {
		return "", true
	}
	return strings.TrimSpace(string(b)), err == nil
}

// fromBinary prepares the unit as for any command and asks the binary.
func (r *Runner) fromBinary(ctx context.Context, u *config.Unit) (cty.Value, error) {
	var raw []byte
	ask := step{"outputs", func(ctx context.Context, j *job) error {
		return j.retrying(ctx, func(ctx context.Context) error {
			if err := j.ensureInit(ctx); err != nil {
				return err
			}
			return j.withHooks(ctx, "output", func() error {
				var err error
				raw, err = shell.Tofu{Bin: j.bin, Dir: j.workDir, Env: j.env, Exec: j.exec}.Output(ctx)
				return err
			})
		})
	}}
	o := order{unit: u, cmd: Command{Name: "output", Args: shell.Argv{"output", "-json"}}, out: Streams{Stderr: r.opts.EchoErr}, aside: true}
	if _, err := r.carryOut(ctx, o, append(preparing(), ask)); err != nil {
		return cty.NilVal, err
	}
	if raw == nil { // an exclude block or a rule for errors has ended the unit's way
		return cty.EmptyObjectVal, nil
	}
	outputs, err := remote.ParseOutputJSON(raw)
	if err != nil {
		return cty.NilVal, err
	}
	return outputsValue(outputs)
}

// outputsValue gives outputs the types that the binary wrote beside them.
func outputsValue(outputs map[string]remote.Output) (cty.Value, error) {
	values := make(map[string]cty.Value, len(outputs))
	for name, o := range outputs {
		t, err := ctyjson.UnmarshalType(o.Type)
		if err != nil {
			if t, err = ctyjson.ImpliedType(o.Value); err != nil {
				return cty.NilVal, err
			}
		}
		v, err := ctyjson.Unmarshal(o.Value, t)
		if err != nil {
			return cty.NilVal, err
		}
		values[name] = v
	}
	return cty.ObjectVal(values), nil
}
