"""The texts with which postings are queried for a pattern."""

from collections.abc import Iterable

from helpdesk.index import postings


def longest_piece(patterns: Iterable[str]) -> str:
    """The longest text without wildcards in these patterns, cut to the length of a posting; empty
    if there is none.
    """
    pieces = (piece.strip() for one in patterns for piece in one.replace("?", "*").split("*"))
    return max(pieces, key=len, default="")[: postings.LONGEST_SUFFIX]
