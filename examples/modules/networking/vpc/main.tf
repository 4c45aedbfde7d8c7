# A network with private and public subnets. It is built on terraform_data, so that the
# example needs no account and downloads no provider.
terraform {
  required_version = ">= 1.4"
}

locals {
  zones = [for i in range(var.availability_zones) : "${var.region}${substr("abcdef", i, 1)}"]
}

resource "terraform_data" "vpc" {
  input = {
    name       = var.name
    region     = var.region
    cidr_block = var.cidr_block
    flow_logs  = var.flow_logs
    tags       = var.tags
  }
}

resource "terraform_data" "private_subnet" {
  for_each = { for i, zone in local.zones : zone => i }

  input = {
    vpc_id     = "vpc-${var.name}"
    zone       = each.key
    cidr_block = cidrsubnet(var.cidr_block, 4, each.value)
  }
}

resource "terraform_data" "public_subnet" {
  for_each = { for i, zone in local.zones : zone => i }

  input = {
    vpc_id     = "vpc-${var.name}"
    zone       = each.key
    cidr_block = cidrsubnet(var.cidr_block, 4, 8 + each.value)
  }
}
