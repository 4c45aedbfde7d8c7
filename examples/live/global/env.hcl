# What exists once for the whole account and belongs to no environment.
locals {
  name  = "global"
  owner = "security"
}
