"""Asynchronous invocations: what topics, schedules and functions send to functions.

Rules: Lambda developer guide, "Asynchronous invocation": two more attempts after a failure, then
the event goes to the function's dead-letter queue.
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
    """Events on their way to functions.

    Args:
        template: knows the functions' dead-letter queues.
        resources: knows where those are.
        functions: runs the functions.
        clients: lead to the dead-letter queues.
    """

    template: Template
    resources: Resources
    functions: Functions
    clients: Clients
    function: str = ""
    _waiting: deque[tuple[str, Event]] = field(default_factory=deque)

    def send(self, function: str, event: Event) -> None:
        """Let a function have an event some time."""
        self._waiting.append((function, event))

    def waiting(self) -> list[tuple[str, Event]]:
        """What is on its way, the next one first."""
        return list(self._waiting)

    def clear(self) -> None:
        """Forget what is on its way."""
        self._waiting.clear()

    def concerns(self, call: Call) -> bool:
        """Mail events are what calls set off, and so are calls that nobody waits for."""
        return call.operation in {"SendEmail", "Invoke"}

    def work(self) -> Worked:
        """Deliver all that is waiting."""
        worked = False
        while self._waiting:
            self._deliver(*self._waiting.popleft())
            worked = True
        return Worked(worked, more=False)

    def retry(self) -> None:
        """Attempts follow each other at once: nothing waits here."""

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
