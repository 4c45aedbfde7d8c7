// Package report writes down how a run ended, for machines: as CSV, as JSON
// with a schema, and as JUnit XML; and where its time went.
//
// It takes rows of its own and knows nothing of units, queues, configuration
// or the wrapped binary; who makes the rows decides what they mean. It does
// not choose exit codes and prints nothing: it writes to files and writers.
package report
