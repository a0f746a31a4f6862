"""The query language of searches (docs/zammad.md 7.7 and 17.15): parses text into a tree.

Consecutive terms must all match.
"""

import re

from dialects.zammad.search.tree import All, Fielded, NotReadable, Query, Term

LONGEST = 8_000
"""Longest query in characters."""

_PLAIN = re.compile(r"(?:(?P<field>[\w.]+):)?(?P<word>\w[\w.,/@#*?-]*)")
_OPERATORS = {"AND", "OR", "NOT", "TO"}


def parse(text: str) -> Query:
    """The tree of a non-blank query.

    Raises:
        NotReadable: It does not follow the grammar, or is too long or nested too deeply.
    """
    if len(text) > LONGEST:
        raise NotReadable
    if plain := _plain(text):
        return plain
    # Most queries are just words and fields, and need not load the parser.
    from dialects.zammad.search import grammar  # noqa: PLC0415

    return grammar.parse(text)


def _plain(text: str) -> Query | None:
    """The tree of a query without operators, brackets and quotes; None for any other."""
    parts: list[Query] = []
    for piece in text.split():
        read = _PLAIN.fullmatch(piece)
        if read is None or read["word"] in _OPERATORS:
            return None
        term = Term(read["word"])
        parts.append(Fielded(read["field"], term) if read["field"] else term)
    if len(parts) > 1:
        return All(tuple(parts))
    return parts[0] if parts else None


def read(text: str) -> Query | None:
    """The tree of a client's search text; None if it matches everything. Without a field, the last
    word also matches as a prefix.

    Raises:
        NotReadable: It is not a valid query.
    """
    text = text.strip()
    if text in {"", "*"}:
        return None
    query = parse(text)
    return query if ":" in text else _open_ended(query)


def _open_ended(query: Query) -> Query:
    match query:
        case Term(phrase=False) if not query.text.endswith(("*", "?")):
            return Term(f"{query.text}*")
        case All():
            return All((*query.parts[:-1], _open_ended(query.parts[-1])))
    return query
