output "vpc_id" {
  description = "Id of the network."
  value       = "vpc-${terraform_data.vpc.output.name}"
}

output "cidr_block" {
  description = "Address range of the network."
  value       = terraform_data.vpc.output.cidr_block
}

output "private_subnet_ids" {
  description = "Ids of the private subnets, in the order of their zones."
  value       = [for zone in local.zones : "subnet-${var.name}-private-${terraform_data.private_subnet[zone].output.zone}"]
}

output "public_subnet_ids" {
  description = "Ids of the public subnets, in the order of their zones."
  value       = [for zone in local.zones : "subnet-${var.name}-public-${terraform_data.public_subnet[zone].output.zone}"]
}
