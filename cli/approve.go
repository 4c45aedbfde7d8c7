package cli

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// backend is what the run may do to backends. The command that makes one needs
// no further permission.
func (s *session) backend() run.Backend {
	o := s.opts.Backend
	return run.Backend{
		Bootstrap: o.Bootstrap || s.inv.Command.Path() == "backend bootstrap", Require: o.RequireBootstrap, NoUpdate: o.DisableUpdate,
		Approve: newApprover(s).approve,
	}
}

// approver asks the user before each change of a backend.
type approver struct {
	prompter *ui.Prompter
	guard    func(ctx context.Context, u *config.Unit) error
	mu       sync.Mutex // guards the fields below
	// created are the things that the user wants to be made, for the life of a
	// session. What belongs to making them is not asked for again.
	created map[string]bool
}

func newApprover(s *session) *approver {
	return &approver{prompter: ui.NewPrompter(s.console, s.inv.Global.NonInteractive, s.log), guard: s.guardStorage, created: map[string]bool{}}
}

// guardStorage asks the guards before a command that only reads, and so was
// not asked about yet, makes a backend on its way.
func (s *session) guardStorage(ctx context.Context, u *config.Unit) error {
	argv := shell.Argv(s.inv.TF)
	if !s.inv.Command.Words.tofu() || !live.Reading(s.withEnvArgs(argv)) {
		return nil
	}
	return s.guard(ctx, change{Command: argv.Word() + " --backend-bootstrap", Units: []*config.Unit{u}})
}

func (a *approver) approve(ctx context.Context, u *config.Unit, c remote.Change) (bool, error) {
	if err := a.guard(ctx, u); err != nil {
		return false, err
	}
	a.mu.Lock()
	known := a.created[c.Object]
	a.mu.Unlock()
	if known && c.Action == "update" {
		return true, nil
	}
	yes, err := a.prompter.Prompt(ctx, question(c))
	if yes && err == nil && c.Action == "create" {
		a.mu.Lock()
		a.created[c.Object] = true
		a.mu.Unlock()
	}
	return yes, err
}

func question(c remote.Change) string {
	switch c.Action {
	case "create":
		return fmt.Sprintf("Remote state %s does not exist or you don't have permissions to access it. Would you like Terrace to create it?", c.Object)
	case "update":
		return fmt.Sprintf("Remote state %s is out of date (%s). Would you like Terrace to update it?", c.Object, c.Detail)
	case "delete":
		return fmt.Sprintf("%s will be deleted. Do you want to continue?", c.Object)
	}
	return fmt.Sprintf("Terrace will %s. Do you want to continue?", c)
}

// closableLines shows what the binary prints for a unit as lines of the log.
func closableLines(s *session, u *config.Unit) io.WriteCloser {
	return ui.LogLines(s.log.With(ui.AttrUnit, u.Dir()), ui.LevelStderr)
}
