"""What SES, SNS and Lambda say of the account: nothing of it is the desk's own."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.errors import Unavailable
from helpdesk.storage import aws

Told = Mapping[str, Any]

FULL = 0.8
"""The part of SES's daily quota from which on there is little left."""


def identity(domain: str) -> Told | None:
    """What SES knows of a domain (SES API v2, GetEmailIdentity); None where it does not know it.

    Raises:
        Unavailable: SES does not say.
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
        Unavailable: SES does not say.
    """
    with aws.translated():
        try:
            found: Told = aws.sesv2().get_account()
        except ClientError as error:
            raise Unavailable(aws.error_code(error)) from error
    return found


def quota_used(told: Told) -> float:
    """The part of SES's daily quota that is used; 0 where there is no limit."""
    quota = told.get("SendQuota", {})
    most, sent = float(quota.get("Max24HourSend", 0)), float(quota.get("SentLast24Hours", 0))
    # -1 is no limit.
    return sent / most if most > 0 else 0.0


def subscriptions(topic: str) -> list[Told]:
    """Who hears of a topic, the first hundred (SNS API, ListSubscriptionsByTopic).

    Raises:
        Unavailable: SNS does not say.
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
    """How many functions the account runs at a time (Lambda API, GetAccountSettings).

    Raises:
        Unavailable: Lambda does not say.
    """
    with aws.translated():
        try:
            told = aws.functions().get_account_settings()
        except ClientError as error:
            raise Unavailable(aws.error_code(error)) from error
    return int(told["AccountLimit"]["ConcurrentExecutions"])
