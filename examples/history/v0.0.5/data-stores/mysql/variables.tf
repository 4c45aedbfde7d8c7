variable "name" {
  description = "Name of the database; the environment that it belongs to."
  type        = string
}

variable "vpc_id" {
  description = "Id of the network that holds the database."
  type        = string
}

variable "subnet_ids" {
  description = "Ids of at least two private subnets, for the database and its standby."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "A database needs at least two subnets."
  }
}

variable "engine_version" {
  description = "Version of MySQL."
  type        = string
  default     = "8.4"
}

variable "instance_class" {
  description = "Size of the database server."
  type        = string
  default     = "db.t4g.small"

  validation {
    condition     = startswith(var.instance_class, "db.")
    error_message = "The size must begin with \"db.\", for example db.t4g.small."
  }
}

variable "storage_gb" {
  description = "Storage in gigabytes."
  type        = number
  default     = 20

  validation {
    condition     = var.storage_gb >= 20 && var.storage_gb <= 65536
    error_message = "The storage must be between 20 and 65,536 gigabytes."
  }
}

variable "backup_days" {
  description = "How many days of backups to keep; 0 keeps none."
  type        = number
  default     = 7
}

variable "tags" {
  description = "Tags for the database."
  type        = map(string)
  default     = {}
}
