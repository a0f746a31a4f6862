"""SES: sends finished mails, and classifies its refusals (docs/mail.md, "What SES refuses")."""

import re
from datetime import datetime

from botocore.exceptions import ClientError

from helpdesk.errors import DeskError
from helpdesk.storage import aws


class MailRefused(DeskError):
    """SES has definitely not accepted the mail. It may accept it later, unless a subclass says
    otherwise; `code` is a word of docs/mail.md or AWS's error code.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailRejected(MailRefused):
    """SES will never accept this mail."""


class SendingTooFast(MailRefused):
    """The account exceeds its rate per second."""


class SendingStopped(MailRefused):
    """SES accepts no mail of this account for now. `until` is when to try again, if known."""

    until: datetime | None = None


def send(mail: bytes, *, sender: str, recipient: str, configuration_set: str, tag: str) -> str:
    """Sends a complete mail to one address; returns its Message-ID.

    `tag` comes back in SES's event notifications as the tag `mail`; it takes letters, digits, `_`
    and `-` only.

    Raises:
        MailRejected, SendingTooFast, SendingStopped: The mail was definitely not sent, for this
            reason.
        MailRefused: It was definitely not sent, for another reason.
        Unavailable: It is not known whether it was sent (docs/aws.md m8).
    """
    with aws.translated():
        try:
            answer = aws.sesv2().send_email(
                FromEmailAddress=sender,
                Destination={"ToAddresses": [recipient]},
                Content={"Raw": {"Data": mail}},
                ConfigurationSetName=configuration_set,
                EmailTags=[{"Name": "mail", "Value": tag}],
            )
        except ClientError as error:
            # Throttling is a refusal, too: the mail was definitely not sent.
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
                said = str(error.response.get("Error", {}).get("Message", ""))
                raise refusal(aws.error_code(error), said, sender) from error
            raise
    return message_id(answer["MessageId"])


_NEVER = {"BadRequestException", "MessageRejected"}

_STOPPED = {
    "AccountSuspendedException": "suspended",
    "SendingPausedException": "paused",
    "MailFromDomainNotVerifiedException": "sender",
    "LimitExceededException": "quota",
    # The desk's configuration or permissions are wrong: no mail would be accepted.
    "AccessDenied": "setup",
    "AccessDeniedException": "setup",
    "NotFoundException": "setup",
}

_TOO_FAST = {"TooManyRequestsException", "ThrottlingException", "Throttling"}

_UNVERIFIED = re.compile(r"identities failed the check in region [^:]*:(.*)", re.DOTALL)


def refusal(code: str, said: str, sender: str) -> MailRefused:
    """Classifies an error of SendEmail; `said` is SES's message, `sender` the address in From."""
    words = said.lower()
    if code in _STOPPED:
        return SendingStopped(_STOPPED[code])
    if code in _TOO_FAST:
        return SendingStopped("quota") if "quota" in words else SendingTooFast(code)
    return _about_mail(code, said, sender) if code in _NEVER else MailRefused(code)


def _about_mail(code: str, said: str, sender: str) -> MailRefused:
    """Classifies SES's MessageRejected: in the sandbox it names the unverified identities, and it
    may also be the error if the account's sending is disabled.
    """
    if unverified := _UNVERIFIED.search(said):
        named = {one.strip().lower() for one in unverified[1].split(",")}
        if named & {sender.lower(), sender.lower().rpartition("@")[2]}:
            return SendingStopped("sender")
        return MailRejected("unverified")
    if re.search(r"(sending|account)\b.*\b(paused|suspended|shut ?down|disabled)", said.lower()):
        return SendingStopped("paused")
    return MailRejected(code)


def forgive(address: str) -> None:
    """Removes an address from the account's suppression list, if it is there."""
    with aws.translated():
        try:
            aws.sesv2().delete_suppressed_destination(EmailAddress=address)
        except aws.sesv2().exceptions.NotFoundException:
            return


def message_id(ses_id: str) -> str:
    """The Message-ID that SES writes into a mail, derived from the id that its API returns."""
    region = aws.sesv2().meta.region_name
    host = "email" if region == "us-east-1" else region
    return f"{ses_id}@{host}.amazonses.com"
