# Sign-in rules and roles of one account, built on terraform_data like every module here.
terraform {
  required_version = ">= 1.4"
}

resource "terraform_data" "password_policy" {
  input = {
    account_alias = var.account_alias
    min_length    = var.password_min_length
  }
}

resource "terraform_data" "role" {
  for_each = var.roles

  input = {
    name          = each.key
    session_hours = each.value
    tags          = var.tags
  }
}
