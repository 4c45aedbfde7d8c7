package config

import (
	"context"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// call is what a function may know of the place it is called from. It lives as
// long as the evaluation of one expression.
type call struct {
	ctx   context.Context
	ev    *eval
	frame *frame
	def   *def
}

// dir is the folder of the file in which the expression is written.
func (c *call) dir() string { return c.frame.file.dir }

// read records that a file was read.
func (c *call) read(path string) { c.ev.read(path) }

// functions gives all functions, for templates that may call any of them.
func (c *call) functions() map[string]function.Function {
	l := c.frame.core.l
	out := make(map[string]function.Function, len(l.functions))
	for name, spec := range l.functions {
		if name != "templatefile" {
			out[name] = spec.build(c)
		}
	}
	return out
}

// functionTable is the whole language at once: the standard library, and the
// functions of place, environment, commands, files and secrets.
func functionTable(deepMerge bool) map[string]funcSpec {
	table := make(map[string]funcSpec, 192)
	for _, list := range [][]funcSpec{stdFunctions(), placeFunctions(), environmentFunctions(), readingFunctions(), commandFunctions()} {
		for _, spec := range list {
			if spec.Name != "deep_merge" || deepMerge {
				table[spec.Name] = spec
			}
		}
	}
	return table
}

// functionsFor builds the functions that an expression calls. Where one is
// unknown all are built, so that hcl can suggest a name.
func (fr *frame) functionsFor(ev *eval, d *def) map[string]function.Function {
	c := &call{ctx: ev.ctx, ev: ev, frame: fr, def: d}
	table := fr.core.l.functions
	names := d.funcs
	if d.allFuncs || anyUnknown(table, names) {
		names = sortedKeys(table)
	}
	out := make(map[string]function.Function, len(names))
	for _, name := range names {
		spec := table[name]
		if spec.outside {
			ev.outside = ev.outside || !d.allFuncs
		}
		out[name] = spec.build(c)
	}
	return out
}

func anyUnknown(table map[string]funcSpec, names []string) bool {
	for _, name := range names {
		if _, ok := table[name]; !ok {
			return true
		}
	}
	return false
}

// argumentCountError says that a function was called with the wrong number of
// arguments, in the words that scripts match on.
type argumentCountError struct {
	Want     string // a number or a range
	Function string
	Got      int
}

func (e *argumentCountError) Error() string {
	return fmt.Sprintf("Expected %s params for function %s, but got %d", e.Want, e.Function, e.Got)
}

// words is a function of any number of strings that counts them itself, since
// the right number depends on the place or is told in words of its own.
func words(result cty.Type, impl func(args []string) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "args", Type: cty.String},
		Type:     function.StaticReturnType(result),
		Impl: func(values []cty.Value, _ cty.Type) (cty.Value, error) {
			args := make([]string, len(values))
			for i, v := range values {
				args[i] = v.AsString()
			}
			return impl(args)
		},
	})
}

// text is such a function that gives a string.
func text(impl func(args []string) (string, error)) function.Function {
	return words(cty.String, func(args []string) (cty.Value, error) {
		s, err := impl(args)
		return cty.StringVal(s), err
	})
}

func constantList(list ...string) func(*call) function.Function {
	return func(*call) function.Function {
		return function.New(&function.Spec{
			Type: function.StaticReturnType(cty.List(cty.String)),
			Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return stringList(list), nil },
		})
	}
}
