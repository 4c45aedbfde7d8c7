package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// readingFunctions read configuration and variable files.
func readingFunctions() []funcSpec {
	list := []funcSpec{
		{Name: "read_terragrunt_config", marks: true,
			Summary: "Another configuration as an object: locals, inputs, blocks. A second argument stands in for a file that does not exist.",
			Example: `read_terragrunt_config("missing.hcl", { locals = { a = 1 } }).locals.a # 1`, build: readConfig},
		{Name: "read_tfvars_file", outside: true, Summary: "A variables file as JSON text.",
			Example: `jsondecode(read_tfvars_file("common.tfvars")).region # "eu-west-1"`,
			build:   func(c *call) function.Function { return text(c.readVars) }},
		{Name: "mark_as_read", marks: true, Summary: "Its argument; the file counts as read by the unit.",
			Example: `mark_as_read("/live/versions.json") # "/live/versions.json"`,
			build:   func(c *call) function.Function { return text(c.markRead) }},
		{Name: "mark_glob_as_read", Summary: "The files that match a pattern; they count as read by the unit. Never looks outside the git repository, or the folder given with --terragrunt-boundary=.",
			Example: `mark_glob_as_read("*.nothing") # []`, outside: true, build: markGlob},
		{Name: "deep_merge", Summary: "Objects merged key by key, lists one after the other; later arguments win. Needs `--experiment deep-merge`.",
			Example: `deep_merge({ a = { b = 1 } }, { a = { c = 2 } }) # { a = { b = 1, c = 2 } }`, build: pure(deepMergeFunction())},
	}
	for i := range list {
		list[i].Subject = "Configuration"
		list[i].sensitive = list[i].Name != "deep_merge"
	}
	return list
}

func readConfig(c *call) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "args", Type: cty.DynamicPseudoType, AllowNull: true},
		Type: func(args []cty.Value) (cty.Type, error) {
			v, err := c.readConfig(args)
			return v.Type(), err
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return c.readConfig(args) },
	})
}

func (c *call) readConfig(args []cty.Value) (cty.Value, error) {
	if len(args) != 1 && len(args) != 2 {
		return cty.DynamicVal, &argumentCountError{Want: "1 or 2", Function: "read_terragrunt_config", Got: len(args)}
	}
	if args[0].IsNull() || args[0].Type() != cty.String {
		return cty.DynamicVal, fmt.Errorf("read_terragrunt_config: the first argument must be a path")
	}
	path := c.frame.abs(args[0].AsString())
	switch filepath.Base(path) {
	case valuesFileName:
		c.read(path)
		return c.frame.core.l.values(path)
	case stackFileName, autoincludeStackName:
		return c.readStack(path, args[1:])
	}
	v, err := c.frame.open(c.ev, path)
	if err != nil {
		if _, missing := err.(*MissingFileError); missing && len(args) == 2 && !args[1].IsNull() {
			return args[1], nil
		}
		return cty.DynamicVal, &readFailure{path, err}
	}
	value, err := v.value(c.ev)
	if err != nil {
		return cty.DynamicVal, &readFailure{path, err}
	}
	return value, nil
}

// readStack gives the locals, units and stacks of a stack file.
func (c *call) readStack(path string, fallback []cty.Value) (cty.Value, error) {
	if !c.frame.core.l.texts.isFile(path) {
		if len(fallback) == 1 && !fallback[0].IsNull() {
			return fallback[0], nil
		}
		return cty.DynamicVal, &readFailure{path, &MissingFileError{Path: path}}
	}
	stack, err := c.frame.core.l.bind(c.ev, coreKey{path: path, origin: c.frame.core.origin, read: true})
	if err != nil {
		return cty.DynamicVal, &readFailure{path, err}
	}
	c.read(path)
	value, err := stack.stackValue(c.ev)
	if err != nil {
		return cty.DynamicVal, &readFailure{path, err}
	}
	return value, nil
}

