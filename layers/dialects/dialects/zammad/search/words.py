"""Splits queries and names into words to compare them (docs/zammad.md 7.7)."""

from helpdesk import text
from helpdesk.index import postings


def tokens(value: str) -> list[str]:
    """The words of a value, split as by the index; wildcards are kept."""
    apart = "".join(char if char in "*?" or char.isalnum() else " " for char in text.fold(value))
    return [word[: postings.LONGEST_WORD] for word in apart.split()]


def named(value: str, name: str) -> bool:
    """Whether all words of a value occur in a name."""
    words, wanted = postings.split(name), tokens(value)
    return bool(wanted) and all(
        any(postings.matches(one, word) for word in words) for one in wanted
    )
