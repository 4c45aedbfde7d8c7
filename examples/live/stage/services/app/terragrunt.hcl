include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${include.root.locals.modules}//services/app?ref=v0.0.5"
}

dependency "vpc" {
  config_path = "../../networking/vpc"

  mock_outputs = {
    vpc_id             = "vpc-not-yet-there"
    private_subnet_ids = ["subnet-not-yet-there-1", "subnet-not-yet-there-2"]
  }
  mock_outputs_allowed_terraform_commands = ["init", "plan", "validate"]
}

dependency "mysql" {
  config_path = "../../data-stores/mysql"

  mock_outputs = {
    endpoint = "mysql-not-yet-there:3306"
  }
  mock_outputs_allowed_terraform_commands = ["init", "plan", "validate"]
}

inputs = {
  name              = "shop-${include.root.locals.env.name}"
  image             = include.root.locals.env.app_image
  instances         = include.root.locals.env.app_instances
  vpc_id            = dependency.vpc.outputs.vpc_id
  subnet_ids        = dependency.vpc.outputs.private_subnet_ids
  database_endpoint = dependency.mysql.outputs.endpoint
}
