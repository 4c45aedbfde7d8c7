package config

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"root.hcl": `
locals { env = "dev" }
iam_role = "arn:aws:iam::1:role/${local.env}"
terraform {
  source          = "git::https://example.com/m.git//x?ref=v1"
  include_in_copy = ["*.txt"]
}`,
		"base/terragrunt.hcl": ``,
		"app/terragrunt.hcl": `
include "root" { path = find_in_parent_folders("root.hcl") }
dependency "base" { config_path = "../base" }
locals { unused = no_such_function() }
inputs = { id = dependency.base.outputs.id }`,
		"late/terragrunt.hcl": `
dependency "base" { config_path = "../base" }
iam_role = dependency.base.outputs.role
terraform {
  source = "./m"
  before_hook "late" {
    commands = ["init-from-module"]
    execute  = dependency.base.outputs.command
  }
}`,
		"wrong/terragrunt.hcl": `
iam_role = no_such_function()
terraform { source = "./m" }`,
	})
	host := &fakeHost{root: root}
	l := NewLoader(host, Options{})
	settings := func(dir string) (Settings, error) {
		u, err := l.Unit(context.Background(), filepath.Join(root, dir))
		if err != nil {
			t.Fatal(err)
		}
		return u.Settings(context.Background())
	}

	got, err := settings("app")
	if err != nil || got.IAM.Role != "arn:aws:iam::1:role/dev" || got.Terraform.Source != "git::https://example.com/m.git//x?ref=v1" || len(got.Terraform.IncludeInCopy) != 1 {
		t.Errorf("app: %+v, %v", got, err)
	}
	if got, err = settings("late"); err != nil || got.IAM.Role != "" || got.Terraform.Source != "./m" || len(got.Terraform.BeforeHooks) > 0 {
		t.Errorf("late: %+v, %v", got, err)
	}
	if got, err = settings("wrong"); err == nil || !strings.Contains(err.Error(), "no_such_function") || got.Terraform.Source != "./m" {
		t.Errorf("wrong: %+v, %v", got, err)
	}
	if len(host.asked) > 0 {
		t.Errorf("outputs were asked for: %v", host.asked)
	}
}
