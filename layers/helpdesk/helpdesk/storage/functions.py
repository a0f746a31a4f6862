"""Lambda: calls functions that nobody waits for."""

import json
from collections.abc import Mapping

from helpdesk.storage import aws


def call(name: str, event: Mapping[str, object]) -> None:
    """Lets a function have an event some time; it is tried three times."""
    with aws.translated():
        aws.functions().invoke(
            FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode()
        )
