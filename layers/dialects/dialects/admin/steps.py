"""The set-up steps, and matters for attention, in the admin API's JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dialects.admin import times
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk.clock import now
from helpdesk.monitoring.attention import Matter
from helpdesk.monitoring.setup import Step


def steps(found: Iterable[Step]) -> Response:
    """Every step, as it was found just now."""
    return as_json({"items": [_step(step) for step in found], "next": None})


def step(found: Step) -> Response:
    """One step."""
    return as_json(_step(found))


def _step(found: Step) -> dict[str, Any]:
    return asdict(found) | {"checked": times.shown(now())}


def attention(found: Iterable[Matter]) -> Response:
    """The matters for attention."""
    items = [{"what": one.what, "count": one.count, "place": one.place} for one in found]
    return as_json({"items": items, "next": None})
