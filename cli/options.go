package cli

import (
	"path/filepath"
	"slices"
	"strconv"

	"github.com/terrace-iac/terrace/telemetry"
)

// globalOptions are the global flags as plain values.
type globalOptions struct {
	WorkingDir     string // absolute
	Log            logOptions
	NoColor        bool // asked for; whether a stream is a terminal is not considered
	NonInteractive bool
	Strict         strictOptions
	Experiments    experimentOptions
	Tips           tipOptions
	Profile        profileOptions
	Telemetry      telemetry.Settings
}

type logOptions struct {
	Level        string // one of logLevels
	Format       string // pretty, bare, key-value or json
	CustomFormat string // wins over Format when not empty
	Disable      bool
	ShowAbsPaths bool
}

// profileOptions are absolute paths, empty for no profile.
type profileOptions struct{ CPU, Mem, Goroutine, Dir string }

// newGlobalOptions builds the options from the values. Relative paths are
// below cwd, which must be absolute. The warnings are about names that are
// accepted without effect.
func newGlobalOptions(v *values, env environment, cwd string) (globalOptions, []warning, error) {
	o := globalOptions{
		WorkingDir:     absolute(cwd, v.String("working-dir")),
		NoColor:        v.Bool("no-color") || isSet(env, "NO_COLOR"),
		NonInteractive: v.Bool("non-interactive") || isFalse(env, "TF_INPUT"),
		Log: logOptions{
			Level:        v.String("log-level"),
			Format:       v.String("log-format"),
			CustomFormat: v.String("log-custom-format"),
			Disable:      v.Bool("log-disable"),
			ShowAbsPaths: v.Bool("log-show-abs-paths"),
		},
		Profile: profileOptions{
			CPU:       absoluteIfSet(cwd, v.String("profile-cpu")),
			Mem:       absoluteIfSet(cwd, v.String("profile-mem")),
			Goroutine: absoluteIfSet(cwd, v.String("profile-goroutine")),
			Dir:       absoluteIfSet(cwd, v.String("profile-dir")),
		},
	}
	var strictWarnings, experimentWarnings []warning
	var err error
	if o.Strict, strictWarnings, err = newStrictOptions(v.List("strict-control"), v.Bool("strict-mode")); err != nil {
		return o, nil, err
	}
	if o.Experiments, experimentWarnings, err = newExperimentOptions(v.List("experiment"), v.Bool("experiment-mode")); err != nil {
		return o, nil, err
	}
	if o.Tips, err = newTipOptions(v.List("no-tip"), v.Bool("no-tips")); err != nil {
		return o, nil, err
	}
	var telemetryWarnings []warning
	o.Telemetry, telemetryWarnings, err = newTelemetrySettings(env)
	return o, slices.Concat(strictWarnings, experimentWarnings, telemetryWarnings), err
}

// absolute is path below base, or base when path is empty.
func absolute(base, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(base, path)
}

// absoluteIfSet is absolute, with an empty path left empty.
func absoluteIfSet(base, path string) string {
	if path == "" {
		return ""
	}
	return absolute(base, path)
}

func isSet(env environment, name string) bool {
	_, ok := env.get(name)
	return ok
}

// isFalse reports whether a variable holds a false boolean.
func isFalse(env environment, name string) bool {
	text, ok := env.get(name)
	on, err := strconv.ParseBool(text)
	return ok && err == nil && !on
}
