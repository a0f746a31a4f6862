"""Custom resource: creates what a desk needs before its first request."""

import os
from typing import Any

from helpdesk import provisioning
from helpdesk.storage import cloudformation
from helpdesk.storage.cloudformation import Context


def handler(event: dict[str, Any], context: Context) -> None:
    """Runs on every deployment; always answers CloudFormation (docs/aws.md m36)."""
    properties = event.get("ResourceProperties", {})
    rules, joined = (properties.get(name, "") for name in ("RuleSet", "JoinedRuleSet"))
    before = event.get("OldResourceProperties", {}).get("RuleSet", "")

    def work() -> dict[str, str]:
        provisioning.set_up(os.environ["FIRST_KEY_SECRET"])
        provisioning.spread(int(properties.get("WriteShards") or 1))
        return {"MailIn": provisioning.receive_mail(rules, before, joined)}

    cloudformation.carry_out(event, context, work, lambda: provisioning.clear_up(rules))
