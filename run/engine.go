package run

import "fmt"

// Engines says what becomes of a unit's engine block. Plugin engines are not
// supported: the binary is run directly, or not at all.
type Engines int

const (
	EnginesTold    Engines = iota // the unit runs, with a warning
	EnginesOff                    // --no-engine: the unit runs, which is what was asked for
	EnginesRefused                // the experiment iac-engine: another engine than the one asked for must not run the unit
)

// EngineError says that a unit was to be run through a plugin engine.
type EngineError struct{ Unit, Source string }

func (e *EngineError) Error() string {
	return fmt.Sprintf("%s: engine %s: plugin engines are not supported: to run the binary directly, give --no-engine or leave out the experiment iac-engine", e.Unit, e.Source)
}

// checkEngine reports an engine block that would have been used.
func (j *job) checkEngine() error {
	e := j.cfg.Engine
	if e == nil {
		return nil
	}
	switch j.opts.Engines {
	case EnginesRefused:
		return &EngineError{Unit: j.unit.Dir(), Source: e.Source}
	case EnginesTold:
		j.log.Warn("engine blocks are not supported: the binary is run directly", "engine", e.Source)
	}
	return nil
}
