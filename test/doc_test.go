// Package test tests the built binary from outside: scripts with a recording stand-in for
// the wrapped binary and with the real one, the conformance cases, the direction of the
// imports, the cost of starting, and the demo.
//
// It does not know any room of the program; it runs the binary and the go command only.
package test
