"""SES: sends finished mails, and tells its refusals apart (docs/mail.md, "What SES refuses")."""

import re
from datetime import datetime

from botocore.exceptions import ClientError

from helpdesk.errors import DeskError
from helpdesk.storage import aws


class MailRefused(DeskError):
    """SES has certainly not accepted the mail. It may accept it later, unless this is one of the
    classes below that says otherwise; `code` is a word of docs/mail.md or AWS's error code.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class MailRejected(MailRefused):
    """SES will never accept this mail."""


class SendingTooFast(MailRefused):
    """The account sends more a second than it may."""


class SendingStopped(MailRefused):
    """SES accepts no mail of this account for now. `until` is when to ask again, once that is
    known.
    """

    until: datetime | None = None


def send(mail: bytes, *, sender: str, recipient: str, configuration_set: str, tag: str) -> str:
    """Sends a whole mail to one address; gives the Message-ID under which it was sent.

    `tag` comes back in SES's event notifications as the tag `mail`; it takes letters, digits, `_`
    and `-` only.

    Raises:
        MailRejected, SendingTooFast, SendingStopped: The mail was certainly not sent, for this
            reason.
        MailRefused: It was certainly not sent, for another one.
        Unavailable: Whether it was sent is not known (docs/aws.md m8).
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
            # Throttling is a refusal, too: the mail was certainly not sent.
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
    # What the desk names or is allowed is wrong: no mail of it would fare better.
    "AccessDenied": "setup",
    "AccessDeniedException": "setup",
    "NotFoundException": "setup",
}

_TOO_FAST = {"TooManyRequestsException", "ThrottlingException", "Throttling"}

_UNVERIFIED = re.compile(r"identities failed the check in region [^:]*:(.*)", re.DOTALL)


def refusal(code: str, said: str, sender: str) -> MailRefused:
    """What an error of SendEmail means; `said` are SES's words, `sender` is From's address."""
    words = said.lower()
    if code in _STOPPED:
        return SendingStopped(_STOPPED[code])
    if code in _TOO_FAST:
        return SendingStopped("quota") if "quota" in words else SendingTooFast(code)
    return _about_mail(code, said, sender) if code in _NEVER else MailRefused(code)


def _about_mail(code: str, said: str, sender: str) -> MailRefused:
    """What it means that SES does not take this mail: in its sandbox it names the identities that
    are not verified, and where the account may not send it may say so in these words, too.
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
    """Removes an address from the account's suppression list, where it is there."""
    with aws.translated():
        try:
            aws.sesv2().delete_suppressed_destination(EmailAddress=address)
        except aws.sesv2().exceptions.NotFoundException:
            return


def message_id(ses_id: str) -> str:
    """The Message-ID that SES writes into a mail, from the id that its API gives."""
    region = aws.sesv2().meta.region_name
    host = "email" if region == "us-east-1" else region
    return f"{ses_id}@{host}.amazonses.com"
