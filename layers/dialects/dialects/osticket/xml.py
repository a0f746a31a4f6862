"""XML as the plugin writes it (osTicket contract, measured 3.0 and row 38)."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# What XML 1.0 cannot hold in any spelling; what is beyond ASCII becomes a number, since the
# declaration names no encoding; and what would be markup, or lost as a line's end.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile('[&<>"\r\x7f-\U0010ffff]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def document(value: object) -> str:
    """A value of maps, lists, texts, numbers, booleans and None as a document."""
    return f'<?xml version="1.0"?>\n{_element("response", value)}\n'


def _element(name: str, value: object) -> str:
    inside = _content(value)
    tag = name if _NAME.fullmatch(name) else "item"
    # Departments are called "Level 1 Support", and no element can be.
    said = "" if tag == name else f' name="{_attribute(name)}"'
    return f"<{tag}{said}>{inside}</{tag}>" if inside else f"<{tag}{said}/>"


def _content(value: object) -> str:
    if isinstance(value, dict):
        return "".join(_element(str(key), item) for key, item in value.items())
    if isinstance(value, list):
        return "".join(_element("item", item) for item in value)
    if value is None or value is False:
        return ""
    return _text("1" if value is True else str(value))


def _text(value: str) -> str:
    return _SPECIAL.sub(_spelled, _IMPOSSIBLE.sub("", value)).replace("&quot;", '"')


def _attribute(value: str) -> str:
    spelled = _SPECIAL.sub(_spelled, _IMPOSSIBLE.sub("", value))
    return spelled.replace("\t", "&#9;").replace("\n", "&#10;")


def _spelled(found: re.Match[str]) -> str:
    return _ENTITIES.get(found[0]) or f"&#x{ord(found[0]):X};"
