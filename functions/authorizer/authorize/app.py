"""Authorizer of all APIs: checks the key of a request and returns a policy for API Gateway.

One function for all families. A policy covers the whole stage: API Gateway caches it for a minute
per key and source address, and would apply it to other routes as well (docs/aws.md m11).
"""

import logging
import os
from collections.abc import Mapping
from typing import Any

from dialects import credentials
from helpdesk.keys import authorize

log = logging.getLogger("gate")
log.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """Allow with the key's permissions and bounds, or Deny with the reason.

    Raises if AWS fails: API Gateway then returns the family's response for a fault, instead of
    refusing a valid key and caching that policy.
    """
    stage = "/".join(event["methodArn"].split("/")[:2]) + "/*"
    secret = credentials.secret(event)
    if not secret:
        return _denied(event, stage, "missing")
    signed_in = bool(os.environ.get("SIGN_IN_ISSUER")) and credentials.is_token(event, secret)
    address = event["requestContext"]["identity"].get("sourceIp") or ""
    try:
        admitted = (_signed_in if signed_in else authorize.authenticate)(secret, address)
    except authorize.Refused as refused:
        log.info("refused", extra={"reason": refused.reason, "key": refused.key})
        return _denied(event, stage, refused.reason, signed_in=signed_in)
    context = {
        "key_id": str(admitted.key),
        "permissions": ",".join(admitted.permissions),
        "departments": ",".join(map(str, admitted.departments)),
        "agent": _text(admitted.agent),
        "customer": _text(admitted.customer),
        "organizations": ",".join(map(str, admitted.organizations)),
        "expires": admitted.expires,
        "user": admitted.user,
    }
    verdict = _verdict("Allow", stage, f"key-{admitted.key}", context)
    return verdict | ({"usageIdentifierKey": admitted.usage} if admitted.usage else {})


def _signed_in(token: str, address: str) -> authorize.Admission:
    # Requests with a key do not pay for importing the token verification.
    from helpdesk.keys import tokens  # noqa: PLC0415

    return tokens.authenticate(token, address)


def _denied(
    event: Mapping[str, Any], stage: str, reason: str, *, signed_in: bool = False
) -> dict[str, Any]:
    """A denial, with the message for families whose messages depend on the reason."""
    context = {"reason": reason}
    # Imported here so that only refused keys pay for these imports.
    if credentials.takes_tokens(event):
        from dialects.admin import denied as admin  # noqa: PLC0415

        context["words"] = admin.words(reason, signed_in=signed_in)
    elif scheme := credentials.scheme(event):
        # Only Zammad's clients send keys in Authorization.
        from dialects.zammad import denied as zammad  # noqa: PLC0415

        context["words"] = zammad.words(scheme, reason)
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
