"""Text that was wrapped with soft line breaks (RFC 3676)."""

from collections.abc import Mapping

_SIGNATURE = "-- "


def has_soft_breaks(parameters: Mapping[str, str]) -> bool:
    """Whether a text has soft line breaks inside words, which must be removed.

    Only with `DelSp=yes` (RFC 3676, 4.1): otherwise long links and texts without blanks, such as
    Japanese, would be broken. Other flowed text is readable as it is.
    """
    return (
        parameters.get("format", "").strip().lower() == "flowed"
        and parameters.get("delsp", "").strip().lower() == "yes"
    )


def join(text: str) -> str:
    """The text with its soft line breaks, and the blank before each, removed (RFC 3676, 4.1).

    Lines of different quote depths are never joined, nor is a line that ends a signature's mark.
    """
    joined: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        soft = content.endswith(" ") and content != _SIGNATURE
        if depth == open_depth and content != _SIGNATURE:
            joined.append(content)
        else:
            marks = ">" * depth + " " if depth else ""
            joined.append(("\n" if joined else "") + marks + content)
        if soft:
            joined[-1] = joined[-1][:-1]
        open_depth = depth if soft else -1
    return "".join(joined)
