output "endpoint" {
  description = "Host name and port of the database."
  value       = "${terraform_data.database.output.name}.${var.vpc_id}.internal:${local.port}"
}

output "admin_secret" {
  description = "Where the administrator's password is kept."
  value       = "secrets/${terraform_data.database.output.name}/admin"
  sensitive   = true
}
