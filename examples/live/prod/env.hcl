# What is particular to prod: three zones and a large database.
locals {
  name  = "prod"
  owner = "operations"

  vpc_cidr       = "10.30.0.0/16"
  zones          = 3
  database_class = "db.r7g.xlarge"
  app_image      = "shop:1.8.1"
  app_instances  = 3
}
