package cli

import (
	"errors"
	"slices"
	"syscall"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui/tui"
)

// exitCode is the only place where an error becomes an exit status: that of
// the child that failed, that of the signal that ended us, else 1. A mistake in
// the configuration is 1, also where a command that it runs has failed.
func (s *session) exitCode(err error) int {
	var mistakes *config.Error
	if errors.As(err, &mistakes) && s.relay.First() == nil {
		return 1
	}
	var exit *shell.ExitError
	if errors.As(err, &exit) && exit.Code > 0 {
		return exit.Code
	}
	if sig := s.relay.First(); sig != nil {
		return shell.ExitStatus(sig)
	}
	return 1
}

// screenEnd is exitCode for what may have used the whole screen. An interrupt is
// a key there: whoever pressed it wanted to leave and needs no words.
func (s *session) screenEnd(err error) (int, error) {
	switch {
	case err == nil:
		return 0, nil
	case errors.Is(err, tui.ErrInterrupted):
		return shell.ExitStatus(syscall.SIGINT), nil
	}
	return s.exitCode(err), err
}

// queueCode adds the statuses of a queue up. After an interrupt that has cut
// anything off it is that of the signal, whatever the units made of it. An
// error's status is that of the first failed unit in queue order; without one,
// -detailed-exitcode gives the largest that is an error, else 2 where anything
// changed.
func (s *session) queueCode(results []configstack.Result[run.Outcome]) int {
	cutOff := slices.ContainsFunc(results, func(r configstack.Result[run.Outcome]) bool {
		return r.State == configstack.Failed || r.State == configstack.Skipped
	})
	if sig := s.relay.First(); sig != nil && cutOff {
		return shell.ExitStatus(sig)
	}
	for _, r := range results {
		if r.State == configstack.Failed {
			return s.exitCode(r.Err)
		}
	}
	worst := 0
	for _, r := range results {
		if r.Value.Ignored == "" {
			worst = max(worst, r.Value.ExitCode)
		}
	}
	return worst
}

// exitBrokenPipe is the status of a program that writes to a pipe which nobody
// reads any more, as `| head` leaves it: there is nobody to tell.
const exitBrokenPipe = 141

// isBrokenPipe says whether our own listing could not be written. Output of the
// binary that is lost is another matter: its command has done its work.
func isBrokenPipe(err error) bool {
	var lost *shell.OutputError
	return errors.Is(err, syscall.EPIPE) && !errors.As(err, &lost)
}

// promoteCode is the status of a promotion: 3 always and only means that a
// person is waited for, so a failed child gives 1.
func (s *session) promoteCode(err error) int {
	var wait *waitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &wait):
		return exitWaiting
	}
	if sig := s.relay.First(); sig != nil {
		return shell.ExitStatus(sig)
	}
	return 1
}
