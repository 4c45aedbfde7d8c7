// Package source brings the files of a module to the folder in which a unit
// is run.
//
// It knows the forms that a module address can take, where in the cache a
// unit's copy lies, when that copy is out of date, how to fetch the files of
// an address, and how to lay them and the unit's own files over the cache
// without losing what is there already (state, .terraform, a user's files).
//
// It does not know the language of units, what a unit's configuration says,
// what generated files are, what is done in the folder afterwards, or where
// state lives. It prints nothing; it logs decisions at debug and surprises at
// warn.
package source
