variable "installation" {
  description = "INSTALLATION of the bot's environment"
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9-]{1,32}$", var.installation))
    error_message = "The installation's name is up to 32 of a-z, 0-9 and -, as INSTALLATION in the bot's environment."
  }
}

variable "region" {
  description = "AWS_REGION of the bot's environment"
  type        = string
}

variable "account_id" {
  description = "The account of the WorkSpaces, twelve digits"
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account's id is twelve digits."
  }
}

variable "vpc_id" {
  description = "The VPC of the WorkSpaces"
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "A VPC's id begins with vpc-."
  }
}

variable "trusted" {
  description = "Who may take the role on: { Service = \"ecs-tasks.amazonaws.com\" }, say"
  type        = map(string)
  default     = { Service = "ec2.amazonaws.com" }
}
