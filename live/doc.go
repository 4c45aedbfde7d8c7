// Package live is a live repository as its owners see it: its environments in
// the order in which changes move through them, the units that belong to each,
// the versions of modules that they are pinned to, who may change what from
// where, and what must hold after a change.
//
// It knows terrace.hcl, and of git what these questions need: what is checked
// out, what the remote has, what was changed, and the notes in which
// promotions are recorded.
//
// It does not know what a plan or a bundle is, how a literal is edited, or how
// a unit is run. It prints nothing and decides no exit status; commands that a
// user has written down are started by the executor that it is given.
package live
