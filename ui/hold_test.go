package ui

import (
	"bytes"
	"io"
	"testing"
)

func TestHold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	c := NewConsole(Options{Stdout: &out, Stderr: &out})
	release := c.Hold()
	io.WriteString(c.Stderr(), "one\n")
	io.WriteString(c.Stdout(), "two\n")
	if out.Len() > 0 {
		t.Errorf("written while held: %q", out.String())
	}
	release()
	release()
	io.WriteString(c.Stdout(), "three\n")
	if got := out.String(); got != "one\ntwo\nthree\n" {
		t.Errorf("%q", got)
	}
}
