"""SES's sets of receipt rules: one at most is active per account and region, and only code can
make it so.
"""

from helpdesk.storage import aws


def active_rule_set() -> str:
    """The name of the active set; empty where there is none. Errors: Throttled, Unavailable."""
    with aws.translated():
        answer = aws.ses().describe_active_receipt_rule_set()
    return str(answer.get("Metadata", {}).get("Name", ""))


def activate(rule_set: str) -> None:
    """Makes this set the active one; empty leaves none active. Errors: Throttled, Unavailable."""
    request = {"RuleSetName": rule_set} if rule_set else {}
    with aws.translated():
        aws.ses().set_active_receipt_rule_set(**request)
