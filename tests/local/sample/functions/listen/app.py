"""Notes what the topic says; fails as often as `failures` says."""

import json
from typing import Any

heard: list[dict[str, Any]] = []
failures: list[int] = [0]


def handler(event: dict[str, Any], context: object) -> None:
    if failures[0]:
        failures[0] -= 1
        raise RuntimeError("not now")
    heard.extend(json.loads(record["Sns"]["Message"]) for record in event["Records"])
