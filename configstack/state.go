package configstack

import "github.com/terrace-iac/terrace/config"

// State is where a unit of a queue stands.
type State int

// The states. A unit moves from Waiting over Ready and Running to Succeeded
// or Failed, or it leaves that way for Skipped before it runs. Excluded units
// never move.
const (
	Waiting   State = iota // for other units to end
	Ready                  // for a free place
	Running                // being worked on
	Succeeded              // the work returned no error
	Failed                 // the work returned an error
	Skipped                // not started, because of a failure or an interrupt
	Excluded               // not in the queue, because of a rule
)

var stateNames = [...]string{"waiting", "ready", "running", "succeeded", "failed", "skipped", "excluded"}

func (s State) String() string { return stateNames[s] }

// follows says whether a unit may move from the state from to s.
func (s State) follows(from State) bool {
	switch s {
	case Ready:
		return from == Waiting
	case Running:
		return from == Ready
	case Succeeded, Failed:
		return from == Running
	case Skipped:
		return from == Waiting || from == Ready
	}
	return false
}

// Policy says how a queue is driven. The zero value runs everything that is
// ready at once, and after a failure skips what waited for the failed unit.
type Policy struct {
	Parallelism int // units running at once; 0 or less is no limit
	// FailFast: after the first failure no unit starts any more.
	FailFast bool
	// IgnoreErrors: a failure skips nothing; units start when those before
	// them have ended in whatever way. It overrules FailFast.
	IgnoreErrors bool
	// IgnoreOrder: all units are ready from the start. A failure still skips
	// the units behind it that have not started.
	IgnoreOrder bool
	Observer    Observer // nil: nobody looks on
}

// Observer is told about the progress of a queue. It is called from one
// goroutine, which does nothing else meanwhile, so it must not be slow.
type Observer interface {
	// UnitStarted is called before the work on u begins.
	UnitStarted(u *config.Unit)
	// UnitFinished is called once for each unit of the queue, with Succeeded,
	// Failed or Skipped. Excluded units are not announced.
	UnitFinished(u *config.Unit, s State, err error)
}

type noObserver struct{}

func (noObserver) UnitStarted(*config.Unit)                {}
func (noObserver) UnitFinished(*config.Unit, State, error) {}