func (c *call) readVars(args []string) (string, error) {
	if len(args) != 1 {
		return "", &argumentCountError{Want: "1", Function: "read_tfvars_file", Got: len(args)}
	}
	path := c.frame.beside(args[0])
	if !c.frame.core.l.texts.isFile(path) {
		return "", fmt.Errorf("TFVarFileNotFound: Could not find a %s file", path)
	}
	c.read(path)
	src, err := c.frame.core.l.texts.read(path)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(path, ".json") {
		if diags := checkJSON(src, path); diags.HasErrors() {
			return "", &readFailure{path, diagErr(diags)}
		}
		return string(src), nil
	}
	attrs, err := c.frame.core.l.plainAttributes(path)
	if err != nil {
		return "", &readFailure{path, err}
	}
	v := cty.ObjectVal(attrs)
	out, err := ctyjson.Marshal(v, v.Type())
	return string(out), err
}

func (c *call) markRead(args []string) (string, error) {
	if len(args) != 1 {
		return "", &argumentCountError{Want: "1", Function: "mark_as_read", Got: len(args)}
	}
	c.read(c.frame.abs(args[0]))
	return args[0], nil
}

func markGlob(c *call) function.Function {
	return words(cty.List(cty.String), func(args []string) (cty.Value, error) {
		boundary := ""
		if len(args) > 0 {
			if rest, ok := strings.CutPrefix(args[0], "--terragrunt-boundary="); ok {
				boundary, args = rest, args[1:]
			}
		}
		if len(args) != 1 {
			return cty.DynamicVal, &argumentCountError{Want: "1", Function: "mark_glob_as_read", Got: len(args)}
		}
		files, err := c.glob(boundary, args[0])
		if err != nil {
			return cty.DynamicVal, err
		}
		for _, f := range files {
			c.read(f)
		}
		return stringList(files), nil
	})
}

// glob matches files inside the boundary: the git repository, else the unit.
func (c *call) glob(boundary, pattern string) ([]string, error) {
	if boundary == "" {
		boundary = c.frame.dir()
		if root, err := repoRoot(boundary); err == nil {
			boundary = root
		}
	}
	boundary = c.frame.abs(boundary)
	pattern = c.frame.abs(pattern)
	if fixed := fixedPart(pattern); fixed != boundary && !strings.HasPrefix(fixed, boundary+string(filepath.Separator)) && !strings.HasPrefix(boundary, fixed+string(filepath.Separator)) {
		return nil, fmt.Errorf("mark_glob_as_read: %s resolves outside the boundary %s", pattern, boundary)
	}
	files, err := globFiles(pattern)
	if err != nil {
		return nil, fmt.Errorf("mark_glob_as_read: %s: %w", pattern, err)
	}
	return slices.DeleteFunc(files, func(f string) bool {
		return !strings.HasPrefix(f, boundary+string(filepath.Separator))
	}), nil
}

// fixedPart is the folder of a pattern in front of its first wildcard.
func fixedPart(pattern string) string {
	if i := strings.IndexAny(pattern, "*?[{"); i >= 0 {
		return filepath.Dir(pattern[:i] + "x")
	}
	return filepath.Dir(pattern)
}

func deepMergeFunction() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "objects", Type: cty.DynamicPseudoType, AllowNull: true, AllowDynamicType: true},
		Type: func(args []cty.Value) (cty.Type, error) {
			v, err := deepMergeAll(args)
			return v.Type(), err
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return deepMergeAll(args) },
	})
}

func deepMergeAll(args []cty.Value) (cty.Value, error) {
	merged := cty.EmptyObjectVal
	for i, a := range args {
		switch {
		case !a.IsKnown():
			return cty.DynamicVal, nil
		case a.IsNull():
		case !isObject(a):
			return cty.DynamicVal, fmt.Errorf("deep_merge: argument %d must be an object, but it is %s", i+1, typeName(a))
		default:
			merged = deepMerge(merged, a)
		}
	}
	return merged, nil
}
