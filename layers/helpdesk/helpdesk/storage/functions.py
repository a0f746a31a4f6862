"""Lambda: asynchronous invocations."""

import json
from collections.abc import Mapping

from helpdesk.storage import aws


def call(name: str, event: Mapping[str, object]) -> None:
    """Invokes a function asynchronously; Lambda tries it three times."""
    with aws.translated():
        aws.functions().invoke(
            FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode()
        )
