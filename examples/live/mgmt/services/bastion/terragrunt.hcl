include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${include.root.locals.modules}//services/app?ref=v0.0.4"
}

dependency "vpc" {
  config_path = "../../networking/vpc"

  mock_outputs = {
    vpc_id            = "vpc-not-yet-there"
    public_subnet_ids = ["subnet-not-yet-there-1"]
  }
  mock_outputs_allowed_terraform_commands = ["init", "plan", "validate"]
}

inputs = {
  name       = "bastion"
  image      = "bastion:2.0.1"
  vpc_id     = dependency.vpc.outputs.vpc_id
  subnet_ids = dependency.vpc.outputs.public_subnet_ids
}
