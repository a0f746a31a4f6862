"""SES's sets of receipt rules: at most one is active per account and region, and CloudFormation
cannot activate it.
"""

from helpdesk.storage import aws


def active_rule_set() -> str:
    """The name of the active rule set; empty if there is none."""
    with aws.translated():
        answer = aws.ses().describe_active_receipt_rule_set()
    return str(answer.get("Metadata", {}).get("Name", ""))


def activate(rule_set: str) -> None:
    """Activates this rule set; with an empty name none is active."""
    request = {"RuleSetName": rule_set} if rule_set else {}
    with aws.translated():
        aws.ses().set_active_receipt_rule_set(**request)
