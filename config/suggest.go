package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// improve adds to hcl's diagnostics what only we know: which name may have
// been meant, and what the arguments of a failed call hold.
func (fr *frame) improve(ev *eval, d *def, diags hcl.Diagnostics) hcl.Diagnostics {
	for _, diag := range diags {
		hint := ""
		switch diag.Summary {
		case "Unsupported attribute":
			hint = fr.suggest(ev, d, diag)
		case "Unknown variable":
			hint = fr.suggestRoot(diag)
		case "Invalid index":
			if hint = suggestKey(diag); hint == "" {
				hint = fr.suggest(ev, d, diag)
			}
		default:
			hint = suggestParent(diag)
			widenToCall(d, diag)
		}
		if hint != "" && !strings.Contains(diag.Detail, hint) {
			diag.Detail += " " + hint
		}
		diag.Detail = oneStop(diag.Detail)
	}
	return diags
}

// suggest names what may have been meant by an attribute that is not there.
func (fr *frame) suggest(ev *eval, d *def, diag *hcl.Diagnostic) string {
	if diag.Subject == nil || diag.Expression == nil {
		return ""
	}
	if read, ok := soleRead(d); ok && len(read.steps) > 0 {
		if v, ok, err := fr.target(ev, d, read.path); ok && err == nil {
			return hintFor(v.node().missing(ev, read.steps))
		}
	}
	for _, t := range diag.Expression.Variables() {
		parts := traversalNames(t)
		if len(parts) < 2 || !covers(t.SourceRange(), *diag.Subject) {
			continue
		}
		n, ok := fr.root(ev, d, parts[0])
		if !ok {
			continue
		}
		gap := n.missing(ev, parts[1:])
		if hint := fr.explainGap(ev, parts, gap); hint != "" {
			return hint
		}
		return hintFor(gap)
	}
	return ""
}

// gap is a name that is not there, and the names that are.
type gap struct {
	at    int // index of the name among those looked up
	name  string
	have  []string
	found bool // there is a gap
}

// missing follows names down from a node to the first one that is not there.
func (n node) missing(ev *eval, names []string) gap {
	quiet := *ev // what is looked at for a message was not read
	for i, name := range names {
		if n.kid == nil {
			v, err := n.whole(&quiet)
			if err != nil {
				return gap{}
			}
			g := missingIn(v, names[i:])
			g.at += i
			return g
		}
		child, ok, err := n.kid(&quiet, name)
		if err != nil {
			return gap{}
		}
		if !ok {
			have, err := n.names(&quiet)
			return gap{at: i, name: name, have: have, found: err == nil}
		}
		n = child
	}
	return gap{}
}

func missingIn(v cty.Value, names []string) gap {
	for i, name := range names {
		v, _ = v.Unmark()
		if v.IsNull() || !v.IsKnown() || !isObject(v) {
			return gap{}
		}
		all := v.AsValueMap()
		child, ok := all[name]
		if !ok {
			return gap{at: i, name: name, have: sortedKeys(all), found: true}
		}
		v = child
	}
	return gap{}
}

// oneStop takes back the full stop that hcl puts behind one of ours.
func oneStop(text string) string {
	for _, end := range []string{"..", "?."} {
		if strings.HasSuffix(text, end) && !strings.HasSuffix(text, "...") {
			return text[:len(text)-1]
		}
	}
	return text
}

const mostNamed = 8

func hintFor(g gap) string {
	switch best := nearest(g.name, g.have); {
	case best != "":
		return fmt.Sprintf("Did you mean %q?", best)
	case len(g.have) == 0:
		return ""
	case len(g.have) > mostNamed:
		return fmt.Sprintf("There are: %s, and %d more.", strings.Join(g.have[:mostNamed], ", "), len(g.have)-mostNamed)
	}
	return fmt.Sprintf("There are: %s.", strings.Join(g.have, ", "))
}

// explainGap knows reasons for a gap that are not slips.
func (fr *frame) explainGap(ev *eval, parts []string, g gap) string {
	switch {
	case !g.found:
		return ""
	case parts[0] == "include" && g.at == 0:
		return fr.notExposed(g.name)
	case parts[0] == "dependency" && g.at == 1 && g.name == "outputs":
		return fr.notFetched(ev, parts[1])
	case g.at > 0 || len(g.have) > 0:
		return ""
	}
	switch parts[0] {
	case "local":
		return "The file has no locals."
	case "dependency":
		return fmt.Sprintf("There is no dependency block: add dependency %q { config_path = ... }.", g.name)
	case "feature":
		return fmt.Sprintf("There is no feature block: add feature %q { default = ... }.", g.name)
	}
	return ""
}

