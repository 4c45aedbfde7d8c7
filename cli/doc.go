// Package cli knows the words people type and the words the program prints.
//
// Every flag and command is a row of a table (flags_*.go, commands_*.go).
// The same rows are read by the splitter that parses the command line, by the
// environment, by help, by completion and by the reference page, so they
// cannot disagree.
//
// A command line travels in one direction: rewriteLegacy turns old spellings
// into today's, split sorts the words into ours and those of the wrapped
// binary, bind gives every flag its value, the options structs are built from
// the values, and a handler gets the result. All of it before the first
// handler is pure: words in, values or an error out.
//
// The package does not know how configuration is evaluated, how a unit is run
// or how a queue is ordered; handlers ask the rooms below for that.
package cli
