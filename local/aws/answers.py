"""Responses of AWS, in the protocol of each service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Answer:
    """A response of AWS."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def spelled(status: int, media_type: str, text: str) -> Answer:
    """A response of this type."""
    body = text.encode()
    headers = [("Content-Type", media_type), ("Content-Length", str(len(body)))]
    return Answer(status, headers, body)


def said(answer: object) -> Answer:
    """A JSON response."""
    return spelled(200, "application/json", json.dumps(answer))


def failure(service: str, status: int, code: str, words: str = "injected") -> Answer:
    """An error in the service's protocol (XML for S3 and SNS, JSON for the others)."""
    if service in {"s3", "sns"}:
        error = f"<Error><Code>{code}</Code><Message>{escape(words)}</Message></Error>"
        if service == "s3":
            return spelled(status, "application/xml", error)
        return spelled(status, "text/xml", f"<ErrorResponse>{error}</ErrorResponse>")
    text = json.dumps({"__type": code, "message": words})
    answer = spelled(status, "application/json", text)
    answer.headers.append(("x-amzn-ErrorType", code))
    return answer


def denied(service: str) -> Answer:
    """The error for a caller without the permission."""
    plain = service in {"s3", "sns"}
    status = 400 if service in {"dynamodb", "sqs", "secrets-manager"} else 403
    return failure(service, status, "AccessDenied" if plain else "AccessDeniedException")


def conflict(items: int) -> Answer:
    """The error for a transaction of so many items that conflicts with another one."""
    reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
    reasons += [{"Code": "None"}] * (items - 1)
    names = ", ".join(reason["Code"] for reason in reasons)
    text = json.dumps(
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "CancellationReasons": reasons,
            "Message": "Transaction cancelled, please refer cancellation reasons for specific "
            f"reasons [{names}]",
        }
    )
    return spelled(400, "application/x-amz-json-1.0", text)
