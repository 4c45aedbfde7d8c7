// Package ui is the terminal: its streams, colour, log lines, child output,
// prompts, listings, summaries, diagnostics and live progress.
//
// It does not know what a unit, a configuration or a plan is. It receives
// strings, durations and writers, and decides only how they look and that lines
// of different origin never mix. It reads neither flags nor the environment on
// its own: both are handed to NewConsole.
package ui
