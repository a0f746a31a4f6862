"""The gate of every API: turns the key of a request into a verdict for API Gateway.

One function for all families. A verdict holds for the whole stage, because API Gateway keeps it for
a minute per key and source address and would give the next route the first one's (docs/aws.md m11).
"""

import logging
from collections.abc import Mapping
from typing import Any

from dialects import credentials
from helpdesk.keys import authorize

log = logging.getLogger("gate")
log.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Allow with the key's permissions and bounds, or Deny with the reason.

    What AWS cannot answer is raised: API Gateway then answers in the family's words for a fault,
    instead of refusing a good key and keeping that verdict.
    """
    stage = "/".join(event["methodArn"].split("/")[:2]) + "/*"
    secret = credentials.secret(event)
    if not secret:
        return _denied(event, stage, "missing")
    try:
        admitted = authorize.authenticate(
            secret, event["requestContext"]["identity"].get("sourceIp") or ""
        )
    except authorize.Refused as refused:
        log.info("refused", extra={"reason": refused.reason, "key": refused.key})
        return _denied(event, stage, refused.reason)
    context = {
        "key_id": str(admitted.key),
        "permissions": ",".join(admitted.permissions),
        "departments": ",".join(map(str, admitted.departments)),
        "agent": _text(admitted.agent),
        "customer": _text(admitted.customer),
        "organizations": ",".join(map(str, admitted.organizations)),
        "expires": admitted.expires,
    }
    verdict = _verdict("Allow", stage, f"key-{admitted.key}", context)
    return verdict | ({"usageIdentifierKey": admitted.usage} if admitted.usage else {})


def _denied(event: Mapping[str, Any], stage: str, reason: str) -> dict[str, Any]:
    """A denial, with words for the families whose words depend on the reason."""
    context = {"reason": reason}
    if scheme := credentials.scheme(event):
        # Only Zammad's keys stand in Authorization, and only a refused one costs this import.
        from dialects.zammad import denied  # noqa: PLC0415

        context["words"] = denied.words(scheme, reason)
    return _verdict("Deny", stage, "nobody", context)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _verdict(effect: str, stage: str, principal: str, context: Mapping[str, str]) -> dict[str, Any]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": stage}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": dict(context),
    }
