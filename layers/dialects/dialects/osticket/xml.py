"""XML as the plugin writes it (docs/osticket.md 3.0 and row 38)."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# All that is not plain ASCII; patterns with ranges up to the last letter take 10 ms to compile.
_SPECIAL = re.compile("[^\t\n\x20!#-%'-;=?-~]")
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
    return _SPECIAL.sub(_spelled, value).replace("&quot;", '"')


def _attribute(value: str) -> str:
    return _SPECIAL.sub(_spelled, value).replace("\t", "&#9;").replace("\n", "&#10;")


def _spelled(found: re.Match[str]) -> str:
    """A character as markup takes it; nothing for those that XML 1.0 cannot hold at all.

    What is beyond ASCII becomes a number, since the declaration names no encoding.
    """
    letter = found[0]
    if letter in _ENTITIES:
        return _ENTITIES[letter]
    possible = letter == "\r" or (
        letter >= " " and not "\ud800" <= letter <= "\udfff" and letter not in "\ufffe\uffff"
    )
    return f"&#x{ord(letter):X};" if possible else ""
