package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// ExhaustedError says that an error was retried as often as its rule allows.
type ExhaustedError struct {
	Attempts int
	Err      error
}

func (e *ExhaustedError) Error() string {
	return fmt.Sprintf("max retry attempts (%d) reached for error: %s", e.Attempts, e.Err)
}

// Unwrap gives the last attempt's error.
func (e *ExhaustedError) Unwrap() error { return e.Err }

// rules gives the unit's rules for errors; the built-in one applies only where
// the unit has none.
func (j *job) rules() config.Errors {
	if e := j.cfg.Errors; e != nil && len(e.Retry)+len(e.Ignore) > 0 {
		return *e
	}
	return config.Errors{Retry: []config.Retry{{
		Name: "default", Patterns: config.DefaultRetryableErrors(), MaxAttempts: 3, SleepSec: 5,
	}}}
}

// retrying runs an operation until it succeeds, its error is one to ignore, or
// no rule wants it tried again.
func (j *job) retrying(ctx context.Context, operation func(context.Context) error) error {
	rules := j.rules()
	for attempt := 1; ; attempt++ {
		err := operation(ctx)
		if err == nil || isCancelled(err) || isUnsaved(err) {
			return err
		}
		text := errorText(err, j.errorStreams())
		if rule, ok := ignoredBy(rules.Ignore, text); ok {
			return j.ignore(rule)
		}
		rule, ok := retriedBy(rules.Retry, text)
		if !ok || j.opts.NoAutoRetry || ctx.Err() != nil {
			return err
		}
		if attempt >= rule.MaxAttempts {
			return &ExhaustedError{Attempts: rule.MaxAttempts, Err: err}
		}
		j.outcome.Retried = rule.Name
		j.log.Warn(fmt.Sprintf("Encountered retryable error: %s. Attempt %d of %d. Waiting %d second(s) before retrying...", rule.Name, attempt, rule.MaxAttempts, rule.SleepSec))
		if j.opts.Sleep(ctx, time.Duration(rule.SleepSec)*time.Second) != nil {
			return err // interrupted while waiting: what failed is still what failed
		}
	}
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, shell.ErrInterrupted)
}

func ignoredBy(rules []config.Ignore, text errText) (config.Ignore, bool) {
	for _, r := range rules {
		if text.matches(r.Patterns) {
			return r, true
		}
	}
	return config.Ignore{}, false
}

func retriedBy(rules []config.Retry, text errText) (config.Retry, bool) {
	for _, r := range rules {
		if text.matches(r.Patterns) {
			return r, true
		}
	}
	return config.Retry{}, false
}

// ignore turns an error into success, and tells others of it by the file that
// the rule asks for.
func (j *job) ignore(rule config.Ignore) error {
	j.log.Warn("Ignoring error, reason: " + rule.Message)
	j.outcome.Ignored = rule.Name
	if len(rule.Signals) == 0 {
		return nil
	}
	b, err := json.MarshalIndent(rule.Signals, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(j.unit.Dir(), "error-signals.json"), b, 0o644)
}

// errText is an error as patterns see it: without colours, and once more with
// everything but words and simple punctuation replaced by blanks, which is the
// only form that the patterns of old configurations were ever tried on.
type errText struct{ raw, clean string }

// streams are the parts of a failed process's output that patterns are tried
// on.
type streams int

const (
	onlyStderr streams = iota
	bothStreams
)

// errorStreams are those that a rule for errors looks at: standard output
// shows plans and outputs, any text of which could pass for an error. With
// -json that is where the binary reports its errors too.
func (j *job) errorStreams() streams {
	if j.cmd.Args.On("json") {
		return bothStreams
	}
	return onlyStderr
}

// errorText gives what failed processes have said, and the error's own text.
func errorText(err error, which streams) errText {
	var text strings.Builder
	for _, exit := range exits(err) {
		if which == bothStreams {
			text.WriteString(exit.Stdout + "\n")
		}
		text.WriteString(exit.Stderr + "\n")
	}
	text.WriteString(err.Error())
	raw := ansi().ReplaceAllString(text.String(), "")
	return errText{raw: raw, clean: strings.Join(strings.Fields(unusual().ReplaceAllString(raw, " ")), " ")}
}

// exits finds the failed processes among joined and wrapped errors.
func exits(err error) []*shell.ExitError {
	switch e := err.(type) {
	case nil:
		return nil
	case *shell.ExitError:
		return []*shell.ExitError{e}
	case interface{ Unwrap() []error }:
		var all []*shell.ExitError
		for _, one := range e.Unwrap() {
			all = append(all, exits(one)...)
		}
		return all
	}
	return exits(errors.Unwrap(err))
}

var ansi = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`) })

var unusual = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^A-Za-z0-9./'"():=\\\- ]+`) })

func (t errText) MatchString(re *regexp.Regexp) bool {
	return re.MatchString(t.clean) || re.MatchString(t.raw)
}

// matches goes through patterns; the first that matches decides, and one that
// starts with ! decides against.
func (t errText) matches(patterns []string) bool {
	for _, p := range patterns {
		negated := strings.HasPrefix(p, "!")
		re, err := regexp.Compile(strings.TrimPrefix(p, "!"))
		if err == nil && t.MatchString(re) {
			return !negated
		}
	}
	return false
}

// exitCode is the status that an error asks for: that of the process that
// failed, 1 for everything else.
func exitCode(err error) int {
	var exit *shell.ExitError
	if errors.As(err, &exit) && exit.Code > 0 {
		return exit.Code
	}
	if err != nil {
		return 1
	}
	return 0
}
