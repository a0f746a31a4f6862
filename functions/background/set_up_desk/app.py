"""Custom resource: puts in place what a desk needs before its first request."""

import os
from typing import Any

from helpdesk import provisioning
from helpdesk.storage import cloudformation
from helpdesk.storage.cloudformation import Context


def handler(event: dict[str, Any], context: Context) -> None:
    """Runs on every deployment; always answers CloudFormation (docs/aws.md m36)."""
    rules = event.get("ResourceProperties", {}).get("RuleSet", "")
    before = event.get("OldResourceProperties", {}).get("RuleSet", "")

    def work() -> None:
        provisioning.set_up(os.environ["FIRST_KEY_SECRET"])
        provisioning.receive_mail(rules, before)

    cloudformation.carry_out(event, context, work, lambda: provisioning.clear_up(rules))
