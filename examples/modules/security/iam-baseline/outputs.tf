output "sign_in_url" {
  description = "Where people sign in."
  value       = "https://${terraform_data.password_policy.output.account_alias}.example.com/console"
}

output "role_names" {
  description = "Names of the roles, sorted."
  value       = sort([for role in terraform_data.role : role.output.name])
}
