package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/ui"
)

// inputsError says that a unit does not give its module what it takes.
type inputsError struct {
	Unit, What string
	Names      []string
}

func (e *inputsError) Error() string {
	return fmt.Sprintf("Unit '%s': %s: %s", e.Unit, e.What, strings.Join(e.Names, ", "))
}

// validateInputs compares the inputs of each unit with the variables of its
// module. What could not be read while they were chosen is an error, and strict
// makes unused inputs one.
func (s *session) validateInputs(ctx context.Context, items []item, unread error, strict bool) (int, error) {
	found := make([]run.InputCheck, len(items))
	errs := each(items, func(n int) (err error) {
		if items[n].Kind == configstack.KindUnit {
			found[n], err = s.compareInputs(ctx, items[n])
		}
		return err
	})
	for n, i := range items {
		if errs[n] == nil {
			errs[n] = s.judgeInputs(i, found[n], strict)
		}
	}
	if err := errors.Join(append(errs, unread)...); err != nil {
		return s.exitCode(err), err
	}
	return 0, nil
}

func (s *session) compareInputs(ctx context.Context, i item) (run.InputCheck, error) {
	if err := ctx.Err(); err != nil {
		return run.InputCheck{}, err
	}
	u, err := s.loader.Unit(ctx, i.File)
	if err != nil {
		return run.InputCheck{}, err
	}
	log := ui.LogLines(s.log.With(ui.AttrUnit, u.Dir()), ui.LevelStderr) // standard output is for the answer alone
	defer closeAll(log)
	return s.runner.CheckInputs(ctx, u, run.Streams{Stdout: log, Stderr: log})
}

// judgeInputs warns of what is not used and fails for what is missing.
func (s *session) judgeInputs(i item, c run.InputCheck, strict bool) error {
	log := s.log.With(ui.AttrUnit, i.Dir)
	if c.Open {
		log.Warn("The inputs are made of outputs of other units as a whole, so it cannot be told which are missing")
	}
	var errs []error
	if len(c.Missing) > 0 {
		errs = append(errs, &inputsError{s.shownPath(i.Dir), "required inputs are missing", c.Missing})
	}
	switch {
	case len(c.Unused) == 0:
	case strict:
		errs = append(errs, &inputsError{s.shownPath(i.Dir), "inputs are not variables of the module", c.Unused})
	default:
		log.Warn("These inputs are not variables of the module: " + strings.Join(c.Unused, ", "))
	}
	return errors.Join(errs...)
}
