"""Where clients send their key. The stage variable `KeySources` of an API lists the places, which
are tried in order:

    header:X-API-Key       a header that holds nothing else
    query:key              a parameter of the query string
    authorization:token    Authorization: Token token="..." (or bare)
    authorization:bearer   Authorization: Bearer ...
    authorization:basic    Authorization: Basic ..., the key as the password

The stage variable `Tokens` tells whether the token of a signed-in user is accepted instead of a key
(docs/keys.md).
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

_ANY_HEADER = "header:X-API-Key"
"""The default places of the key."""


def secret(event: Mapping[str, Any]) -> str:
    """The key in the authorizer's event: the first one found; empty if there is none."""
    sources = (event.get("stageVariables") or {}).get("KeySources") or _ANY_HEADER
    return next(filter(None, _secrets(event, sources.split(","))), "")


def takes_tokens(event: Mapping[str, Any]) -> bool:
    """Whether an API accepts the tokens of signed-in users."""
    return (event.get("stageVariables") or {}).get("Tokens") == "on"


def is_token(event: Mapping[str, Any], secret: str) -> bool:
    """Whether a secret is one: three parts, of which the first is an object in JSON (RFC 7515)."""
    return takes_tokens(event) and secret.startswith("eyJ") and secret.count(".") == 2


def scheme(event: Mapping[str, Any]) -> str:
    """The scheme of a request's `Authorization`, in lower case; empty if it has none."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return str(headers.get("authorization", "")).strip().partition(" ")[0].lower()


def _secrets(event: Mapping[str, Any], sources: list[str]) -> Iterator[str]:
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
