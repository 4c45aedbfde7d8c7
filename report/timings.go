package report

import (
	"io"
	"slices"
	"strings"
	"time"
)

// Timings is where the time of a run went. It is a file of its own: the report
// has a fixed set of keys.
type Timings struct {
	Command        string // of the wrapped binary, without its arguments
	Started, Ended time.Time
	Units          []UnitTiming
	Critical       []string // names of the units that determine how long the run takes, in order
}

// UnitTiming is a unit's part of a run. One that never started has equal times
// and no steps.
type UnitTiming struct {
	Name           string
	Result         Result
	Started, Ended time.Time
	Attempts       int // how often the command was tried
	Steps          []StepTiming
}

// StepTiming is how long a unit was in one step of its way.
type StepTiming struct {
	Step string
	Time time.Duration
}

// The shapes in JSON. Durations are seconds.
type (
	timingsJSON struct {
		Command  string           `json:"command,omitempty"`
		Started  time.Time        `json:"started"`
		Ended    time.Time        `json:"ended"`
		Seconds  float64          `json:"seconds"`
		Critical criticalJSON     `json:"critical_path"`
		Units    []unitTimingJSON `json:"units"`
	}
	criticalJSON struct {
		Seconds float64  `json:"seconds"`
		Units   []string `json:"units"`
	}
	unitTimingJSON struct {
		Name     string           `json:"name"`
		Result   Result           `json:"result"`
		Started  time.Time        `json:"started"`
		Ended    time.Time        `json:"ended"`
		Seconds  float64          `json:"seconds"`
		Attempts int              `json:"attempts"`
		Steps    []stepTimingJSON `json:"steps"`
	}
	stepTimingJSON struct {
		Step    string  `json:"step"`
		Seconds float64 `json:"seconds"`
	}
)

// WriteTimings writes the timings as JSON, the units in the order in which they
// started.
func WriteTimings(w io.Writer, t Timings) error {
	out := timingsJSON{
		Command: t.Command, Started: t.Started, Ended: t.Ended, Seconds: inSeconds(t.Ended.Sub(t.Started)),
		Critical: criticalJSON{Units: append([]string{}, t.Critical...)}, Units: []unitTimingJSON{},
	}
	for _, u := range t.Units {
		one := unitTimingJSON{
			Name: u.Name, Result: u.Result, Started: u.Started, Ended: u.Ended,
			Seconds: inSeconds(u.Ended.Sub(u.Started)), Attempts: u.Attempts, Steps: []stepTimingJSON{},
		}
		for _, s := range u.Steps {
			one.Steps = append(one.Steps, stepTimingJSON{s.Step, inSeconds(s.Time)})
		}
		out.Units = append(out.Units, one)
	}
	out.Critical.Seconds = inSeconds(t.CriticalTime())
	slices.SortStableFunc(out.Units, func(a, b unitTimingJSON) int {
		if c := a.Started.Compare(b.Started); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return encode(w, out)
}

// CriticalTime is what the units of the critical path took together.
func (t Timings) CriticalTime() time.Duration {
	var sum time.Duration
	for _, u := range t.Units {
		if slices.Contains(t.Critical, u.Name) {
			sum += u.Ended.Sub(u.Started)
		}
	}
	return sum
}

// inSeconds keeps microseconds; more would only be noise.
func inSeconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond).Microseconds()) / 1e6
}
