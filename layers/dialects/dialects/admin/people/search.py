"""From the query string of a list of people to the desk's search (docs/admin.md, People)."""

from dialects import parameters
from dialects.admin import read
from dialects.endpoint import Request
from helpdesk.errors import Invalid, Problem
from helpdesk.index import postings
from helpdesk.queries import persons
from helpdesk.queries.persons import FoundPeople

PARAMETERS = frozenset({"q", "next", "limit"})

SHORTEST_TEXT, LONGEST_TEXT = 2, 200
"""Characters of `q`: fewer are in nearly every name."""


def find(request: Request) -> FoundPeople:
    """A page of the people that match the query, or of all.

    Raises:
        Invalid: `parameter`, or an invalid value.
        TooWide: Too many people match.
    """
    parameters.check_names(request.query, PARAMETERS)
    asked = request.query.get("q", "")
    if not asked.strip():
        return persons.list_newest(request.actor, *read.time_page(request))
    if len(asked) > LONGEST_TEXT:
        raise Invalid(Problem("q", "too_long"))
    if len(postings.searched(asked)) < SHORTEST_TEXT:
        raise Invalid(
            Problem("q", "too_short", detail=f"must have {SHORTEST_TEXT} characters at least")
        )
    return persons.search(request.actor, asked, *read.page(request))
