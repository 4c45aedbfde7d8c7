package cli

// warning is something to tell the user that does not stop the run, unless the
// strict control it belongs to is on.
type warning struct {
	Control string // name of a strict control; empty for none
	Text    string
}

// usageError is a mistake in the words typed or in a variable. Its text says
// all that is to be said.
type usageError struct{ Text string }

func (e *usageError) Error() string { return e.Text }
