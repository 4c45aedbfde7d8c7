include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${include.root.locals.modules}//networking/vpc?ref=v0.0.6"
}

inputs = {
  name               = include.root.locals.env.name
  region             = include.root.locals.region.region
  cidr_block         = include.root.locals.env.vpc_cidr
  availability_zones = include.root.locals.env.zones
}
