package config

import (
	"fmt"
	"regexp"
	"sort"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// involvedValues describes what the variables of a failed expression hold. A
// value that may be a secret is shown by its type only.
func involvedValues(d *hcl.Diagnostic, secret func(names []string) bool) []string {
	if h, ok := d.Extra.(held); ok {
		return []string{h.name + " is " + shown(h.value, h.secret)}
	}
	if d.Expression == nil || d.EvalContext == nil {
		return nil
	}
	seen := map[string]bool{}
	var out []string
	for _, t := range d.Expression.Variables() {
		names := traversalNames(t)
		title := strings.Join(names, ".")
		if seen[title] || len(names) > len(t) {
			continue
		}
		seen[title] = true
		v, diags := t[:len(names)].TraverseAbs(d.EvalContext)
		if diags.HasErrors() {
			continue
		}
		out = append(out, title+" is "+shown(v, secret(names)))
	}
	sort.Strings(out)
	return out
}

const longestShown = 60

func shown(v cty.Value, secret bool) string {
	switch {
	case v.IsMarked() || secret:
		return "a " + v.Type().FriendlyName() + ", not shown"
	case !v.IsKnown():
		return "not known yet"
	case v.IsNull():
		return "null"
	}
	switch v.Type() {
	case cty.String:
		if s := v.AsString(); len(s) <= longestShown {
			return fmt.Sprintf("%q", s)
		}
		return fmt.Sprintf("a string of %d bytes", len(v.AsString()))
	case cty.Number:
		return v.AsBigFloat().Text('f', -1)
	case cty.Bool:
		return fmt.Sprint(v.True())
	}
	if isSequence(v) {
		return fmt.Sprintf("a list with %d elements", v.LengthInt())
	}
	if isObject(v) {
		return fmt.Sprintf("%s with the keys %s", kindName(v), strings.Join(sortedKeys(v.AsValueMap()), ", "))
	}
	return "a " + v.Type().FriendlyName()
}

func kindName(v cty.Value) string {
	if v.Type().IsMapType() {
		return "a map"
	}
	return "an object"
}

var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)pass|secret|token|key|cred|private|auth`)
})

// maySecret says whether what a reference names could be a secret: by its name,
// by where it comes from, or because the outside world gave it.
func (f *file) maySecret(names []string) bool {
	for _, n := range names {
		if secretName().MatchString(n) {
			return true
		}
	}
	switch names[0] {
	case "feature", "values", "unit", "stack", "count":
		return false
	case "local":
		if len(names) < 2 {
			return true
		}
		return f.fromSecret(names[1], map[string]bool{})
	}
	return true
}

// fromSecret follows a local to the functions that its value comes from.
func (f *file) fromSecret(name string, seen map[string]bool) bool {
	d, ok := f.locals.byName[name]
	if !ok || seen[name] {
		return false
	}
	seen[name] = true
	for _, fn := range d.funcs {
		switch fn {
		case "sops_decrypt_file", "run_cmd", "get_env", "sensitive", "read_terragrunt_config", "read_tfvars_file":
			return true
		}
	}
	for root, t := range d.refs.kids {
		if root != "local" {
			return true
		}
		for other := range t.kids {
			if f.fromSecret(other, seen) {
				return true
			}
		}
	}
	return false
}
