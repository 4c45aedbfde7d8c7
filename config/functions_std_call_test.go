package config

import (
	"context"

	"github.com/zclconf/go-cty/cty/function"
)

// stdTestCall is a call from a file in dir.
func stdTestCall(dir string) *call {
	ctx := context.Background()
	return &call{
		ctx:   ctx,
		ev:    &eval{ctx: ctx},
		frame: newFrame(&core{l: &Loader{functions: functionTable(true)}}, &file{dir: dir}, nil),
		def:   &def{},
	}
}

func stdTestFunctions(c *call) map[string]function.Function {
	fs := map[string]function.Function{}
	for _, spec := range stdFunctions() {
		fs[spec.Name] = spec.build(c)
	}
	return fs
}

func stdTestReads(c *call) []string { return c.ev.reads }
