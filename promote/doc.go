// Package promote carries the version of a module from one place of a live
// repository to another: it finds the one literal that the version of a unit
// comes from, proves by evaluating the whole repository again that changing
// it changes what was asked for and nothing else, and changes that literal's
// bytes. It tells two versions of a module apart by what they declare.
//
// It knows how versions are written in sources, and what a stack file would
// generate.
//
// It does not know which unit is meant by a slot, what git says of a file,
// how a plan is made, or who may approve it. It prints nothing and writes no
// file but those that [Write] is given.
package promote
