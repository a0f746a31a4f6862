"""People and organizations by words of their names, for searches."""

from collections.abc import Sequence
from typing import Literal

from helpdesk import organizations
from helpdesk.errors import TooWide
from helpdesk.index import postings
from helpdesk.queries import limits
from helpdesk.storage import listings


def organizations_like(words: Sequence[str]) -> list[int]:
    """The organizations of which each word is in the name; words are folded and may have wildcards
    (`postings.matches`). Two round trips where there may be any.

    Raises:
        TooWide: Too many names hold the longest of the words.
    """
    found = named("organization", words)
    rows = organizations.find_organizations(found).values()
    return [row.id for row in rows if all(_holds(row.name, word) for word in words)]


def _holds(name: str, word: str) -> bool:
    return any(postings.matches(word, one) for one in postings.split(name))


def named(whose: Literal["person", "organization"], words: Sequence[str]) -> list[int]:
    """Those whose name or address holds the longest of these words, and maybe the others, too; none
    where no word has a letter. One round trip.

    Raises:
        TooWide: They are more than may be read.
    """
    pieces = [piece for word in words for piece in word.replace("?", "*").split("*") if piece]
    if not pieces:
        return []
    longest = max(pieces, key=len)[: postings.LONGEST_SUFFIX]
    found = listings.named_with_text(whose, longest, limits.MOST_CANDIDATES)
    if found is None:
        raise TooWide
    return found
