"""Notes the records it gets; those in `poison` fail, at once or for some attempts."""

from typing import Any

batches: list[list[str]] = []
poison: dict[str, int] = {}
"""Sort key of a record, and how often it fails."""
raises: list[str] = []
"""Sort keys of records that make the whole call fail."""


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    records = {
        record["dynamodb"]["Keys"]["sk"]["S"]: record["dynamodb"]["SequenceNumber"]
        for record in event["Records"]
    }
    batches.append(list(records))
    if any(key in raises for key in records):
        raise RuntimeError("poison")
    failures = []
    for key, number in records.items():
        if poison.get(key, 0) > 0:
            poison[key] -= 1
            failures.append({"itemIdentifier": number})
    return {"batchItemFailures": failures}
