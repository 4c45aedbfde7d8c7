# The management network: what people and build servers use to reach the environments.
locals {
  name  = "mgmt"
  owner = "operations"

  vpc_cidr = "10.0.0.0/16"
  zones    = 2
}
