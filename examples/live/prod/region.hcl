# Production runs near its customers.
locals {
  region = "eu-west-1"
}
