package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/terrace-iac/terrace/config"
)

// runStackOutput prints the outputs of all units that stack files declare,
// under the names of units and stacks.
func runStackOutput(ctx context.Context, inv *invocation) (int, error) {
	o, err := newStackOutputOptions(inv.Values, inv.Args)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, []string{"output"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	if !s.opts.Queue.NoStackGenerate {
		if _, err := s.generateStacks(ctx); err != nil {
			return s.exitCode(err), err
		}
	}
	tree, err := s.outputTree(ctx)
	if err != nil {
		return s.exitCode(err), err
	}
	path := keyPath(o.Key)
	part, rest, err := tree.find(path)
	if err != nil {
		return 1, err
	}
	if err := s.readOutputs(ctx, part); err != nil {
		return s.exitCode(err), err
	}
	value, err := part.value()
	if err != nil {
		return 1, err
	}
	if value, err = descend(value, rest, o.Key); err != nil {
		return 1, err
	}
	text, err := outputText(nested(value, path), o.Format)
	if err != nil {
		return 1, err
	}
	_, err = s.console.Stdout().Write(text)
	return 0, err
}

func keyPath(key string) []string {
	if key == "" {
		return nil
	}
	return strings.Split(key, ".")
}

// find gives the node that a path leads to, and what of the path is a matter
// of outputs.
func (n *outputNode) find(path []string) (*outputNode, []string, error) {
	at := n
	for i, name := range path {
		kid := at.kids[name]
		switch {
		case kid != nil:
			at = kid
		case len(at.units) > 0:
			return at, path[i:], nil
		default:
			return nil, nil, unknownKey(path, i, keysOf(at.kids))
		}
	}
	return at, nil, nil
}

func unknownKey(path []string, at int, have []string) error {
	text := fmt.Sprintf("there is no %q among the outputs", strings.Join(path[:at+1], "."))
	switch best := nearest(path[at], have); {
	case best != "":
		text += fmt.Sprintf(": did you mean %q?", strings.Join(append(append([]string{}, path[:at]...), best), "."))
	case len(have) > 0:
		text += ": there are " + strings.Join(have, ", ")
	}
	return &usageError{text}
}

// descend follows the rest of a key into outputs.
func descend(v cty.Value, rest []string, key string) (cty.Value, error) {
	path := keyPath(key)
	for i, name := range rest {
		if v.IsNull() || !v.Type().IsObjectType() && !v.Type().IsMapType() {
			return cty.NilVal, unknownKey(path, len(path)-len(rest)+i, nil)
		}
		all := v.AsValueMap()
		next, ok := all[name]
		if !ok {
			return cty.NilVal, unknownKey(path, len(path)-len(rest)+i, keysOf(all))
		}
		v = next
	}
	return v, nil
}

// nested puts a value back under the key that chose it.
func nested(v cty.Value, path []string) cty.Value {
	for i := len(path) - 1; i >= 0; i-- {
		v = cty.ObjectVal(map[string]cty.Value{path[i]: v})
	}
	return v
}

// outputText writes outputs in a format.
func outputText(v cty.Value, format string) ([]byte, error) {
	switch format {
	case "json":
		return outputsJSON(v)
	case "raw":
		return outputsRaw(v)
	}
	f := hclwrite.NewEmptyFile()
	var other bytes.Buffer
	all := v.AsValueMap()
	for _, name := range keysOf(all) {
		if hclsyntax.ValidIdentifier(name) {
			f.Body().SetAttributeValue(name, all[name])
			continue
		}
		fmt.Fprintf(&other, "%s = %s\n", hclwrite.TokensForValue(cty.StringVal(name)).Bytes(), hclwrite.TokensForValue(all[name]).Bytes())
	}
	return append(hclwrite.Format(f.Bytes()), other.Bytes()...), nil
}

func outputsJSON(v cty.Value) ([]byte, error) {
	compact, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// outputsRaw is the text of the only value that there is, for scripts.
func outputsRaw(v cty.Value) ([]byte, error) {
	for !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType()) && v.LengthInt() == 1 {
		for _, only := range v.AsValueMap() {
			v = only
		}
	}
	switch {
	case v.IsNull():
		return nil, errors.New("the value is null, which the format raw cannot show")
	case v.Type() == cty.String:
		return []byte(v.AsString()), nil
	case v.Type().IsPrimitiveType():
		return ctyjson.Marshal(v, v.Type())
	}
	return nil, errors.New("the format raw shows one string, number or bool: choose it with a key such as net.vpc.id, or use --json")
}
