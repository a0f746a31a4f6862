"""Users who sign in at a Cognito user pool: their token is used instead of a key (docs/keys.md).

The ID token names the user and their groups of the pool. A member of the group `key-7` acts as key
7, so permissions are defined in one place. The authorizer imports this module, and with it PyJWT,
only when it gets a token (docs/decisions/0026).
"""

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPException
from threading import Lock
from typing import Any
from urllib.request import urlopen

import jwt

from helpdesk.clock import to_iso
from helpdesk.keys import authorize
from helpdesk.keys.authorize import Admission, Refused

_GROUP = re.compile(r"key-([1-9][0-9]{0,9})", re.ASCII)

_CLAIMS = ("exp", "iat", "iss", "aud", "sub", "token_use")
"""The claims that an ID token of Cognito always has (Cognito's guide, "Understanding the ID
token").
"""

_SKEW = 10
"""Seconds by which the pool's clock may differ from this one."""

_LONGEST_NAME = 254
"""Most characters of a mail address (RFC 5321, section 4.5.3.1); longer names are cut."""

_PATIENCE = 2
"""Seconds to wait for each packet of the pool's public keys."""

_ASK_AGAIN = 60
"""Seconds during which unknown key ids cause only one request to the pool, since anybody can send
some.
"""

_LIFETIME = 3600
"""Seconds after which the public keys are fetched again; if this fails the old ones stay in use."""

_LONGEST_ANSWER = 64 * 1024


@dataclass(slots=True)
class _PublicKeys:
    """This container's cache of a pool's public keys, by id, and when they were fetched."""

    issuer: str = ""
    asked: float = 0.0
    by_id: Mapping[str, jwt.PyJWK] = field(default_factory=dict)


_known = _PublicKeys()
_asking = Lock()


def authenticate(token: str, address: str) -> Admission:
    """Authenticates the ID token of a user with this source address. It takes the same round trips
    as a key, and a request to the pool if a public key is not known yet.

    Raises:
        Refused: For the reasons for which `authorize` refuses a key, and: `token` if it is not one
            of this pool and client, `over` if it has expired, `no_group` and `groups` if it names
            no key or several, `unchecked` if the pool's public keys cannot be fetched.
    """
    claims = _verified(token)
    number = _key_named_by(claims.get("cognito:groups", ()))
    admission = authorize.admit(number, address)
    over = to_iso(datetime.fromtimestamp(claims["exp"], UTC))
    expires = min(filter(None, (admission.expires, over)))
    return replace(admission, expires=expires, user=_name(claims))


def _verified(token: str) -> dict[str, Any]:
    issuer = os.environ["SIGN_IN_ISSUER"]
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _public_key(issuer, str(jwt.get_unverified_header(token).get("kid"))),
            algorithms=["RS256"],
            issuer=issuer,
            audience=os.environ["SIGN_IN_CLIENT"],
            leeway=_SKEW,
            options={"require": list(_CLAIMS), "strict_aud": True},
        )
    except jwt.ExpiredSignatureError:
        raise Refused("over") from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        # The error's message may quote the token. A RecursionError comes from deeply nested JSON.
        raise Refused("token") from None
    if claims["token_use"] != "id":  # noqa: S105 - one of Cognito's two words for what it is
        raise Refused("token")
    return claims


def _public_key(issuer: str, name: str) -> jwt.PyJWK:
    """A public key of the pool, by its id.

    Raises:
        Refused: The pool has no such key, or it does not answer and no keys are cached.
    """
    with _asking:
        if _known.issuer != issuer:
            _known.issuer, _known.asked, _known.by_id = issuer, 0.0, {}
        age = time.monotonic() - _known.asked if _known.by_id else _LIFETIME
        if age >= _LIFETIME or (name not in _known.by_id and age >= _ASK_AGAIN):
            try:
                _known.by_id = _ask(issuer)
            except (OSError, HTTPException, ValueError, jwt.PyJWTError):
                if name not in _known.by_id:
                    raise Refused("unchecked") from None
            _known.asked = time.monotonic()
        if name not in _known.by_id:
            raise Refused("token")
        return _known.by_id[name]


def _ask(issuer: str) -> dict[str, jwt.PyJWK]:
    # The URL comes from the template; callers cannot influence it.
    with urlopen(f"{issuer}/.well-known/jwks.json", timeout=_PATIENCE) as answer:  # noqa: S310
        body: bytes = answer.read(_LONGEST_ANSWER)
    found = jwt.PyJWKSet.from_json(body.decode()).keys
    return {key.key_id: key for key in found if key.key_id}


def _key_named_by(groups: object) -> int:
    """The id of the only key that the groups name."""
    names = groups if isinstance(groups, list) else []
    numbers = {int(found[1]) for found in map(_GROUP.fullmatch, map(str, names)) if found}
    if not numbers:
        raise Refused("no_group")
    if len(numbers) > 1:
        # It is unknown which of them is meant, and the union of their permissions would be a new
        # key.
        raise Refused("groups")
    return numbers.pop()


def _name(claims: Mapping[str, Any]) -> str:
    """The user's display name: the mail address if it is verified, since users can change it
    themselves.
    """
    proven = claims.get("email_verified") in {True, "true"}
    name = (proven and claims.get("email")) or claims.get("cognito:username") or claims["sub"]
    return "".join(filter(str.isprintable, str(name)))[:_LONGEST_NAME]
