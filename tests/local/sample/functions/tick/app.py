"""Notes the events of its schedules."""

from typing import Any

ticks: list[dict[str, Any]] = []


def handler(event: dict[str, Any], context: object) -> None:
    ticks.append(event)
