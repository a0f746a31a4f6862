"""Asynchronous invocations of functions by topics, schedules and functions.

Rules: Lambda developer guide, "Asynchronous invocation": two more attempts after a failure, then
the event is sent to the function's dead-letter queue.
"""

from __future__ import annotations

import json
import logging
from collections import deque
from dataclasses import dataclass, field

from local.aws.calls import Call
from local.aws.clients import Clients
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.events.background import Worked
from local.functions import Event, FunctionFailed, Functions

_LOG = logging.getLogger("local.deliveries")

ATTEMPTS = 3


@dataclass
class Deliveries:
    """Pending asynchronous invocations.

    Args:
        template: has the functions' dead-letter queues.
        resources: has their addresses.
        functions: runs the functions.
        clients: send to the dead-letter queues.
    """

    template: Template
    resources: Resources
    functions: Functions
    clients: Clients
    function: str = ""
    _waiting: deque[tuple[str, Event]] = field(default_factory=deque)

    def send(self, function: str, event: Event) -> None:
        """Invoke a function asynchronously."""
        self._waiting.append((function, event))

    def waiting(self) -> list[tuple[str, Event]]:
        """The pending invocations, the next one first."""
        return list(self._waiting)

    def clear(self) -> None:
        """Drop the pending invocations."""
        self._waiting.clear()

    def concerns(self, call: Call) -> bool:
        """Calls trigger mail events and asynchronous invocations."""
        return call.operation in {"SendEmail", "Invoke"}

    def work(self) -> Worked:
        """Run all pending invocations."""
        worked = False
        while self._waiting:
            self._deliver(*self._waiting.popleft())
            worked = True
        return Worked(worked, more=False)

    def retry(self) -> None:
        """Attempts follow each other at once, so nothing waits here."""

    def _deliver(self, function: str, event: Event) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self.functions.invoke(function, event)
            except FunctionFailed as error:
                _LOG.warning("%s, attempt %d", error, attempt, exc_info=error)
            else:
                return
        properties = self.template.resources[function].properties
        letters = self.resources.resolve(properties.get("DeadLetterConfig", {})).get("TargetArn")
        if letters:
            queue = letters.rsplit(":", 1)[-1]
            client = self.clients.sqs
            url = client.get_queue_url(QueueName=queue)["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=json.dumps(event))
