# Keyturn: events of AWS Secrets Manager, by EventBridge, to a queue that the operator reads (--rotation-queue-url).
# A module; use it once for each account and region that has secrets.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "name" {
  description = "Name of the queue; the other resources are named after it."
  type        = string
  default     = "keyturn-rotation-events"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,60}$", var.name))
    error_message = "The name has 1 to 60 letters, digits, hyphens and underscores."
  }
}

variable "max_receive_count" {
  description = "After so many deliveries without success a message is moved to the dead-letter queue."
  type        = number
  default     = 10
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

# A label of a secret moved. These events need no CloudTrail trail, and carry the full ARN and the version.
resource "aws_cloudwatch_event_rule" "labels" {
  name        = "${var.name}-labels"
  description = "Secrets whose values changed, to Keyturn's queue"
  tags        = var.tags

  event_pattern = <<-JSON
    {
      "source": ["aws.secretsmanager"],
      "detail-type": ["Secret Label Updated"]
    }
  JSON
}

# These come only where a CloudTrail trail records management events. Without one the rule matches nothing.
# A call that failed has changed nothing.
resource "aws_cloudwatch_event_rule" "cloudtrail" {
  name        = "${var.name}-cloudtrail"
  description = "Secrets that were deleted, restored or tagged, and rotations that failed, to Keyturn's queue"
  tags        = var.tags

  event_pattern = <<-JSON
    {
      "source": ["aws.secretsmanager"],
      "detail-type": [
        "AWS API Call via CloudTrail",
        "Amazon API Call via CloudTrail",
        "AWS Service Event via CloudTrail",
        "Amazon Service Event via CloudTrail"
      ],
      "detail": {
        "eventName": ["DeleteSecret", "RestoreSecret", "RotationFailed", "TagResource", "UntagResource"],
        "errorCode": [{ "exists": false }]
      }
    }
  JSON
}

resource "aws_cloudwatch_event_target" "labels" {
  rule      = aws_cloudwatch_event_rule.labels.name
  target_id = "keyturn"
  arn       = aws_sqs_queue.events.arn
}

resource "aws_cloudwatch_event_target" "cloudtrail" {
  rule      = aws_cloudwatch_event_rule.cloudtrail.name
  target_id = "keyturn"
  arn       = aws_sqs_queue.events.arn
}

# Visibility and long poll are what the operator sets itself with every call; here for whoever looks by hand.
# After a day the operator's sweep has found the change by itself.
resource "aws_sqs_queue" "events" {
  name                       = var.name
  sqs_managed_sse_enabled    = true
  visibility_timeout_seconds = 30
  receive_wait_time_seconds  = 20
  message_retention_seconds  = 86400
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.max_receive_count
  })
}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-dead"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.url
  policy    = data.aws_iam_policy_document.rules_only.json
}

data "aws_iam_policy_document" "rules_only" {
  statement {
    sid       = "RulesOfThisModuleOnly"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.labels.arn, aws_cloudwatch_event_rule.cloudtrail.arn]
    }
  }
}

data "aws_iam_policy_document" "operator" {
  statement {
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
    resources = [aws_sqs_queue.events.arn]
  }
}

output "queue_url" {
  description = "For the operator's --rotation-queue-url."
  value       = aws_sqs_queue.events.url
}

output "queue_arn" {
  description = "For an IAM policy of your own."
  value       = aws_sqs_queue.events.arn
}

output "dead_letter_queue_url" {
  description = "What could not be handled; worth an alarm."
  value       = aws_sqs_queue.dead.url
}

output "operator_policy_json" {
  description = "What the operator's role needs, besides secretsmanager:GetSecretValue."
  value       = data.aws_iam_policy_document.operator.json
}
