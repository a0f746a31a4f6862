"""How much one page of a list may read."""

MOST_BUCKETS = 64
"""Buckets whose indexes are merged; all are queried in parallel."""

PROBE = 500
"""Entries that the first round trip reads of each candidate list, whose length is not yet known."""

MOST_CANDIDATES = 5_000
"""Entries of one candidate list that are read at most, and tickets that are fetched, for one
page.
"""

MOST_FORMS = 25
"""Different words that one with a wildcard may stand for, if they are in more than MOST_CANDIDATES
tickets.
"""

MOST_CHECKED = 500
"""Pairs of a ticket and a word that one search checks at most, for words that are in more than
MOST_CANDIDATES.
"""

SAMPLE = 100
"""Tickets that are matched first for a frequent text: one BatchGetItem."""

DEEPEST_JUMP = 10_000
"""Entries that are skipped at most, for a page without a page cursor or block counts."""

SPARE = 3
"""Entries that are fetched beyond the page's limit, since some tickets may have moved or been
deleted.
"""

MOST_LOOKED_AT = 500
"""Tickets that are fetched at most for one page of changes; the next call continues."""
