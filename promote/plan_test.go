package promote

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const module = `git::https://example.com/modules.git//`

func TestPlan(t *testing.T) {
	t.Parallel()
	own := func(version string) string {
		return "terraform {\n  source = \"" + module + "vpc?ref=" + version + "\"\n}\n"
	}
	common := map[string]string{
		"root.hcl":                "",
		"_envcommon/vpc.hcl":      "locals {\n  env = read_terragrunt_config(find_in_parent_folders(\"env.hcl\"))\n}\nterraform {\n  source = \"" + module + "vpc?ref=${local.env.locals.version}\"\n}\n",
		"dev/env.hcl":             "locals {\n  version = \"v0.0.6\" # dev\n}\n",
		"prod/env.hcl":            "locals {\n\tversion   = \"v0.0.5\"   # production\n}\n",
		"dev/vpc/terragrunt.hcl":  "include \"c\" {\n  path = \"${get_terragrunt_dir()}/../../_envcommon/vpc.hcl\"\n}\n",
		"prod/vpc/terragrunt.hcl": "include \"c\" {\n  path = \"${get_terragrunt_dir()}/../../_envcommon/vpc.hcl\"\n}\n",
	}
	stack := map[string]string{
		"catalog/vpc/terragrunt.hcl":       "terraform {\n  source = \"" + module + "vpc?ref=${values.version}\"\n}\n",
		"dev/terragrunt.stack.hcl":         "unit \"vpc\" {\n  source = \"../catalog/vpc\"\n  path   = \"vpc\"\n  values = {\n    version = \"v0.0.6\"\n  }\n}\n",
		"prod/terragrunt.stack.hcl":        "locals {\n  v = \"v0.0.5\"\n}\nunit \"vpc\" {\n  source = \"../catalog/vpc\"\n  path   = \"vpc\"\n  values = { version = local.v }\n}\n",
		"catalog/fixed/terragrunt.hcl":     own("v0.0.5"),
		"eu/terragrunt.stack.hcl":          "unit \"vpc\" {\n  source = \"../catalog/fixed\"\n  path   = \"vpc\"\n}\n",
		"nest/terragrunt.stack.hcl":        "stack \"net\" {\n  source = \"../catalog/net\"\n  path   = \"net\"\n  values = { pins = { vpc = \"v0.0.5\" } }\n}\n",
		"catalog/net/terragrunt.stack.hcl": "unit \"vpc\" {\n  source = \"" + "${get_repo_root()}/catalog/vpc" + "\"\n  path   = \"vpc\"\n  values = { version = values.pins.vpc }\n}\n",
		"many/terragrunt.stack.hcl":        "unit \"vpc\" {\n  expansion {\n    for_each = { a = \"v0.0.5\", b = \"v0.0.4\" }\n  }\n  source = \"../catalog/vpc\"\n  path   = \"vpc-${each.key}\"\n  values = { version = each.value }\n}\n",
		".git/HEAD":                        "",
	}
	for _, c := range []struct {
		name   string
		files  map[string]string
		wants  []string
		shared bool
		want   []string // file: text that is there after
		fails  []string
	}{
		{"literal", map[string]string{"a/terragrunt.hcl": own("v0.0.5"), "b/terragrunt.hcl": own("v0.0.5")}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: " + own("v0.0.6")}, nil},
		{"no new line, carriage returns and a mark of bytes", map[string]string{"a/terragrunt.hcl": "\ufeff" + strings.ReplaceAll(own("v0.0.5"), "\n", "\r\n") + "# v0.0.5"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: \ufeff" + strings.ReplaceAll(own("v0.0.6"), "\n", "\r\n") + "# v0.0.5"}, nil},
		{"version in the path too", map[string]string{"a/terragrunt.hcl": "terraform {\n  source = \"" + module + "v0.0.5/vpc?ref=v0.0.5\"\n}\n"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: terraform {\n  source = \"" + module + "v0.0.5/vpc?ref=v0.0.6\"\n}\n"}, nil},
		{"json", map[string]string{"a/terragrunt.hcl.json": "{\"terraform\": {\n \"source\":  \"" + module + "vpc?ref=v0.0.5\"}}\n"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl.json: {\"terraform\": {\n \"source\":  \"" + module + "vpc?ref=v0.0.6\"}}\n"}, nil},
		{"local", map[string]string{"a/terragrunt.hcl": "locals {\n  version = \"0.0.5\" // five\n}\nterraform {\n  source = \"" + module + "vpc?ref=v${local.version}\"\n}\n"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: locals {\n  version = \"0.0.6\" // five\n}\nterraform {\n  source = \"" + module + "vpc?ref=v${local.version}\"\n}\n"}, nil},
		{"heredoc", map[string]string{"a/terragrunt.hcl": "terraform {\n  source = trimspace(<<-EOT\n    " + module + "vpc?ref=v0.0.5\n  EOT\n  )\n}\n"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: terraform {\n  source = trimspace(<<-EOT\n    " + module + "vpc?ref=v0.0.6\n  EOT\n  )\n}\n"}, nil},
		{"map by name", map[string]string{"a/terragrunt.hcl": "locals {\n  pins = { vpc = \"v0.0.5\", rds = \"v0.0.5\" }\n  name = \"vpc\"\n}\nterraform {\n  source = \"" + module + "vpc?ref=${local.pins[local.name]}\"\n}\n"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: locals {\n  pins = { vpc = \"v0.0.6\", rds = \"v0.0.5\" }\n  name = \"vpc\"\n}\nterraform {\n  source = \"" + module + "vpc?ref=${local.pins[local.name]}\"\n}\n"}, nil},
		{"registry", map[string]string{"a/terragrunt.hcl": "terraform {\n  source  = \"tfr:///a/b/c\"\n  version = \"v0.0.5\"\n}\n"}, []string{"a"}, false,
			[]string{"a/terragrunt.hcl: terraform {\n  source  = \"tfr:///a/b/c\"\n  version = \"v0.0.6\"\n}\n"}, nil},
		{"registry, in the address", map[string]string{"a/terragrunt.hcl": "terraform {\n  source = \"tfr:///a/b/c?version=0.0.5\"\n}\n"}, []string{"a@0.0.6"}, false,
			[]string{"a/terragrunt.hcl: terraform {\n  source = \"tfr:///a/b/c?version=0.0.6\"\n}\n"}, nil},
		{"env.hcl by way of _envcommon", common, []string{"prod/vpc"}, false, []string{"prod/env.hcl: locals {\n\tversion   = \"v0.0.6\"   # production\n}\n"}, nil},
		{"values", stack, []string{"prod/.terragrunt-stack/vpc"}, false, []string{"prod/terragrunt.stack.hcl: " + strings.Replace(stack["prod/terragrunt.stack.hcl"], "v0.0.5", "v0.0.6", 1)}, nil},
		{"catalog beside", stack, []string{"eu/.terragrunt-stack/vpc"}, true, []string{"catalog/fixed/terragrunt.hcl: " + own("v0.0.6")}, nil},
		{"nested stack", stack, []string{"nest/.terragrunt-stack/net/.terragrunt-stack/vpc"}, false, []string{"nest/terragrunt.stack.hcl: " + strings.Replace(stack["nest/terragrunt.stack.hcl"], "v0.0.5", "v0.0.6", 1)}, nil},
		{"one of many", stack, []string{"many/.terragrunt-stack/vpc-a"}, false, []string{"many/terragrunt.stack.hcl: " + strings.Replace(stack["many/terragrunt.stack.hcl"], "v0.0.5", "v0.0.6", 1)}, nil},
		{"two units", map[string]string{"a/terragrunt.hcl": own("v0.0.5"), "b/terragrunt.hcl": own("v0.0.4")}, []string{"a", "b"}, false,
			[]string{"a/terragrunt.hcl: " + own("v0.0.6"), "b/terragrunt.hcl: " + own("v0.0.6")}, nil},
		{"conditional", map[string]string{"a/terragrunt.hcl": "locals {\n  v = get_env(\"X\", \"\") == \"\" ? \"v0.0.5\" : \"v0.0.4\"\n}\nterraform {\n  source = \"" + module + "vpc?ref=${local.v}\"\n}\n"}, []string{"a"}, false,
			nil, []string{"no literal", "computed", "a/terragrunt.hcl:2: get_env(\"X\", \"\") == \"\" ? \"v0.0.5\" : \"v0.0.4\""}},
		{"shared", map[string]string{"_c.hcl": own("v0.0.5"), "a/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n", "b/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n"}, []string{"a"}, false,
			nil, []string{"shared", "also used by: b", "_c.hcl:2", "--allow-shared"}},
		{"shared, allowed", map[string]string{"_c.hcl": own("v0.0.5"), "a/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n", "b/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n"}, []string{"a"}, true,
			[]string{"_c.hcl: " + own("v0.0.6")}, nil},
		{"two requested units, one literal", map[string]string{"_c.hcl": own("v0.0.5"), "a/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n", "b/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n"}, []string{"a", "b"}, false,
			[]string{"_c.hcl: " + own("v0.0.6")}, nil},
		{"two requested units, one literal, two versions", map[string]string{"_c.hcl": own("v0.0.5"), "a/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n", "b/terragrunt.hcl": "include \"c\" {\n  path = \"../_c.hcl\"\n}\n"}, []string{"a", "b@v0.0.7"}, true,
			nil, []string{"shared"}},
		{"nothing where one cannot be", map[string]string{"a/terragrunt.hcl": own("v0.0.5"), "b/terragrunt.hcl": "terraform {\n  source = \"" + module + "vpc?ref=v0.0.${2 + 3}\"\n}\n"}, []string{"a", "b"}, false,
			nil, []string{"b: no literal", "b/terragrunt.hcl:2"}},
		{"a file read as text", map[string]string{"pins.json": `{"vpc": "v0.0.5"}`, "a/terragrunt.hcl": "terraform {\n  source = \"" + module + "vpc?ref=${jsondecode(file(\"../pins.json\")).vpc}\"\n}\n"}, []string{"a"}, false,
			nil, []string{"no literal", "jsondecode(file("}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			root := writeTree(t, c.files)
			s := snapshot(t, root)
			p, err := s.Plan(context.Background(), at(root, "v0.0.6", c.wants...), c.shared)
			if c.fails != nil {
				if err == nil {
					t.Fatalf("it worked: %+v", p.Edits)
				}
				for _, part := range c.fails {
					if !strings.Contains(rel(root, err.Error()), part) {
						t.Errorf("no %q in\n%s", part, rel(root, err.Error()))
					}
				}
				return
			}
			if err != nil {
				t.Fatal(rel(root, err.Error()))
			}
			if err := Write(p.Texts); err != nil {
				t.Fatal(err)
			}
			after := map[string]string{}
			for name, text := range c.files {
				after[name] = text
			}
			for _, line := range c.want {
				name, text, _ := strings.Cut(line, ": ")
				after[name] = text
			}
			for name, want := range after {
				have, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
				if err != nil || string(have) != want {
					t.Errorf("%s: %v\n%q, not\n%q", name, err, have, want)
				}
			}
		})
	}
}
