# A service behind a load balancer, built on terraform_data like every module here.
terraform {
  required_version = ">= 1.4"
}

resource "terraform_data" "load_balancer" {
  input = {
    name              = var.name
    vpc_id            = var.vpc_id
    health_check_path = var.health_check_path
    tags              = var.tags
  }
}

resource "terraform_data" "instance" {
  count = var.instances

  input = {
    name              = "${var.name}-${count.index + 1}"
    image             = var.image
    memory_mb         = var.memory_mb
    subnet_id         = element(var.subnet_ids, count.index)
    database_endpoint = var.database_endpoint
  }
}
