variable "name" {
  description = "Name of the network; the environment that it belongs to."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must be 2 to 31 lower-case letters, digits or dashes, and start with a letter."
  }
}

variable "region" {
  description = "Region that holds the network."
  type        = string
}

variable "cidr_block" {
  description = "Address range of the whole network."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr_block, 0))
    error_message = "The address range must be in CIDR notation, for example 10.0.0.0/16."
  }
}

variable "availability_zones" {
  description = "Number of zones to spread over; each gets one private and one public subnet."
  type        = number
  default     = 2

  validation {
    condition     = var.availability_zones >= 1 && var.availability_zones <= 6
    error_message = "Between 1 and 6 availability zones are possible."
  }
}

variable "tags" {
  description = "Tags for everything in the network."
  type        = map(string)
  default     = {}
}
