package report

import (
	"cmp"
	"slices"
	"time"
)

// Result is how a unit ended.
type Result string

// The results.
const (
	Succeeded Result = "succeeded"
	Failed    Result = "failed"
	EarlyExit Result = "early exit" // never started, because of a failure or an interrupt
	Excluded  Result = "excluded"   // taken out of the run before it began
)

func results() []Result { return []Result{Succeeded, Failed, EarlyExit, Excluded} }

// Reason says more about a result. Most successes need none.
type Reason string

// The reasons.
const (
	RetrySucceeded Reason = "retry succeeded"
	ErrorIgnored   Reason = "error ignored"
	RunError       Reason = "run error"
	ExcludeBlock   Reason = "exclude block"
	AncestorError  Reason = "ancestor error"
	UnitRemoved    Reason = "unit removed"
)

func reasons() []Reason {
	return []Reason{RetrySucceeded, ErrorIgnored, RunError, ExcludeBlock, AncestorError, UnitRemoved}
}

// Row is one unit of a run.
type Row struct {
	Name           string    // path as people know it
	Started, Ended time.Time // equal for a unit that never started
	Result         Result
	Reason         Reason // "" for none
	// Cause is the rule that was used, the text of the error, or the unit that
	// failed before; "" for none.
	Cause string
	Ref   string   // git reference the unit was taken from; "" for the work tree
	Cmd   string   // command of the wrapped binary; "" when only one unit ran
	Args  []string // its arguments as typed, without the command
}

// sorted orders rows by start, then by name.
func sorted(rows []Row) []Row {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b Row) int {
		return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Name, b.Name))
	})
	return out
}
