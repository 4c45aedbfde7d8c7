package bundle

import (
	"fmt"
	"slices"
	"strings"
)

// MockedPlanError says that a plan has failed which was made with mocks, so
// that one of them may be what it failed of.
type MockedPlanError struct {
	Leaves []string // such as vpc.id: the label of the dependency and the output
	Err    error
}

func (e *MockedPlanError) Error() string {
	return fmt.Sprintf("%v\nIt was planned with mocks for %s. If one of these values is what the plan fails of, give it one in mock_outputs that the module accepts, "+
		"or apply first what the dependency names", e.Err, strings.Join(e.Leaves, ", "))
}

func (e *MockedPlanError) Unwrap() error { return e.Err }

// mockedFailure adds to the failure of a plan which mocks it was made with.
func mockedFailure(err error, mocks []Mocked) error {
	if err == nil || len(mocks) == 0 {
		return err
	}
	failed := &MockedPlanError{Err: err}
	for _, m := range mocks {
		failed.Leaves = append(failed.Leaves, m.String())
	}
	slices.Sort(failed.Leaves)
	failed.Leaves = slices.Compact(failed.Leaves)
	return failed
}
