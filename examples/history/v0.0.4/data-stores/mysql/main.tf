# A MySQL database in private subnets, built on terraform_data like every module here.
terraform {
  required_version = ">= 1.4"
}

locals {
  port = 3306
}

resource "terraform_data" "subnet_group" {
  input = {
    name       = "${var.name}-mysql"
    vpc_id     = var.vpc_id
    subnet_ids = var.subnet_ids
  }
}

resource "terraform_data" "database" {
  input = {
    name           = "${var.name}-mysql"
    subnet_group   = terraform_data.subnet_group.output.name
    engine_version = var.engine_version
    instance_class = var.instance_class
    storage_gb     = var.storage_gb
    tags           = var.tags
  }
}
