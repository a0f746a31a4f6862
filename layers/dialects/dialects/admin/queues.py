"""Queues and dead letters in the admin API's JSON."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from dialects.admin import times
from dialects.answers import as_json
from dialects.endpoint import Response
from helpdesk.monitoring.moves import Move
from helpdesk.monitoring.queues import DeadLetter, Queue


def queues(found: Iterable[Queue]) -> Response:
    """Every queue."""
    return as_json({"items": [_queue(queue) for queue in found], "next": None})


def _queue(queue: Queue) -> dict[str, Any]:
    return asdict(queue) | {"oldest_dead": times.shown(queue.oldest_dead)}


def dead_letters(found: Iterable[DeadLetter]) -> Response:
    """A sample of a queue's dead letters."""
    items = [
        {
            "id": letter.id,
            "at": times.shown(letter.at),
            "tries": letter.tries,
            "event": {
                "kind": letter.kind,
                "ticket": letter.ticket,
                "number": letter.number or None,
            },
            "reason": letter.reason,
            "came_back": letter.came_back,
        }
        for letter in found
    ]
    return as_json({"items": items, "next": None, "sampled": True})


def begun(move: Move) -> Response:
    """A move that has begun."""
    return as_json({"move": asdict(move)}, 202)


def stopped(move: Move) -> Response:
    """A stopped move."""
    return as_json({"move": asdict(move)})


def put_aside(message: str) -> Response:
    """A deleted dead letter."""
    return as_json({"id": message, "deleted": True})
