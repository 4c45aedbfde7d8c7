// Package boilerplate makes files of templates that are written for
// Boilerplate: a folder of Go templates, and in it boilerplate.yml, which
// declares variables, templates that come first, hooks and files to leave out.
//
// Nothing is written here: rendering gives the files as values, with the hooks
// that have to run once they are written.
//
// It does not know modules, units or catalogs, how a template is fetched or how
// a question is put to a person: all of that is handed in.
package boilerplate
