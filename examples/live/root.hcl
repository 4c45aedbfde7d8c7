# What all units have in common. Each unit includes this file, so it is written once.

locals {
  # Where the modules live. `make demo` points MODULES_REPO at a repository that it makes from
  # examples/modules; without the variable this is the address that a team would write here.
  modules = get_env("MODULES_REPO", "git::https://git.example.com/platform/modules.git")

  # The nearest of these files above the unit that is being read.
  env    = read_terragrunt_config(find_in_parent_folders("env.hcl")).locals
  region = read_terragrunt_config(find_in_parent_folders("region.hcl")).locals
}

# One state file for each unit, in a folder that mirrors the folders here.
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
    owner       = local.env.owner
    unit        = path_relative_to_include()
  }
}
