// Package run takes one unit from its configuration to the end of a command of
// the wrapped binary: evaluate, fetch, generate, init, hooks, execute, retry.
//
// It is also the configuration's Host: what an expression wants of the outside
// world it gets here. It does not know of other units but as dependencies
// whose outputs are read, nor of the queue, flags, colours or exit codes of
// our own process.
package run
