package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/terrace-iac/terrace/config"
)

// WriteFunctionReference writes the reference page of all functions as
// Markdown, from the table that expressions are evaluated by.
func WriteFunctionReference(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Functions\n\nThis page is made by `%s docs functions`. Do not edit it.\n\n", progName)
	b.WriteString(functionRules)
	all := config.Functions()
	functionIndex(&b, all)
	subject := ""
	for _, f := range all {
		if f.Subject != subject {
			subject = f.Subject
			b.WriteString("## " + subject + "\n\n")
		}
		fmt.Fprintf(&b, "### %s\n\n%s\n\n```hcl\n%s # %s\n```\n\n", f.Name, f.Summary, f.Example, f.Result)
	}
	_, err := w.Write(pageBytes(&b))
	return err
}

const functionRules = "Each example shows an expression and, behind `#`, what it gives. Those about places are of a unit in `/live/prod/db` " +
	"that includes `/live/root.hcl`, in the repository `/live`. Functions of place speak of the unit, also in files that it includes; " +
	"functions of files start at the folder of the file they are written in.\n\n"

// functionIndex lists the functions of each subject.
func functionIndex(b *bytes.Buffer, all []config.FunctionDoc) {
	for i, f := range all {
		switch {
		case i == 0:
			fmt.Fprintf(b, "- %s: ", f.Subject)
		case f.Subject != all[i-1].Subject:
			fmt.Fprintf(b, "\n- %s: ", f.Subject)
		default:
			b.WriteString(", ")
		}
		fmt.Fprintf(b, "[%s](#%s)", f.Name, f.Name)
	}
	b.WriteString("\n\n")
}

// WriteConfigReference writes the reference page of all blocks and attributes
// as Markdown, from the schema that files are checked against.
func WriteConfigReference(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Blocks and attributes\n\nThis page is made by `%s docs config`. Do not edit it.\n\n", progName)
	b.WriteString(configRules)
	root := config.Schema()
	b.WriteString("## Attributes of a file\n\n")
	referenceAttributes(&b, root.Attributes, true)
	for _, block := range root.Blocks {
		referenceBlock(&b, block, nil, true)
	}
	_, err := w.Write(pageBytes(&b))
	return err
}

const configRules = "What is not on this page is an error. An attribute that is `null` counts as not set, and so does an empty string " +
	"where it is merged. Each file that is included is merged by the strategy of its `include` block: `shallow`, `deep` or `no_merge`. " +
	"The unit wins over the files it includes, a later `include` over an earlier one; below, the child is the stronger of two files " +
	"and the parent the weaker.\n\n"

// referenceBlock writes a block and those inside it. fields says that a block
// is merged attribute by attribute, so that how is of interest.
func referenceBlock(b *bytes.Buffer, d config.BlockDoc, within []string, fields bool) {
	path := append(within[:len(within):len(within)], d.Name)
	fmt.Fprintf(b, "%s %s\n\n%s\n\n", strings.Repeat("#", len(path)+1), strings.Join(path, " / "), d.Help)
	fmt.Fprintf(b, "```hcl\n%s\n```\n\n", blockSpelling(d))
	switch {
	case !fields:
	case d.Shallow == d.Deep:
		fmt.Fprintf(b, "Merged: %s.\n\n", d.Deep)
	default:
		fmt.Fprintf(b, "Merged shallow: %s. Merged deep: %s.\n\n", d.Shallow, d.Deep)
	}
	inner := fields && (strings.Contains(d.Shallow, attributeWise) || strings.Contains(d.Deep, attributeWise))
	referenceAttributes(b, d.Attributes, inner)
	for _, nested := range d.Blocks {
		referenceBlock(b, nested, path, inner)
	}
}

// attributeWise is how config words a merge of single attributes.
const attributeWise = "attribute by attribute"

func blockSpelling(d config.BlockDoc) string {
	head := d.Name
	note := ""
	switch d.Label {
	case config.OneLabel:
		head += ` "name"`
	case config.OptionalLabel:
		head += ` "name"`
		note = "one block may stand without a name"
	}
	text := head + " { ... }"
	if d.Attribute {
		form := d.Name + " = { ... }"
		if d.Label != config.NoLabel {
			form = d.Name + " = { name = { ... } }"
		}
		text += "\n" + form
	}
	if note != "" {
		text += " # " + note
	}
	return text
}

// referenceAttributes writes a table of attributes, with how they are merged
// where that depends on the attribute.
func referenceAttributes(b *bytes.Buffer, list []config.AttributeDoc, merged bool) {
	if len(list) == 0 {
		return
	}
	b.WriteString("| Attribute | Type | Not set | Meaning |\n| --- | --- | --- | --- |\n")
	for _, a := range list {
		unset := a.Unset
		if a.Required {
			unset = "required"
		}
		meaning := a.Help
		if rule := mergeRule(a); merged && rule != "" {
			meaning += " " + rule
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", a.Name, a.Type, unset, strings.ReplaceAll(meaning, "|", `\|`))
	}
	b.WriteString("\n")
}

// mergeRule says how an attribute is merged where it is not simply the
// child's, if set.
func mergeRule(a config.AttributeDoc) string {
	usual := config.ChildIfSet
	switch {
	case a.Shallow == usual && a.Deep == usual:
		return ""
	case a.Shallow == a.Deep:
		return "Merged: " + a.Deep + "."
	case a.Shallow == usual:
		return "Merged deep: " + a.Deep + "."
	}
	return "Merged shallow: " + a.Shallow + "; deep: " + a.Deep + "."
}

// pageBytes ends a page with one line break.
func pageBytes(b *bytes.Buffer) []byte { return append(bytes.TrimRight(b.Bytes(), "\n"), '\n') }
