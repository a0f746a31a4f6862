"""Values of XML requests of the osTicket family (docs/osticket.md 1.5, rows 3, A, C and
M).

A document becomes the values that a JSON body would have given: attributes and elements below the
root are the same thing. Not kept from the original: blanks lost around `&amp;`, truncated documents
taken for whole ones, and the extension of a phone number that is dropped.
"""

from dialects import xml_reading
from dialects.osticket.values import Values
from dialects.osticket.words import Unreadable
from dialects.xml_reading import Document, Element


def read(body: bytes) -> Document:
    """The document that a body is.

    Raises:
        Unreadable: `XML error: ...`, if it is not XML, or exceeds the limits of a ticket.
    """
    try:
        return xml_reading.read(body)
    except xml_reading.NotXml as bad:
        raise Unreadable(f"XML error: {bad}") from bad


def fields(body: bytes) -> Values:
    """The values below the root, whatever its name; attachments as in JSON.

    Raises:
        Unreadable: The body is no XML.
    """
    document = read(body)
    values = merged(document.root)
    if "attachments" in values:
        values["attachments"] = [
            {"name": None, "data": file.text, **merged(file)} for file in attached(document)
        ]
    return values


def merged(element: Element) -> Values:
    """Attributes and children by name; a name given twice is a list."""
    values: Values = {}
    for child in element.children:
        value = child.text if not child.children else {one.name: one.text for one in child.children}
        if child.name in element.attributes:
            raise Unreadable("XML error: An attribute and an element have the same name")
        if child.name not in values:
            values[child.name] = value
        elif isinstance(before := values[child.name], list):
            before.append(value)
        else:
            values[child.name] = [before, value]
    return {**element.attributes, **values}


def attached(document: Document) -> list[Element]:
    """The elements of files: all below `attachments`, or a single text there."""
    found: list[Element] = []
    for attachments in document.below("attachments"):
        alone = [attachments] if attachments.text and not attachments.children else []
        found += attachments.children or alone
    return found
