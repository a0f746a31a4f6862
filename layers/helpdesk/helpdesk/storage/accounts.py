"""State of the AWS account as reported by SES, SNS and Lambda."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.errors import Unavailable
from helpdesk.storage import aws

Told = Mapping[str, Any]

FULL = 0.8
"""The used fraction of SES's daily quota from which on little is left."""


def identity(domain: str) -> Told | None:
    """The SES identity of a domain (SES API v2, GetEmailIdentity); None if SES has none.

    Raises:
        Unavailable: SES failed or did not answer.
    """
    with aws.translated():
        try:
            found: Told = aws.sesv2().get_email_identity(EmailIdentity=domain)
        except ClientError as error:
            if aws.error_code(error) == "NotFoundException":
                return None
            raise Unavailable(aws.error_code(error)) from error
    return found


def sending() -> Told:
    """Whether and how much the account may send (SES API v2, GetAccount).

    Raises:
        Unavailable: SES failed or did not answer.
    """
    with aws.translated():
        try:
            found: Told = aws.sesv2().get_account()
        except ClientError as error:
            raise Unavailable(aws.error_code(error)) from error
    return found


def quota_used(told: Told) -> float:
    """The used fraction of SES's daily quota; 0 if there is no limit."""
    quota = told.get("SendQuota", {})
    most, sent = float(quota.get("Max24HourSend", 0)), float(quota.get("SentLast24Hours", 0))
    # -1 means no limit.
    return sent / most if most > 0 else 0.0


def subscriptions(topic: str) -> list[Told]:
    """The first hundred subscriptions of a topic (SNS API, ListSubscriptionsByTopic).

    Raises:
        Unavailable: SNS failed or did not answer.
    """
    with aws.translated():
        try:
            found: list[Told] = aws.sns().list_subscriptions_by_topic(TopicArn=topic)[
                "Subscriptions"
            ]
        except ClientError as error:
            raise Unavailable(aws.error_code(error)) from error
    return found


def functions_at_once() -> int:
    """The account's limit of concurrent executions (Lambda API, GetAccountSettings).

    Raises:
        Unavailable: Lambda failed or did not answer.
    """
    with aws.translated():
        try:
            told = aws.functions().get_account_settings()
        except ClientError as error:
            raise Unavailable(aws.error_code(error)) from error
    return int(told["AccountLimit"]["ConcurrentExecutions"])
