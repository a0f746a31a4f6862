"""Schedules: `rate(5 minutes)` and `cron(17 3 * * ? *)`, parsed like EventBridge, in UTC.

Rules: EventBridge user guide, "Setting a schedule pattern".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event as Signal
from threading import Thread
from typing import Any
from uuid import uuid4

from local.cloudformation.intrinsics import ACCOUNT, REGION, TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.functions import Event

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")


@dataclass(frozen=True)
class Schedule:
    """A function that is called on a schedule."""

    function: str
    expression: str
    rule: str
    input: Event | None

    def next_after(self, moment: datetime) -> datetime:
        """The next due time.

        Raises:
            TemplateError: an unsupported expression.
        """
        kind, _, rest = self.expression.partition("(")
        if kind == "rate":
            value, unit = rest.rstrip(")").split()
            return moment + timedelta(**{f"{unit.rstrip('s')}s": int(value)})
        if kind == "cron":
            return _next_match(rest.rstrip(")"), moment)
        raise TemplateError(f"the local cloud knows no schedule {self.expression}")

    def event(self, moment: datetime) -> Event:
        """The event for the function."""
        if self.input is not None:
            return self.input
        return {
            "version": "0",
            "id": str(uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "region": REGION,
            "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{self.rule}"],
            "detail": {},
        }


def read_schedules(template: Template, resources: Resources) -> list[Schedule]:
    """The schedules in a template, of EventBridge rules and of EventBridge Scheduler."""
    found = []
    for resource in template.of_type("AWS::Events::Rule", "AWS::Scheduler::Schedule"):
        properties = resources.properties(resource)
        expression = properties.get("ScheduleExpression")
        if not expression or properties.get("State", "ENABLED") != "ENABLED":
            continue
        targets = properties.get("Targets") or [properties["Target"]]
        for target in targets:
            given = json.loads(target["Input"]) if "Input" in target else None
            function = target["Arn"].rsplit(":", 1)[-1]
            found.append(Schedule(function, expression, resource.name, given))
    return found


class Scheduler:
    """Calls the scheduled functions at their times, from a thread.

    Args:
        schedules: the schedules.
        send: invokes a function asynchronously.
    """

    def __init__(self, schedules: list[Schedule], send: Callable[[str, Event], None]) -> None:
        self._schedules = schedules
        self._send = send
        self._stop = Signal()
        self._thread = Thread(target=self._run, name="schedules", daemon=True)

    def start(self) -> None:
        """Start the schedules."""
        if self._schedules:
            self._thread.start()

    def stop(self) -> None:
        """Stop the schedules."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        start = datetime.now(UTC)
        due = {number: item.next_after(start) for number, item in enumerate(self._schedules)}
        while True:
            number, moment = min(due.items(), key=lambda item: item[1])
            wait = (moment - datetime.now(UTC)).total_seconds()
            if self._stop.wait(max(0.0, wait)):
                return
            schedule = self._schedules[number]
            self._send(schedule.function, schedule.event(moment))
            due[number] = schedule.next_after(moment)


def _next_match(fields: str, moment: datetime) -> datetime:
    parts = fields.split()
    if len(parts) != 6 or "?" not in (parts[2], parts[4]):
        raise TemplateError(f"no cron expression of EventBridge: {fields}")
    minutes = _values(parts[0], 0, 59)
    hours = _values(parts[1], 0, 23)
    days = _values(parts[2], 1, 31)
    months = _values(parts[3], 1, 12, _MONTHS)
    # Both names and numbers start with Sunday, which is 1.
    weekdays = _values(parts[4], 1, 7, _DAYS)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(366 * 5):
        if day.month in months and day.day in days and day.isoweekday() % 7 + 1 in weekdays:
            for hour in sorted(hours):
                for minute in sorted(minutes):
                    candidate = day.replace(hour=hour, minute=minute)
                    if candidate > moment:
                        return candidate
        day += timedelta(days=1)
    raise TemplateError(f"never due: {fields}")


def _values(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    values: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if span in {"*", "?"}:
            start, end = low, high
        else:
            start = _number(first, low, names)
            end = _number(last, low, names) if last else (high if step else start)
        values |= set(range(start, end + 1, int(step or 1)))
    return values


def _number(text: str, low: int, names: tuple[str, ...]) -> int:
    known: dict[str, Any] = {name: low + position for position, name in enumerate(names)}
    return int(known.get(text.upper(), text))
