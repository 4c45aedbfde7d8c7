package run

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestHolds(t *testing.T) {
	t.Parallel()
	const local = "remote_state {\n  backend = \"local\"\n  config = { path = \"${get_terragrunt_dir()}/../far.tfstate\" }\n}\n"
	state := func(rest string) string { return `{"version":4,"serial":1,"lineage":"x",` + rest + `}` }
	for name, c := range map[string]struct {
		files       map[string]string
		want, cause string
	}{
		"nothing":           {map[string]string{"u/terragrunt.hcl": ""}, "", ""},
		"empty state":       {map[string]string{"u/terragrunt.hcl": "", "u/terraform.tfstate": state(`"outputs":{},"resources":[]`)}, "", ""},
		"resources":         {map[string]string{"u/terragrunt.hcl": "", "u/.terragrunt-cache/x/terraform.tfstate": state(`"outputs":{},"resources":[{"a":1},{}]`)}, "resources (2)", ""},
		"another workspace": {map[string]string{"u/terragrunt.hcl": "", "u/.terragrunt-cache/x/terraform.tfstate.d/w/terraform.tfstate": state(`"resources":[{}]`)}, "resources (1)", ""},
		"outputs":           {map[string]string{"u/terragrunt.hcl": "", "u/terraform.tfstate": state(`"outputs":{"a":{"value":1,"type":"number"}}`)}, "outputs (1)", ""},
		"elsewhere":         {map[string]string{"u/terragrunt.hcl": local, "far.tfstate": state(`"resources":[{}]`)}, "resources (1)", ""},
		"elsewhere, none":   {map[string]string{"u/terragrunt.hcl": local}, "", ""},
		"unreadable":        {map[string]string{"u/terragrunt.hcl": "remote_state {\n  backend = \"http\"\n  config = { address = \"x\" }\n}\n"}, "", "http"},
		"not a state":       {map[string]string{"u/terragrunt.hcl": "", "u/terraform.tfstate": "?"}, "resources", ""},
		"generated backend": {map[string]string{"u/terragrunt.hcl": "generate \"b\" {\n path = \"b.tf\"\n if_exists = \"overwrite\"\n contents = <<EOT\nterraform {\n  backend \"s3\" {}\n}\nEOT\n}\n"}, "", "not configured by remote_state"},
		"module's backend":  {map[string]string{"u/terragrunt.hcl": "", "u/main.tf": "terraform {\n  cloud {\n  }\n}\n"}, "", "main.tf"},
		"local backend":     {map[string]string{"u/terragrunt.hcl": "", "u/main.tf": "terraform {\n  backend \"local\" {}\n}\n"}, "", ""},
		"backend metadata":  {map[string]string{"u/terragrunt.hcl": "", "u/.terraform/terraform.tfstate": `{"version":3,"backend":{"type":"s3"}}`}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, c.files)
			r := b.start()
			got, err := r.Holds(context.Background(), b.unit(b.loader("destroy"), "u"))
			if (err != nil) != (c.cause != "") || err != nil && !strings.Contains(err.Error(), c.cause) {
				t.Fatalf("err = %v", err)
			}
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestLocalStates(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"a/terraform.tfstate":   `{"version":4,"outputs":{"x":{"value":1,"type":"number"}},"resources":[]}`,
		"b/c/terraform.tfstate": `{"version":4,"resources":[{}]}`, "b/terraform.tfstate.backup": `{"version":4,"resources":[{}]}`,
	})
	got, err := LocalStates(b.root)
	if err != nil || len(got) != 1 || got[0] != filepath.Join(b.root, "b", "c", "terraform.tfstate") {
		t.Errorf("%v %v", got, err)
	}
}
