"""The gate of every API: turns the key of a request into a verdict for API Gateway.

One function for all families. Where a family's clients carry their key is said by the stage
variable `KeySources` of its API, a list of places that are looked at in turn:

    header:X-API-Key       a header that holds nothing else
    query:key              a parameter of the query string
    authorization:token    Authorization: Token token="..." (or bare)
    authorization:bearer   Authorization: Bearer ...
    authorization:basic    Authorization: Basic ..., the key as the password

A verdict holds for the whole stage, because API Gateway keeps it for a minute per key and source
address and would give the next route the first one's [m11].
"""

import base64
import binascii
import logging
from collections.abc import Iterator, Mapping
from typing import Any

from helpdesk import gate

Event = Mapping[str, Any]

ANY_HEADER = "header:X-API-Key"
"""Where the key is looked for in an API that does not say."""

log = logging.getLogger("gate")
log.setLevel(logging.INFO)


def handler(event: Event, _context: object) -> dict[str, Any]:
    """Allow with the key's permissions and bounds, or Deny with the reason.

    What AWS cannot answer is raised: API Gateway then answers in the family's words for a fault,
    instead of refusing a good key and keeping that verdict.
    """
    sources = (event.get("stageVariables") or {}).get("KeySources") or ANY_HEADER
    secret = next(filter(None, secrets(event, sources.split(","))), "")
    stage = "/".join(event["methodArn"].split("/")[:2]) + "/*"
    if not secret:
        return _verdict("Deny", stage, "nobody", {"reason": "missing"})
    try:
        admitted = gate.admit(secret, event["requestContext"]["identity"].get("sourceIp") or "")
    except gate.Refused as refused:
        log.info("refused", extra={"reason": refused.reason, "key": refused.key})
        return _verdict("Deny", stage, "nobody", {"reason": refused.reason})
    context = {
        "key_id": str(admitted.key),
        "permissions": ",".join(admitted.permissions),
        "departments": ",".join(map(str, admitted.departments)),
        "agent": _text(admitted.agent),
        "customer": _text(admitted.customer),
        "expires": admitted.expires,
    }
    verdict = _verdict("Allow", stage, f"key-{admitted.key}", context)
    return verdict | ({"usageIdentifierKey": admitted.usage} if admitted.usage else {})


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _verdict(effect: str, stage: str, principal: str, context: Mapping[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": stage}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }


def secrets(event: Event, sources: list[str]) -> Iterator[str]:
    """What stands in each of these places, in turn; nothing readable is an empty text."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    query = event.get("queryStringParameters") or {}
    scheme, _, credentials = headers.get("authorization", "").strip().partition(" ")
    for source in sources:
        place, _, name = source.partition(":")
        if place == "header":
            yield headers.get(name.lower(), "").strip()
        elif place == "query":
            yield query.get(name) or ""
        elif scheme.lower() == name == "basic":
            yield _password(credentials.strip())
        elif scheme.lower() == name:
            yield credentials.strip().removeprefix("token=").strip('"')


def _password(credentials: str) -> str:
    try:
        pair = base64.b64decode(credentials, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
    return pair.partition(":")[2]
