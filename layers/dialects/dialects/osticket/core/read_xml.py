"""From XML requests for tickets to the desk's operations (docs/osticket.md 1.5, rows 3
and A).
"""

from functools import partial

from dialects import data_url
from dialects.charsets import codec, to_text
from dialects.endpoint import Request
from dialects.osticket import files
from dialects.osticket.core.read import ticket_of
from dialects.osticket.values import Values, text_of
from dialects.osticket.xml_values import attached, merged, read
from dialects.xml_reading import Document, Element
from helpdesk.errors import Invalid, Problem
from helpdesk.model.entries import Body, Format
from helpdesk.model.files import NewFile
from helpdesk.model.tickets import NewTicket


def new_ticket(request: Request) -> NewTicket:
    """The ticket requested in XML.

    Raises:
        Unreadable: `XML error: ...`, if it is not XML, or exceeds the limits of a ticket.
        Invalid: As for JSON.
    """
    document = read(request.body)
    message, files_of = partial(_message, document), partial(_files, document)
    return ticket_of(_values(document), request, message, files_of)


_TEXTS = ("email", "name", "subject", "message", "notes")


def _values(document: Document) -> Values:
    """The values below the root; another root than `ticket` is treated as one unknown key."""
    root = document.root
    if root.name != "ticket":
        return {root.name: ""}
    values = merged(root)
    for key in _TEXTS:
        if isinstance(values.get(key), dict):
            # Unescaped markup: take all the text in it.
            values[key] = document.below(key)[-1].whole_text
    for phone in document.below("phone"):
        if extension := phone.attributes.get("ext", "").strip():
            values["phone"] = f"{phone.text}X{extension}"
    return values


def _message(document: Document, values: Values, chosen: Format | None) -> Body:
    """The message by its own `type` and `encoding`; an empty one is stored as `-`."""
    if values.get("message") is None:
        return Body("", chosen or "text")
    sent, said = text_of(values, "message"), dict[str, str]()
    for message in document.below("message"):
        said |= message.attributes
    kind = said.get("type", "").partition(";")[0].strip().lower()
    declared: Format = "html" if kind == "text/html" else "text"
    written = _transcoded(sent, said.get("encoding", "").strip().lower(), document.codec)
    return Body(written or "-", chosen or declared)


_ASCII = b"<Az 09/>"


def _transcoded(sent: str, encoding: str, written_in: str) -> str:
    """A message whose bytes are in an encoding of their own, or base64.

    In a Unicode document this is always right, and in others nothing is lost if the bytes turn out
    not to be in that encoding.
    """
    if encoding == "base64":
        try:
            return to_text(data_url.decode(sent.encode()), "utf-8")
        except data_url.BadData as bad:
            raise Invalid(Problem("message", "base64")) from bad
    own = codec(encoding) if encoding and not written_in.startswith("utf") else None
    if own is None:
        return sent
    try:
        # Bytes between tags of ASCII are in an encoding that has ASCII in it.
        if _ASCII.decode(own) != _ASCII.decode():
            return sent
        return sent.encode(written_in).decode(own)
    except (LookupError, ValueError):
        return sent


def _files(document: Document, _sent: object) -> tuple[NewFile, ...]:
    found = attached(document)[: files.MOST_FILES + 1]
    return tuple(_file(file, position) for position, file in enumerate(found, 1))


def _file(element: Element, position: int) -> NewFile:
    said = merged(element)
    content = said.get("data", element.text)
    if not content or not said.get("name"):
        raise Invalid(Problem("attachments", "file", detail=str(position)))
    return files.new_file(said["name"], content, said, position)
