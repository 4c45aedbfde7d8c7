package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/shlex"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// guardFlags are for every command that may change something.
func guardFlags() []*flagDef {
	return []*flagDef{
		{Name: "fetch", Help: "Ask the remote for the newest commits before the guards of terrace.hcl are asked."},
		// No variable: what lets a command through must be written where it is run.
		{Name: "override-guard", Kind: kindString, Value: "reason", Env: envNone, Help: "Run although a guard of terrace.hcl refuses. The reason is recorded in git notes. It does not stand in for approvals."},
	}
}

// change is a command that is about to change units.
type change struct {
	Command  string // as people type it
	Units    []*config.Unit
	Wrote    []string // files that this run has written, absolute
	Approved bool     // a bundle with all its approvals is applied
}

// guard asks the guards of terrace.hcl. A command that is refused has changed
// nothing yet; the error says by which rule.
func (s *session) guard(ctx context.Context, c change) error {
	if len(c.Units) == 0 {
		return nil
	}
	git, err := s.openGit(ctx)
	if err != nil {
		return err
	}
	asked := live.Change{
		Command: c.Command, Wrote: c.Wrote, Approved: c.Approved, Fetch: s.inv.Values.Bool("fetch"),
		Reads: func(ctx context.Context) ([]string, error) { return s.readFiles(ctx, c.Units) },
	}
	for _, u := range c.Units {
		asked.Units = append(asked.Units, s.shown(u.Dir()))
	}
	refusals, err := asked.Check(ctx, git)
	if err != nil || len(refusals) == 0 {
		return err
	}
	for _, r := range refusals {
		if filepath.IsAbs(r.At.File) {
			r.At.File = s.shownPath(r.At.File)
		}
	}
	reason := strings.TrimSpace(s.inv.Values.String("override-guard"))
	if reason == "" || !refusals[0].Overridable { // those that cannot be overridden come first
		return refusals[0]
	}
	return s.override(ctx, git, reason, refusals)
}

// openGit opens the repository of the working folder; nil outside of one.
func (s *session) openGit(ctx context.Context) (*live.Git, error) {
	git, err := live.OpenGit(ctx, s.inv.Global.WorkingDir, s.git)
	if errors.Is(err, live.ErrNoGit) {
		return nil, nil
	}
	return git, err
}

// readFiles lists the files that units are made of, as they lie in the work
// tree.
func (s *session) readFiles(ctx context.Context, units []*config.Unit) ([]string, error) {
	var all []string
	for _, u := range units {
		if s.shown(u.Dir()) != u.Dir() {
			continue // it lies in a commit: all of it is tracked
		}
		files, err := live.ReadFiles(ctx, u)
		if err != nil {
			return nil, err
		}
		all = append(all, files...)
	}
	return all, nil
}

// override puts on record that somebody lets a command through.
func (s *session) override(ctx context.Context, git *live.Git, reason string, refusals []*live.Refusal) error {
	if git == nil {
		return fmt.Errorf("%w\nIt cannot be overridden here: there is no git repository to put the reason on record in", refusals[0])
	}
	who, err := git.Who(ctx)
	if err != nil {
		return err
	}
	note := live.Override{Record: live.OverrideRecord, Time: time.Now().UTC().Truncate(time.Second), By: who, Reason: reason, Command: refusals[0].Command}
	seen := map[string]bool{}
	for _, r := range refusals {
		rule := fmt.Sprintf("%s: %s: %s", r.Environment, r.Rule, r.Why)
		if seen[rule] {
			continue
		}
		seen[rule] = true
		note.Rules = append(note.Rules, rule)
		note.Units = unique(append(note.Units, r.Units...))
		s.log.Warn(fmt.Sprintf("The guard of %s is overridden (%q): %s. The rule: %s (%s:%d)", r.Environment, reason, r.Why, r.Rule, r.At.File, r.At.Line))
	}
	commit, _, err := git.Head(ctx)
	if err != nil {
		return err
	}
	if err := git.AddNote(ctx, commit, note); err != nil {
		return fmt.Errorf("the overridden guard cannot be put on record, so the command is not run: %w", err)
	}
	s.log.Warn(fmt.Sprintf("Recorded on commit %s in %s. To share the record: git push origin %s", commit[:min(len(commit), 8)], live.NotesRef, live.NotesRef))
	return nil
}

// guardTofu asks the guards about a command line of the wrapped binary, where
// it is one that may change something.
func (s *session) guardTofu(ctx context.Context, argv shell.Argv, units ...*config.Unit) error {
	if live.Reading(s.withEnvArgs(argv)) {
		return nil
	}
	name := strings.Join(argv[:argv.Head()], " ")
	if name == "" {
		name = "this command"
	}
	return s.guard(ctx, change{Command: name, Units: units})
}

// withEnvArgs adds the words that the binary takes from its environment.
func (s *session) withEnvArgs(argv shell.Argv) shell.Argv {
	env := newEnvironment(s.inv.Env)
	for _, name := range []string{"TF_CLI_ARGS", "TF_CLI_ARGS_" + argv.Word()} {
		text, _ := env.get(name)
		words, err := shlex.Split(text)
		if err != nil {
			s.log.Debug("arguments in the environment cannot be read", ui.AttrTFArgs, name, "error", err)
			continue
		}
		argv = argv.Insert(words...)
	}
	return argv
}

func configUnits(units []*configstack.Unit) []*config.Unit {
	list := make([]*config.Unit, len(units))
	for i, u := range units {
		list[i] = u.Unit
	}
	return list
}
