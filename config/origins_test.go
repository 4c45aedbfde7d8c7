package config

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestOrigins: what a source can be made of, and that files which are handed
// to the Loader count before those on disk.
func TestOrigins(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	texts := map[string][]byte{
		at("root.hcl"):   []byte("locals {\n  base = \"git::https://x/m.git\"\n  other = \"not reached\"\n}\n"),
		at("env.hcl"):    []byte("locals {\n  pins = { vpc = \"v1\", rds = \"v2\" }\n}\n"),
		at("a/pin.json"): []byte(`{}`),
		at("a/terragrunt.hcl"): []byte(`include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
locals {
  env  = read_terragrunt_config(find_in_parent_folders("env.hcl"))
  what = get_env("NO_SUCH_VARIABLE", "") == "" ? "hidden" : "hidden too"
}
terraform {
  source = "${include.root.locals.base}//vpc?ref=${local.env.locals.pins.vpc}${local.what}"
}
`),
		at("b/terragrunt.values.hcl"): []byte("pins = { vpc = \"v3\" }\n"),
		at("b/terragrunt.hcl"):        []byte("terraform {\n  source = \"git::https://x/m.git?ref=${values.pins.vpc}\"\n}\n"),
	}
	l := NewLoader(&fakeHost{root: root}, Options{Overlay: texts})
	for _, c := range []struct{ unit, want, computed string }{
		{"a", `root.hcl:2:git::https://x/m.git a/terragrunt.hcl:10://vpc?ref= env.hcl:2:v1`, `get_env("NO_SUCH_VARIABLE", "") == "" ? "hidden" : "hidden too"`},
		{"b", `b/terragrunt.hcl:2:git::https://x/m.git?ref= b/terragrunt.values.hcl:1:v3(pins.vpc)`, ""},
	} {
		u, err := l.Unit(context.Background(), at(c.unit))
		if err != nil {
			t.Fatal(err)
		}
		o, err := u.Origins(context.Background(), Setting{Block: "terraform", Attr: "source"})
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, one := range o.Literals {
			rel, _ := filepath.Rel(root, one.File)
			text := fmt.Sprintf("%s:%d:%s", filepath.ToSlash(rel), one.Line, one.Text)
			if len(one.Value) > 0 {
				text += "(" + strings.Join(one.Value, ".") + ")"
			}
			have = append(have, text)
		}
		if got := strings.Join(have, " "); got != c.want {
			t.Errorf("%s: %s", c.unit, got)
		}
		computed := ""
		for _, one := range o.Computed {
			computed = one.Text
		}
		if computed != c.computed {
			t.Errorf("%s: computed %q", c.unit, computed)
		}
	}
}
