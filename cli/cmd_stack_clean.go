package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
)

const separator = filepath.Separator

func stackFileIn(dir string) string { return filepath.Join(dir, configstack.StackFile) }

// runStackClean removes what was generated. A unit whose state lies in its own
// folder and still manages something stays: nothing else could destroy that.
func runStackClean(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, nil, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	found, err := configstack.FindGenerated(ctx, inv.Global.WorkingDir, s.discoverOptions())
	if err != nil {
		return 1, err
	}
	var errs []error
	for _, dir := range found.Folders {
		states, err := run.LocalStates(dir)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		errs = append(errs, s.cleanFolder(dir, states, found.Orphans))
	}
	for _, o := range found.Beside {
		errs = append(errs, s.cleanBeside(o))
	}
	return 0, errors.Join(errs...)
}

// cleanFolder removes a .terragrunt-stack folder, or all in it but the units
// that hold state.
func (s *session) cleanFolder(dir string, states []string, inside []*configstack.Orphan) error {
	kept := map[string]bool{}
	for _, state := range states {
		unit := dir
		for _, o := range inside { // the innermost comes first
			if strings.HasPrefix(state, o.Dir+string(separator)) {
				unit = o.Dir
				break
			}
		}
		if !kept[unit] {
			kept[unit] = true
			s.log.Warn(fmt.Sprintf("%s is kept: the state in it still manages something. Destroy that with `%s destroy --working-dir %s` and clean again", s.shownPath(unit), progName, s.shownPath(unit)))
		}
	}
	err := configstack.RemoveExcept(dir, kept)
	if err == nil && len(kept) == 0 {
		s.log.Info("Removed " + s.shownPath(dir))
	}
	return err
}

// cleanBeside removes what was generated beside a stack file.
func (s *session) cleanBeside(o *configstack.Orphan) error {
	states, err := run.LocalStates(o.Dir)
	if err != nil {
		return err
	}
	if len(states) > 0 {
		s.log.Warn(fmt.Sprintf("%s is kept: the state in it still manages something. Destroy that with `%s destroy --working-dir %s` and clean again", s.shownPath(o.Dir), progName, s.shownPath(o.Dir)))
		return nil
	}
	left, err := o.Remove()
	if err == nil && len(left) > 0 {
		s.log.Warn(fmt.Sprintf("%s is kept for the files in it that were not generated: %s", s.shownPath(o.Dir), strings.Join(s.shownPaths(left), ", ")))
	}
	return err
}
