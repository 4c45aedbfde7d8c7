# What is particular to stage: production in small.
locals {
  name  = "stage"
  owner = "testers"

  vpc_cidr       = "10.20.0.0/16"
  zones          = 2
  database_class = "db.t4g.medium"
  app_image      = "shop:1.8.3"
  app_instances  = 2
}
