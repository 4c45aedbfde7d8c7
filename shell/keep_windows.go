package shell

import "os"

// startKeeper starts nothing: a pipe without a reader gives an error here, which
// the binary passes over, and no signal.
func startKeeper([]*os.File) (dismiss func()) { return func() {} }
