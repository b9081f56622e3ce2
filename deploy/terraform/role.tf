# The bot's role and what it may do. Who takes the role on is up to where the bot runs: EC2, ECS, or somebody of yours.
resource "aws_iam_role" "bot" {
  name        = "workspace-ssh-${var.installation}"
  description = "SSH to Amazon WorkSpaces, approved in Slack, closed on time"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = var.trusted
    }]
  })
}

resource "aws_iam_role_policy" "bot" {
  name   = "workspace-ssh"
  role   = aws_iam_role.bot.id
  policy = local.policy
}

# EC2 hands a role to a machine by an instance profile.
resource "aws_iam_instance_profile" "bot" {
  name = aws_iam_role.bot.name
  role = aws_iam_role.bot.name
}

output "role_arn" {
  description = "For the task definition of ECS, or for role_arn in a profile of AWS"
  value       = aws_iam_role.bot.arn
}

output "instance_profile" {
  description = "For the EC2 instance that the bot runs on"
  value       = aws_iam_instance_profile.bot.name
}
