// Package configstack deals with many units at once: it finds them below a
// directory, chooses among them by queries, orders them by their dependencies,
// decides which of them a command leaves out, and drives a queue over the
// rest.
//
// It does not know what is done to a unit. The work is a function handed to
// [Run], and so is git, which queries about changes need; the package starts
// no process, reads no state, prints nothing and decides no exit code. It does
// not know HCL either: of a unit it needs its path, its [config.Outline] and
// the files that it reads. What the user should hear comes back as values and
// errors, progress leaves through [Observer].
package configstack
