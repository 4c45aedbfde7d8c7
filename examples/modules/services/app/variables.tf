variable "name" {
  description = "Name of the service."
  type        = string
}

variable "image" {
  description = "Container image with its tag."
  type        = string

  validation {
    condition     = can(regex(":[^/]+$", var.image))
    error_message = "The image needs a tag, for example shop:1.4.2."
  }
}

variable "instances" {
  description = "Number of copies that run."
  type        = number
  default     = 1

  validation {
    condition     = var.instances >= 1
    error_message = "At least one copy must run."
  }
}

variable "memory_mb" {
  description = "Memory of each copy, in megabytes."
  type        = number
  default     = 512
}

variable "vpc_id" {
  description = "Id of the network that the service runs in."
  type        = string
}

variable "subnet_ids" {
  description = "Ids of the subnets that the copies are spread over."
  type        = list(string)
}

variable "database_endpoint" {
  description = "Host name and port of the service's database; null for a service without one."
  type        = string
  default     = null
}

variable "health_check_path" {
  description = "Path that answers when the service is well."
  type        = string
  default     = "/healthz"
}

variable "tags" {
  description = "Tags for the service."
  type        = map(string)
  default     = {}
}