func (fr *frame) notExposed(label string) string {
	if in, ok := fr.core.include(label); ok && !in.Expose {
		return fmt.Sprintf("The include block %q does not expose its file: add expose = true to it.", label)
	}
	return ""
}

func (fr *frame) notFetched(ev *eval, label string) string {
	for _, d := range fr.core.view().labelled("dependency") {
		if d.label != label {
			continue
		}
		if _, several := d.expansion(); several {
			return fmt.Sprintf("The dependency %q makes several: write dependency.%s[KEY].outputs.", label, label)
		}
		if on, err := d.bool(ev, "enabled", true); err == nil && !on {
			return fmt.Sprintf("The dependency %q is not enabled, and has no mock_outputs.", label)
		}
		return fmt.Sprintf("The outputs of dependency %q are not read, and it has no mock_outputs for %q.", label, fr.core.l.opts.Command)
	}
	return ""
}

// suggestRoot explains a reference whose first word is nothing.
func (fr *frame) suggestRoot(diag *hcl.Diagnostic) string {
	if diag.Subject == nil || diag.Expression == nil {
		return ""
	}
	for _, t := range diag.Expression.Variables() {
		if covers(t.SourceRange(), *diag.Subject) {
			return fr.rootHint(t)
		}
	}
	return ""
}

func (fr *frame) rootHint(t hcl.Traversal) string {
	name := t.RootName()
	if fr.core.stack != nil && len(t) > 1 {
		return fr.stackHint(name)
	}
	switch names := traversalNames(t); name {
	case "local", "feature", "dependency":
		return "Only functions and values can be used here: this is evaluated before everything else."
	case "include":
		if len(names) > 1 {
			if hint := fr.notExposed(names[1]); hint != "" {
				return hint
			}
		}
		if len(fr.core.includes) == 0 {
			return "The file includes no other."
		}
		return "None of the included files is exposed: add expose = true to the include block."
	case "values":
		return "There is no " + valuesFileName + " beside the unit."
	case "each", "count":
		return fr.stackHint(name)
	}
	if len(t) == 1 {
		if _, ok := fr.localsFrame().file.locals.byName[name]; ok {
			return fmt.Sprintf("Did you mean local.%s?", name)
		}
		return fmt.Sprintf("Text is written in quotes: %q.", name)
	}
	if best := nearest(name, []string{"local", "include", "feature", "values", "dependency"}); best != "" {
		return fmt.Sprintf("Did you mean %q?", best)
	}
	return ""
}

// suggestKey names the key that may have been meant in brackets.
func suggestKey(diag *hcl.Diagnostic) string {
	index, ok := diag.Expression.(*hclsyntax.IndexExpr)
	if !ok || diag.EvalContext == nil {
		return ""
	}
	key, diags := index.Key.Value(diag.EvalContext)
	if diags.HasErrors() || key.IsMarked() || !key.IsKnown() || key.IsNull() || key.Type() != cty.String {
		return ""
	}
	coll, diags := index.Collection.Value(diag.EvalContext)
	if diags.HasErrors() {
		return ""
	}
	return hintFor(missingIn(coll, []string{key.AsString()}))
}

// widenToCall lets the diagnostic of an argument speak of the whole call, so
// that the values of the other arguments are shown too.
func widenToCall(d *def, diag *hcl.Diagnostic) {
	native, ok := d.expr.(hclsyntax.Node)
	if !ok || diag.Subject == nil {
		return
	}
	if _, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](diag); !ok {
		return
	}
	_ = hclsyntax.VisitAll(native, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && covers(call.Range(), *diag.Subject) {
			diag.Expression = call // the innermost is visited last
		}
		return nil
	})
}

// suggestParent names a file above the unit that is a slip away from the one
// looked for. It is looked for here and not in the function, which may fail for
// every unit where try stands around it.
func suggestParent(diag *hcl.Diagnostic) string {
	var missing *ParentFileNotFoundError
	extra, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](diag)
	if !ok || !errors.As(extra.FunctionCallError(), &missing) {
		return ""
	}
	dir := filepath.Dir(missing.From)
	top, err := repoRoot(dir)
	if err != nil {
		return "" // nothing says how far up the configuration reaches
	}
	for dir != top {
		dir = filepath.Dir(dir)
		if best := nearEntry(dir, missing.Name); best != "" && filepath.Ext(best) == filepath.Ext(missing.Name) {
			return fmt.Sprintf("Did you mean %q, which is in %s?", best, dir)
		}
	}
	return ""
}
