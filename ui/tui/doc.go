// Package tui is what uses the whole screen of a terminal: lists that are
// filtered while one types, pages that scroll, forms, and a tree of folders.
//
// It shows plain data and gives back what was chosen. It does not know what a
// unit's configuration, a catalog or a template is, where entries come from
// (functions that are handed in fetch them), or what becomes of a choice.
package tui
