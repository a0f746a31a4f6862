"""Answers with the JSON in its body, whatever that is; `raise` raises."""

import base64
import json
from typing import Any


def handler(event: dict[str, Any], context: object) -> object:
    body = event["body"] or ""
    if event["isBase64Encoded"]:
        body = base64.b64decode(body).decode()
    if body == "raise":
        raise RuntimeError(body)
    if body.startswith("repeat "):
        return {"statusCode": 200, "body": "x" * int(body.split()[1])}
    return json.loads(body)
