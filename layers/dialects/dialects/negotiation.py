"""Accept headers (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Callable


def ranks(accept: str) -> Callable[[str], float]:
    """How a request ranks media types, from its Accept header.

    Returns a function from a media type to its quality, from 0 to 1; the most exact range of the
    header counts, and what no range covers has 0.
    """
    given: dict[str, float] = {}
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        known = re.fullmatch(r"[01](?:\.\d{0,3})?", quality, re.ASCII)
        given[kind] = float(quality) if known else 0.0

    def rank(kind: str) -> float:
        wider = (kind, kind.partition("/")[0] + "/*", "*/*")
        return next((given[name] for name in wider if name in given), 0.0)

    return rank
