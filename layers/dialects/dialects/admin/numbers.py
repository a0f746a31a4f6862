"""Daily numbers: their query strings, and their JSON (docs/admin.md, Numbers)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from dialects import parameters
from dialects.answers import as_json
from dialects.endpoint import Request, Response
from helpdesk.catalogue.rows import Catalogue
from helpdesk.clock import now
from helpdesk.errors import Invalid, Problem
from helpdesk.model.queries import Day, Tally

PARAMETERS = frozenset({"from", "to", "by"})

BY = ("department", "agent")

USUAL_DAYS, MOST_DAYS = 60, 366


class Asked(NamedTuple):
    """The first and the last requested day, and the grouping."""

    first: date
    last: date
    by: str


def asked(request: Request) -> Asked:
    """The query string's request: by default USUAL_DAYS, up to today.

    Raises:
        Invalid: `parameter`, or an invalid value.
    """
    query = request.query
    parameters.check_names(query, PARAMETERS)
    last = _day(query, "to") or now().date()
    usual = timedelta(USUAL_DAYS - 1)
    first = _day(query, "from") or max(date.min + usual, last) - usual
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        said = f"must not be after to, nor {MOST_DAYS} days or more before it"
        raise Invalid(Problem("from", "span", detail=said))
    by = query.get("by") or BY[0]
    if by not in BY:
        raise Invalid(Problem("by", "choice", detail=f"must be one of {', '.join(BY)}"))
    return Asked(first, last, by)


def _day(query: Mapping[str, str], name: str) -> date | None:
    written = query.get(name, "")
    if not written:
        return None
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", written, re.ASCII):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise Invalid(Problem(name, "choice", detail="must be a day such as 2027-01-31"))


def show(days: Iterable[Day], by: str, known: Catalogue) -> Response:
    """Each day in total and by department or agent, with their names."""
    shown = [_shown(day, by) for day in days]
    rows: Mapping[int, Any] = known.departments if by == "department" else known.agents
    ids = sorted({int(number) for day in shown for number in day["by"]})
    names = {str(number): getattr(rows.get(number), "name", None) for number in ids}
    return as_json({"days": shown, "names": names})


def _shown(day: Day, by: str) -> dict[str, Any]:
    apart: defaultdict[int, Tally] = defaultdict(Tally)
    for (department, agent), tally in day.pairs.items():
        apart[department if by == "department" else agent] += tally
    whole = sum(apart.values(), Tally())
    parts = {str(number): _counts(apart[number]) for number in sorted(apart)}
    return {"day": day.day.isoformat(), **_counts(whole), "by": parts}


def _counts(tally: Tally) -> dict[str, int]:
    return {
        "open": tally.open,
        "overdue": tally.overdue,
        "closed": tally.flow.closed,
        "opened": tally.flow.opened,
    }
