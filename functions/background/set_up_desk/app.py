"""Custom resource: puts in place what a desk needs before its first request."""

import os
from typing import Any

from helpdesk import set_up
from helpdesk.storage import deployment
from helpdesk.storage.deployment import Running


def handler(event: dict[str, Any], context: Running) -> None:
    """Runs on every deployment; always answers CloudFormation [m36]."""
    rules = event.get("ResourceProperties", {}).get("RuleSet", "")
    before = event.get("OldResourceProperties", {}).get("RuleSet", "")

    def work() -> None:
        set_up.set_up(os.environ["FIRST_KEY_SECRET"])
        set_up.receive_mail(rules, before)

    deployment.carry_out(event, context, work, lambda: set_up.receive_mail("", rules))
