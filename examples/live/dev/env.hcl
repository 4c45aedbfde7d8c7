# What is particular to dev: small and cheap.
locals {
  name  = "dev"
  owner = "developers"

  vpc_cidr       = "10.10.0.0/16"
  zones          = 2
  database_class = "db.t4g.small"
  app_image      = "shop:1.9.0"
  app_instances  = 1
}
