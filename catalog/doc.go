// Package catalog finds what repositories offer to be used (modules, units,
// stacks and templates) and writes a folder that uses one of them.
//
// It knows what tells the kinds apart, what a README says about a component,
// which variables a module declares, which values a unit reads, how the address
// of a source is pinned to a version, and how templates become files.
//
// It does not know the terminal: what can be chosen is given as plain values,
// and questions go to whoever was handed in. It does not know how a source is
// fetched (package source) nor what a unit does when it runs.
package catalog
