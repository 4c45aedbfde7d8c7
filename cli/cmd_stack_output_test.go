package cli

import (
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

func object(kv map[string]cty.Value) cty.Value { return cty.ObjectVal(kv) }

func TestOutputText(t *testing.T) {
	t.Parallel()
	v := object(map[string]cty.Value{"b": object(map[string]cty.Value{"n": cty.NumberIntVal(1)}), "a b": cty.True})
	single := func(x cty.Value) cty.Value {
		return object(map[string]cty.Value{"u": object(map[string]cty.Value{"o": x})})
	}
	for _, c := range []struct {
		value              cty.Value
		format, want, fail string
	}{
		{v, "hcl", "b = {\n  n = 1\n}\n\"a b\" = true\n", ""},
		{v, "json", "{\n  \"a b\": true,\n  \"b\": {\n    \"n\": 1\n  }\n}\n", ""},
		{single(cty.StringVal("x\n")), "raw", "x\n", ""},
		{single(cty.NumberFloatVal(1.5)), "raw", "1.5", ""},
		{single(cty.False), "raw", "false", ""},
		{single(cty.NullVal(cty.String)), "raw", "", "null"},
		{single(cty.ListVal([]cty.Value{cty.True})), "raw", "", "one string, number or bool"},
		{v, "raw", "", "one string, number or bool"},
	} {
		got, err := outputText(c.value, c.format)
		if (err != nil) != (c.fail != "") || err != nil && !strings.Contains(err.Error(), c.fail) {
			t.Errorf("%s of %#v: %v", c.format, c.value, err)
		}
		if string(got) != c.want {
			t.Errorf("%s: got %q, want %q", c.format, got, c.want)
		}
	}
}

func TestOutputNodes(t *testing.T) {
	t.Parallel()
	root := &outputNode{}
	unit := func(dir string, out map[string]cty.Value) []*outputUnit { return []*outputUnit{{dir, object(out)}} }
	root.kid("net").units = unit("net", map[string]cty.Value{"id": cty.StringVal("1")})
	root.kid("net").kid("inner").units = unit("inner", map[string]cty.Value{"x": cty.StringVal("2")})
	v, err := root.value()
	if err != nil || v.GetAttr("net").GetAttr("inner").GetAttr("x").AsString() != "2" || v.GetAttr("net").GetAttr("id").AsString() != "1" {
		t.Errorf("%#v %v", v, err)
	}
	for key, want := range map[string]string{
		"net.inner.x": "", "net.id": "", "": "", "nett": `did you mean "net"`, "net.none": `no "net.none"`, "net.id.more": `no "net.id.more"`,
	} {
		n, rest, err := root.find(keyPath(key))
		if err == nil {
			var at cty.Value
			if at, err = n.value(); err == nil {
				_, err = descend(at, rest, key)
			}
		}
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", key, err)
		}
	}
	root.kid("net").kid("id").units = unit("id", nil)
	if _, err := root.value(); err == nil {
		t.Error("an output and a unit of one name are no error")
	}
}
