package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const unitsPerEnv = 50

// repo is a made-up live repository. Its units lie in environments of unitsPerEnv, include
// one root.hcl, and depend on one or two earlier units of their environment.
type repo struct {
	dir   string
	units []unit
}

type unit struct {
	dir      string
	name     string
	upstream []string // names of the units that it depends on
}

// makeRepo writes a repository of n units. expressions is the number of locals in root.hcl
// besides the few that are used.
func makeRepo(dir string, n, expressions int) (*repo, error) {
	r := &repo{dir: dir}
	if err := write(filepath.Join(dir, "root.hcl"), rootHCL(expressions)); err != nil {
		return nil, err
	}
	for i := range n {
		env, k := i/unitsPerEnv, i%unitsPerEnv
		envDir := filepath.Join(dir, fmt.Sprintf("env-%02d", env))
		if k == 0 {
			text := fmt.Sprintf("locals {\n  name = \"env-%02d\"\n  size = %d\n}\n", env, env+1)
			if err := write(filepath.Join(envDir, "env.hcl"), text); err != nil {
				return nil, err
			}
		}
		u := unit{name: unitName(k)}
		u.dir = filepath.Join(envDir, u.name)
		u.upstream = upstream(k)
		r.units = append(r.units, u)
		if err := u.write(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func unitName(k int) string { return fmt.Sprintf("group-%d/unit-%02d", k%5, k) }

// upstream spreads the dependencies so that the graph is wide, as real ones are: most units
// stand on a few.
func upstream(k int) []string {
	switch {
	case k == 0:
		return nil
	case k%3 == 0 && (k-1)/8 != (k-1)/5:
		return []string{unitName((k - 1) / 8), unitName((k - 1) / 5)}
	}
	return []string{unitName((k - 1) / 8)}
}

func (u unit) write() error {
	var b strings.Builder
	b.WriteString("include \"root\" {\n  path   = find_in_parent_folders(\"root.hcl\")\n  expose = true\n}\n")
	var ids []string
	for i, name := range u.upstream {
		fmt.Fprintf(&b, "\ndependency \"up%d\" {\n  config_path = \"../../%s\"\n\n", i, name)
		b.WriteString("  mock_outputs = {\n    id = \"mock\"\n  }\n}\n")
		ids = append(ids, fmt.Sprintf("dependency.up%d.outputs.id", i))
	}
	fmt.Fprintf(&b, "\ninputs = {\n  name     = %q\n  upstream = [%s]\n}\n", u.name, strings.Join(ids, ", "))
	if err := write(filepath.Join(u.dir, "terragrunt.hcl"), b.String()); err != nil {
		return err
	}
	return write(filepath.Join(u.dir, "main.tf"), mainTF)
}

const mainTF = `variable "name" {
  type = string
}

variable "upstream" {
  type = list(string)
}

variable "tags" {
  type = map(string)
}

resource "terraform_data" "this" {
  input = {
    name     = var.name
    upstream = var.upstream
    tags     = var.tags
  }
}

output "id" {
  value = terraform_data.this.output.name
}
`

// rootHCL is the shared parent: a local backend, inputs, and locals of the kind that such
// files collect over the years.
func rootHCL(expressions int) string {
	var b strings.Builder
	b.WriteString(`locals {
  env = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
`)
	for i := range expressions {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "  name_%03d = join(\"-\", [local.env.name, \"team\", format(\"%%03d\", %d)])\n", i, i)
		case 1:
			fmt.Fprintf(&b, "  tags_%03d = merge({ team = local.name_%03d }, { size = tostring(local.env.size + %d) })\n", i, i-1, i)
		case 2:
			fmt.Fprintf(&b, "  list_%03d = [for k, v in local.tags_%03d : upper(\"${k}=${v}\")]\n", i, i-1)
		case 3:
			fmt.Fprintf(&b, "  text_%03d = length(local.list_%03d) > 1 ? replace(local.list_%03d[0], \"=\", \":\") : \"none\"\n", i, i-1, i-1)
		}
	}
	b.WriteString(`}

remote_state {
  backend = "local"

  generate = {
    path      = "backend.tf"
    if_exists = "overwrite_terragrunt"
  }

  config = {
    path = "${get_parent_terragrunt_dir()}/.state/${path_relative_to_include()}/terraform.tfstate"
  }
}

inputs = {
  tags = {
    environment = local.env.name
  }
}
`)
	return b.String()
}

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
