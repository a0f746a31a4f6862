"""SES: a finished mail on its way."""

from botocore.exceptions import ClientError

from helpdesk.errors import DeskError
from helpdesk.storage import aws


class MailRefused(DeskError):
    """SES has definitely not taken the mail; `code` is its word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def send(mail: bytes, *, sender: str, recipient: str, configuration_set: str, tag: str) -> str:
    """Sends a whole mail to one address; gives the Message-ID under which it went out.

    `tag` comes back with what SES tells about the mail, as `mail`; it takes letters, digits, `_`
    and `-` only. Errors: MailRefused where the mail surely did not go out; Unavailable where that
    is not known (docs/aws.md m8).
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
            # A throttle is a refusal, too: it is certain that nothing went out.
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
                raise MailRefused(aws.error_code(error)) from error
            raise
    return message_id(answer["MessageId"])


def forgive(address: str) -> None:
    """Takes an address off the account's list of those that SES writes to no more, if it is there.

    Errors: Throttled, Unavailable.
    """
    with aws.translated():
        try:
            aws.sesv2().delete_suppressed_destination(EmailAddress=address)
        except aws.sesv2().exceptions.NotFoundException:
            return


def message_id(given: str) -> str:
    """The Message-ID that SES writes into a mail, from the id that it tells."""
    region = aws.sesv2().meta.region_name
    host = "email" if region == "us-east-1" else region
    return f"{given}@{host}.amazonses.com"
