"""The error texts that API Gateway sends for rejected keys (docs/zammad.md 2).

The authorizer returns the text with its verdict, since a gateway response can only repeat it.
"""

from collections.abc import Mapping

_EXPIRED = "Not authorized (token expired)!"
_INACTIVE = (
    "Login failed. Have you double-checked your credentials and completed the email "
    "verification step?"
)
_UNKNOWN: Mapping[str, str] = {
    "basic": "Invalid BasicAuth credentials",
    "token": "Can't find User for Token",
    "bearer": "The provided token is invalid.",
}


def words(scheme: str, reason: str) -> str:
    """The error text for a secret sent by this scheme of `Authorization` (in lower case)."""
    if reason == "expired":
        return _EXPIRED
    if reason == "inactive":
        return _INACTIVE
    return _UNKNOWN.get(scheme, "Authentication required")
