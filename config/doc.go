// Package config turns terragrunt.hcl files into plain values.
//
// It knows the syntax, the schema, what may refer to what, how an included
// file is merged with its child, and when an expression has to be evaluated:
// each one at most once per frame and phase, and only when somebody asks.
//
// It does not know how to start a process, fetch a module, read a state or
// print a line. Everything that it needs from the outside world it asks of
// the Host that its Loader was built with. It does not know the queue: a
// Unit cannot tell whether it is run alone or with others.
package config
