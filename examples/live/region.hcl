# The region of everything, except where a folder further down holds a region.hcl of its own.
locals {
  region = "us-east-1"
}
