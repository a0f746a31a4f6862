"""The message of a request and its format (docs/osticket.md 1.4 and 3.1)."""

from dialects import data_url
from dialects.osticket.values import FORMATS, Values, scalar, text_of
from dialects.osticket.words import Unreadable
from helpdesk.errors import Invalid, Problem
from helpdesk.model.entries import Body, Format


def chosen_format(values: Values) -> Format | None:
    """The format that a body names (docs/osticket.md 3.1); None if it names none.

    Raises:
        Unreadable: The name is empty or unknown.
    """
    if values.get("format") is None:
        return None
    name = values["format"]
    asked = scalar(name).strip().lower() if not isinstance(name, dict | list) else "?"
    if not asked:
        raise Unreadable("Format cannot be empty", quotes=True)
    if asked not in FORMATS:
        raise Unreadable("Invalid format. Allowed: markdown, html, text", quotes=True)
    return FORMATS[asked]


def message(values: Values, chosen: Format | None) -> Body:
    """The text of `message`, plain or in a data URL; an empty one is stored as `-`, a missing one
    is left for the desk to refuse.

    Raises:
        Invalid: It is not text, or not valid base64 although declared so.
    """
    if values.get("message") is None:
        return Body("", chosen or "text")
    sent = text_of(values, "message")
    try:
        url = data_url.parse(sent)
    except data_url.BadData as bad:
        raise Invalid(Problem("message", "base64")) from bad
    if not url:
        return Body(sent or "-", chosen or "text")
    declared: Format = "html" if url.type == "text/html" else "text"
    return Body(url.text() or "-", chosen or declared)
