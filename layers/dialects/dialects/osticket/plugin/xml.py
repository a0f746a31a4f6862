"""XML as the plugin writes it (docs/osticket.md 3.0 and row 38)."""

import re

from dialects import xml_writing

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def document(value: object) -> str:
    """A document with the root `response`, of maps, lists, texts, numbers, booleans and None."""
    return f'<?xml version="1.0"?>\n{_element("response", value)}\n'


def _element(name: str, value: object) -> str:
    inside = _content(value)
    tag = name if _NAME.fullmatch(name) else "item"
    # Departments are called "Level 1 Support", and no element can be.
    said = "" if tag == name else f' name="{xml_writing.attribute(name)}"'
    return f"<{tag}{said}>{inside}</{tag}>" if inside else f"<{tag}{said}/>"


def _content(value: object) -> str:
    if isinstance(value, dict):
        return "".join(_element(str(key), item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(_element("item", item) for item in value)
    if value is None or value is False:
        return ""
    return xml_writing.text("1" if value is True else str(value))
