package catalog

import (
	"bytes"
	"fmt"
	"strings"
)

// unitText is what stands in terragrunt.hcl where no template says otherwise.
type unitText struct {
	Source   string
	Include  bool
	RootFile string
	Required []*Variable
	Optional []*Variable
}

const bar = "  # ----------------------------------------------------------------------------\n"

func (u unitText) text() []byte {
	var b bytes.Buffer
	b.WriteString("\n# Made by scaffold. Fill in the required inputs; take the # off optional ones to set them.\n")
	fmt.Fprintf(&b, "terraform {\n  source = %s\n}\n", quoted(u.Source))
	if u.Include {
		fmt.Fprintf(&b, "\ninclude \"root\" {\n  path = find_in_parent_folders(%s)\n}\n", quoted(u.RootFile))
	}
	b.WriteString("\ninputs = {\n")
	if len(u.Required)+len(u.Optional) == 0 {
		b.WriteString("  # The module has no variables.\n")
	}
	if len(u.Required) > 0 {
		b.WriteString(bar + "  # Required inputs\n" + bar)
		for _, v := range u.Required {
			u.variable(&b, v)
		}
	}
	if len(u.Optional) > 0 {
		if len(u.Required) > 0 {
			b.WriteString("\n")
		}
		b.WriteString(bar + "  # Optional inputs, with their defaults\n" + bar)
		for _, v := range u.Optional {
			u.variable(&b, v)
		}
	}
	b.WriteString("}\n")
	return b.Bytes()
}

func (u unitText) variable(b *bytes.Buffer, v *Variable) {
	b.WriteString("\n  # Description: " + commented(v.Description, "(none)", "#   ") + "\n")
	b.WriteString("  # Type: " + commented(v.FullType, "(any)", "#   ") + "\n")
	switch {
	case v.UserValue != "":
		fmt.Fprintf(b, "  %s = %s\n", v.Name, v.UserValue)
	case v.Required():
		fmt.Fprintf(b, "  %s = %s # TODO: fill in value\n", v.Name, v.DefaultValuePlaceholder)
	default:
		// In JSON a ${ is nothing special.
		value := strings.NewReplacer("${", "$${", "%{", "%%{").Replace(v.DefaultValue)
		fmt.Fprintf(b, "  # %s = %s\n", v.Name, value)
	}
}

// commented lays text of several lines out in a comment.
func commented(text, none, indent string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return none
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\r")
		if i > 0 {
			lines[i] = strings.TrimRight("  "+indent+strings.TrimLeft(lines[i], " \t"), " ")
		}
	}
	return strings.Join(lines, "\n")
}
