include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${include.root.locals.modules}//data-stores/mysql?ref=v0.0.5"
}

# The network comes first. Until it exists, a plan makes do with the mock outputs.
dependency "vpc" {
  config_path = "../../networking/vpc"

  mock_outputs = {
    vpc_id             = "vpc-not-yet-there"
    private_subnet_ids = ["subnet-not-yet-there-1", "subnet-not-yet-there-2"]
  }
  mock_outputs_allowed_terraform_commands = ["init", "plan", "validate"]
}

inputs = {
  name           = include.root.locals.env.name
  vpc_id         = dependency.vpc.outputs.vpc_id
  subnet_ids     = dependency.vpc.outputs.private_subnet_ids
  instance_class = include.root.locals.env.database_class
}
