package config

import (
	"cmp"
	"slices"
)

// FunctionDoc describes a function of the language.
type FunctionDoc struct {
	Name, Subject, Summary string
	Example                string // an expression
	Result                 string // what it gives
}

// Functions describes all functions, sorted by name within their subjects.
func Functions() []FunctionDoc {
	var out []FunctionDoc
	for _, spec := range functionTable(true) {
		example, result := spec.example()
		out = append(out, FunctionDoc{Name: spec.Name, Subject: spec.Subject, Summary: spec.Summary, Example: example, Result: result})
	}
	slices.SortFunc(out, func(a, b FunctionDoc) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// ChildIfSet is how most attributes are merged.
const ChildIfSet = "the child's, if set"

// BlockDoc describes a block of the language. The one without a name is a file
// as a whole.
type BlockDoc struct {
	Name, Help string
	Label      Label
	Many       bool // may stand in a file more than once
	Attribute  bool // may also be written as an attribute
	// Shallow and Deep say how the block is merged with a parent's.
	Shallow, Deep string
	Attributes    []AttributeDoc
	Blocks        []BlockDoc
}

// Label says whether a block has a label.
type Label uint8

// The kinds of label.
const (
	NoLabel Label = iota
	OneLabel
	OptionalLabel
)

// AttributeDoc describes an attribute of a block.
type AttributeDoc struct {
	Name, Type, Help string
	Required         bool
	Unset            string // what its absence means, "" for nothing
	// Shallow and Deep say how its value is merged with a parent's, where the
	// block is merged attribute by attribute.
	Shallow, Deep string
}

// Schema describes the whole language.
func Schema() BlockDoc { return describeBlock(rootSpec()) }

func describeBlock(s *blockSpec) BlockDoc {
	d := BlockDoc{
		Name: s.name, Help: s.help, Label: Label(s.label), Many: s.many, Attribute: s.attribute,
		Shallow: s.shallow.String(), Deep: s.deep.String(),
	}
	for _, a := range s.attrs {
		d.Attributes = append(d.Attributes, describeAttr(a))
	}
	for _, b := range s.blocks {
		d.Blocks = append(d.Blocks, describeBlock(b))
	}
	return d
}

func describeAttr(a attrSpec) AttributeDoc {
	d := AttributeDoc{
		Name: a.name, Type: a.typ.String(), Help: a.help, Required: a.required, Unset: a.unset,
		Shallow: a.shallow.String(), Deep: a.deep.String(),
	}
	if d.Unset == "" && a.typ == typeBool && !a.required {
		d.Unset = "`false`"
	}
	return d
}

func (m blockMerge) String() string {
	return [...]string{
		mergeNever:   "never",
		mergeWhole:   "the child's block replaces the parent's",
		mergeLabel:   "by label: the child's block replaces the parent's in its place, new ones follow",
		mergeFields:  "attribute by attribute",
		mergeByField: "by label, then attribute by attribute",
	}[m]
}

func (m attrMerge) String() string {
	return [...]string{
		attrReplace:  ChildIfSet,
		attrValues:   "objects key by key, lists one after the other, else the child's",
		attrChildAnd: "the child's list, then the parent's",
		attrAndChild: "the parent's list, then the child's, each entry once",
		attrSorted:   "both lists, sorted, each entry once",
		attrPositive: "the child's, if greater than zero",
		attrKeys:     "the keys of both, the child's value where both have one",
	}[m]
}
