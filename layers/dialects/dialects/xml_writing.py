"""Text to XML markup. The result is ASCII: other letters become numeric references, so that no
encoding declaration is needed.
"""

import re

# All that is not plain ASCII; patterns with ranges up to the last letter take 10 ms to compile.
_SPECIAL = re.compile("[^\t\n\x20!#-%'-;=?-~]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def text(value: str) -> str:
    """A text as the content of an element."""
    return _SPECIAL.sub(_escaped, value).replace("&quot;", '"')


def attribute(value: str) -> str:
    """A text as the value of an attribute in double quotation marks."""
    return _SPECIAL.sub(_escaped, value).replace("\t", "&#9;").replace("\n", "&#10;")


def _escaped(found: re.Match[str]) -> str:
    """A character escaped for markup; empty for those that XML 1.0 does not allow."""
    letter = found[0]
    if letter in _ENTITIES:
        return _ENTITIES[letter]
    possible = letter == "\r" or (
        letter >= " " and not "\ud800" <= letter <= "\udfff" and letter not in "\ufffe\uffff"
    )
    return f"&#x{ord(letter):X};" if possible else ""
