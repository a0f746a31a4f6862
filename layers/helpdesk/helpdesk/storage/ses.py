"""SES: sends finished mails."""

from botocore.exceptions import ClientError

from helpdesk.errors import DeskError
from helpdesk.storage import aws


class MailRefused(DeskError):
    """SES has certainly not accepted the mail; `code` is AWS's error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def send(mail: bytes, *, sender: str, recipient: str, configuration_set: str, tag: str) -> str:
    """Sends a whole mail to one address; gives the Message-ID under which it was sent.

    `tag` comes back in SES's event notifications as the tag `mail`; it takes letters, digits, `_`
    and `-` only.

    Raises:
        MailRefused: The mail was certainly not sent.
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
                raise MailRefused(aws.error_code(error)) from error
            raise
    return message_id(answer["MessageId"])


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
