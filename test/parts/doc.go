// Package parts starts real servers for tests: each on a loopback port that
// was free, in a folder of its own, and gone again when the test ends or its
// process dies.
//
// It knows where their programs are looked for, how they are started and when
// they are ready, and which variables point a client at them. It does not know
// what is tested with them, and nothing but tests may import it.
package parts
