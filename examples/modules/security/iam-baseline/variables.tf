variable "account_alias" {
  description = "Name that people see when they sign in."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{3,63}$", var.account_alias))
    error_message = "The alias must be 3 to 63 lower-case letters, digits or dashes."
  }
}

variable "password_min_length" {
  description = "Shortest password that is accepted."
  type        = number
  default     = 14

  validation {
    condition     = var.password_min_length >= 8
    error_message = "Passwords of fewer than 8 characters are not safe."
  }
}

variable "roles" {
  description = "Roles of the account: name to the longest session, in hours."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for hours in values(var.roles) : hours >= 1 && hours <= 12])
    error_message = "A session lasts between 1 and 12 hours."
  }
}

variable "tags" {
  description = "Tags for the roles."
  type        = map(string)
  default     = {}
}
