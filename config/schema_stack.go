package config

// stackSpec is the language of stack files.
func stackSpec() *blockSpec {
	unit, stack := componentSpecs()
	return &blockSpec{blocks: []*blockSpec{localsSpec(), stackIncludeSpec(), unit, stack}}
}

// injectedSpec is the language of what a stack adds to one that is nested in
// it: the file terragrunt.autoinclude.stack.hcl.
func injectedSpec() *blockSpec {
	unit, stack := componentSpecs()
	return &blockSpec{blocks: []*blockSpec{unit, stack}}
}

func stackIncludeSpec() *blockSpec {
	return &blockSpec{
		name: "include", label: labelOne, many: true, shallow: mergeNever, deep: mergeNever,
		help:  "Takes in the units and stacks of another file, which sees this one's locals.",
		attrs: []attrSpec{{name: "path", required: true, help: "The other file, relative to the stack file."}},
	}
}

// componentSpecs gives the blocks unit and stack. What a stack adds to a
// nested one is such blocks again, so that the rows refer to themselves.
func componentSpecs() (unit, stack *blockSpec) {
	unit = componentSpec("unit", "A unit to generate.")
	stack = componentSpec("stack", "A stack to generate, and its units with it.")
	unit.blocks = append(unit.blocks, unitAutoincludeSpec())
	stack.blocks = append(stack.blocks, &blockSpec{
		name: "autoinclude", help: "Units and stacks to add to the nested stack, or to replace there.",
		blocks: []*blockSpec{unit, stack},
	})
	return unit, stack
}

func componentSpec(name, help string) *blockSpec {
	return &blockSpec{
		name: name, label: labelOne, many: true, shallow: mergeLabel, deep: mergeLabel, help: help,
		attrs: []attrSpec{
			{name: "source", required: true, help: "Where its files come from."},
			{name: "path", required: true, help: "Where it is generated, below .terragrunt-stack."},
			{name: "values", typ: typeObject, help: "What the word values means in it."},
			{name: "enabled", typ: typeBool, help: "Whether it exists. Default: true."},
			{name: "no_dot_terragrunt_stack", typ: typeBool, help: "Generate beside the stack file instead."},
			{name: "no_validation", typ: typeBool, help: "Do not check that the source is a unit or stack."},
			{name: "update_source_with_cas", typ: typeBool, help: "In a catalog: the source is relative to this file's place there."},
			{name: "mutable", typ: typeBool, help: "Accepted; generated files are always writable."},
		},
		blocks: []*blockSpec{expansionSpec()},
	}
}

func expansionSpec() *blockSpec {
	return &blockSpec{
		name: "expansion", help: "Makes several of it.",
		attrs: []attrSpec{
			{name: "for_each", typ: typeAny, help: "A set of strings or a map; each.key and each.value are its elements."},
			{name: "count", typ: typeNumber, help: "How many; count.index counts from 0."},
		},
	}
}

// unitAutoincludeSpec is all that a unit may say, but for names of its own.
func unitAutoincludeSpec() *blockSpec {
	root := rootSpec()
	spec := &blockSpec{name: "autoinclude", attrs: root.attrs, help: "Configuration to lay over the unit's own."}
	for _, b := range root.blocks {
		if b.name != "locals" {
			spec.blocks = append(spec.blocks, b)
		}
	}
	return spec
}
