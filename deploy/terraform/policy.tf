# deploy/iam-policy.json with its four places filled in, as docs/security.md asks. There is no second copy of the policy.
locals {
  policy_with_places = file("${path.module}/../iam-policy.json")
  policy = replace(replace(replace(replace(
    local.policy_with_places,
    "vpc/VPC", "vpc/${var.vpc_id}"),
    "REGION", var.region),
    "ACCOUNT", var.account_id),
    "\"INSTALLATION\"", jsonencode(var.installation)
  )
}
