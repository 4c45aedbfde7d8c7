package test

import (
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/terrace-iac/terrace/test/parts"
)

// startPart is the script command `part NAME...`: it starts real servers, points the script's
// environment at them and sets PART_ADDR_NAME, with - as _, to where they listen. A script
// is skipped where TERRACE_E2E is not set or its part is not installed, or fails where that lists it.
func (p *probe) startPart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: part NAME...")
	}
	for _, name := range args {
		server, skip, err := parts.StartForTest(name)
		if skip != nil {
			p.Skip(skip)
		}
		ts.Check(err)
		ts.Defer(func() { _ = server.Close() })
		for variable, value := range server.Env {
			ts.Setenv(variable, value)
		}
		ts.Setenv("PART_ADDR_"+variableName(name), server.Addr)
	}
}

func variableName(part string) string {
	name := []byte(part)
	for i, c := range name {
		switch {
		case c == '-':
			name[i] = '_'
		case c >= 'a' && c <= 'z':
			name[i] = c - 'a' + 'A'
		}
	}
	return string(name)
}
