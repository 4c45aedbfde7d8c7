output "url" {
  description = "Address of the service."
  value       = "https://${terraform_data.load_balancer.output.name}.${var.vpc_id}.example.com"
}

output "instance_names" {
  description = "Names of the running copies."
  value       = [for instance in terraform_data.instance : instance.output.name]
}
