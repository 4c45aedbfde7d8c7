include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}

terraform {
  source = "${include.root.locals.modules}//security/iam-baseline?ref=v0.0.4"
}

inputs = {
  account_alias = "example-shop"

  roles = {
    developer = 8
    operator  = 4
    auditor   = 1
  }
}
