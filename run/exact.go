package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zclconf/go-cty/cty"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/shell"
)

// This file is what one asks who wants to apply later exactly what was planned
// now: what the plan was made of, and which state it is for.

// Prepared says what a unit's working folder is made of.
type Prepared struct {
	Root    string // the whole source in the cache, or the unit's folder
	WorkDir string // where the binary runs
	Source  string // address of the module, "" for the unit itself; it may hold a password
	Shown   string // the address without one
	// Revision is what the address led to: a commit, "" where there is no such
	// thing. It is known of what this process has fetched.
	Revision string
	// Written lists the files below WorkDir, with slashes, that were generated:
	// they follow from the configuration and the environment.
	Written []string
}

// Prepare fetches the unit's module, lays the unit's files over it, and tells
// what lies there. It needs no outputs of other units.
func (r *Runner) Prepare(ctx context.Context, u *config.Unit, out Streams) (Prepared, error) {
	var info Info
	var p Prepared
	look := step{"settings", func(ctx context.Context, j *job) error { return j.settings(ctx, &info) }}
	note := step{"prepared", func(ctx context.Context, j *job) error {
		p.Root, p.WorkDir, p.Source = j.req.Layout().Root, j.workDir, j.cfg.Terraform.Source
		if p.Source != "" {
			p.Shown = j.req.Address.String()
		}
		if p.Revision = r.store.Fetched(j.req.Address); p.Revision == "" {
			p.Revision, _ = r.store.Revision(ctx, j.req.Address, j.env) // not known is no failure: the content is digested too
		}
		for name := range newGenerator(j.workDir).before {
			p.Written = append(p.Written, name)
		}
		return nil
	}}
	_, err := r.walk(ctx, u, Command{Name: "plan"}, out, []step{look, {"fetch", fetch}, note})
	return p, err
}

// PlannedOutputs makes the outputs of the unit in dir those that a plan
// foresees, for as long as nothing is applied in it. Unknown values in them
// stand for what is not known before an apply.
func (r *Runner) PlannedOutputs(dir string, outputs cty.Value) {
	entry := &outputsEntry{ready: true, value: outputs}
	r.outputs.Store(dir, entry)
}

// ForgetOutputs makes the outputs of the unit in dir be read again.
func (r *Runner) ForgetOutputs(dir string) { r.outputs.Delete(dir) }

// BinaryVersion tells the name and the version of the binary that the unit is
// run with.
func (r *Runner) BinaryVersion(ctx context.Context, u *config.Unit) (name, number string, err error) {
	env, err := r.environment(ctx, u.Dir())
	if err != nil {
		return "", "", err
	}
	o, err := u.Outline(ctx)
	if err != nil {
		return "", "", err
	}
	bin, err := r.unitBinary(u, env, o)
	if err != nil {
		return "", "", err
	}
	v, err := r.versions.Version(ctx, bin, env, u.Dir())
	return v.Name, v.Number, err
}

// StateMark tells one state of a unit from every other one.
type StateMark struct {
	Lineage string `json:"lineage"` // "" where there is no state
	Serial  uint64 `json:"serial"`
	Digest  string `json:"digest"` // sha256 of its content, however it is laid out; "" where there is none
}

// StateMark reads the unit's state, through the binary where it cannot be read
// without: then the working folder is prepared and initialised.
func (r *Runner) StateMark(ctx context.Context, u *config.Unit, out Streams) (StateMark, error) {
	state, err := r.markFromBackend(ctx, u)
	if errors.Is(err, remote.ErrNoState) {
		return StateMark{}, nil
	}
	if err == nil {
		return StateMark{Lineage: state.Lineage, Serial: state.Serial, Digest: state.Digest}, nil
	}
	if !errors.Is(err, remote.ErrUnreadable) {
		return StateMark{}, err
	}
	r.log.Debug("reading the state through the binary", "unit", u.Dir(), "reason", err.Error())
	text, err := r.pullState(ctx, u, out)
	if err != nil || len(bytes.TrimSpace(text)) == 0 {
		return StateMark{}, err
	}
	pulled, err := remote.ParseState(text)
	if err != nil {
		return StateMark{}, fmt.Errorf("state pull: %w", err)
	}
	return StateMark{Lineage: pulled.Lineage, Serial: pulled.Serial, Digest: pulled.Digest}, nil
}

func (r *Runner) markFromBackend(ctx context.Context, u *config.Unit) (*remote.State, error) {
	rs, err := u.RemoteState(ctx)
	if err != nil {
		return nil, err
	}
	place, err := r.place(ctx, u)
	if err != nil {
		return nil, err
	}
	switch {
	case rs == nil && r.keepsDefaultState(u, place):
		rs = &config.RemoteState{Backend: "local"}
	case rs == nil:
		return nil, unreadable("the unit has no remote_state that can be read alone")
	case len(rs.Encryption) > 0:
		return nil, unreadable("the state is encrypted")
	}
	return r.storedState(ctx, u, rs, place)
}

func (r *Runner) pullState(ctx context.Context, u *config.Unit, out Streams) ([]byte, error) {
	var text bytes.Buffer
	pull := step{"state pull", func(ctx context.Context, j *job) error {
		return j.retrying(ctx, func(ctx context.Context) error {
			if err := j.ensureInit(ctx); err != nil {
				return err
			}
			text.Reset()
			return j.exec.Run(ctx, shell.Cmd{Path: j.bin, Args: []string{"state", "pull"}, Dir: j.workDir, Env: j.env, Stdout: &text, Stderr: out.Stderr})
		})
	}}
	c := Command{Name: "state", Args: shell.Argv{"state", "pull"}}
	_, err := r.walk(ctx, u, c, out, append(preparing(), pull))
	return text.Bytes(), err
}

// RelativeState gives the path of a local state that is relative to the working
// folder, be it configured so or for want of a backend, as init has noted it there: a checkout elsewhere would
// look for another one. It is "" for every other state.
func RelativeState(workDir string, env config.Env) string {
	dir, ok := env.Lookup("TF_DATA_DIR")
	if !ok || dir == "" {
		dir = ".terraform"
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(workDir, dir)
	}
	b, err := os.ReadFile(filepath.Join(dir, "terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) {
		return "terraform.tfstate" // no backend is configured: the binary's own choice
	}
	if err != nil {
		return ""
	}
	var noted struct {
		Backend struct {
			Type   string
			Config struct{ Path *string }
		}
	}
	if json.Unmarshal(b, &noted) != nil || noted.Backend.Type != "local" {
		return ""
	}
	path := "terraform.tfstate"
	if p := noted.Backend.Config.Path; p != nil && *p != "" {
		path = *p
	}
	if filepath.IsAbs(path) {
		return ""
	}
	return path
}
