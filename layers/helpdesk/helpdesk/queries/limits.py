"""How much one page of a list may read."""

MOST_BUCKETS = 64
"""Buckets whose indexes are merged; the queries of all of them run at the same time."""

PROBE = 500
"""Entries that the first round trip reads of each candidate list, whose length is unknown then."""

MOST_CANDIDATES = 5_000
"""Entries of one candidate list that are read, and tickets that are fetched, for one page."""

SAMPLE = 100
"""Tickets that are tried first for a frequent text: one BatchGetItem."""

DEEPEST_JUMP = 10_000
"""Entries that are passed over at most, for a page without a page cursor or block counts."""

SPARE = 3
"""Entries that are fetched beyond the page's limit: some tickets may have moved or gone since."""

MOST_LOOKED_AT = 500
"""Tickets that are fetched for one page of changes; another call goes on."""
