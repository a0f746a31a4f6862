"""The requester in creates of the osTicket family (docs/osticket.md 1.3 and row 43)."""

from dialects.osticket.values import Values, text_of
from helpdesk import text
from helpdesk.errors import Invalid, Problem
from helpdesk.mail_syntax import mailbox
from helpdesk.model.people import NewPerson


def requester(values: Values) -> NewPerson:
    """The requester that a body describes. A separate `name` takes precedence over one beside the
    address.

    Raises:
        Invalid: `incomplete`, for an address that is a list or an object; `type`, for other values
            that are.
    """
    if isinstance(values.get("email"), dict | list):
        raise Invalid(Problem("user", "incomplete"))
    beside, address = mailbox.read(text_of(values, "email"))
    return NewPerson(
        email=address,
        name=text.one_line(text_of(values, "name")) or text.one_line(beside),
        phone=text_of(values, "phone"),
        notes=text_of(values, "notes"),
    )
