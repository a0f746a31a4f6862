"""API Gateway's texts for requests that the authorizer refuses (docs/admin.md).

The authorizer passes the text with its result, since a gateway response can only repeat it.
"""

from collections.abc import Mapping

_KEY = "Valid API key required"

_SIGNED_IN: Mapping[str, str] = {
    "token": "This sign-in is none of this desk: sign in again",
    "over": "This sign-in has ended: sign in again",
    "unchecked": "The sign-in cannot be checked at the moment: try again in a minute",
    "no_group": "Nobody has given you a key yet: you are in no group named key-N",
    "groups": "Your groups name several keys, and it must be one",
    "unknown": "The key that your group names does not exist",
    "inactive": "The key that your group names is switched off",
    "expired": "The key that your group names has ended",
    "network": "The key that your group names does not open from this network",
}
"""For users, whose token identifies them; a key used directly gets no details."""


def words(reason: str, *, signed_in: bool) -> str:
    """The refusal of a key, or of a signed-in user."""
    return _SIGNED_IN.get(reason, _KEY) if signed_in else _KEY
