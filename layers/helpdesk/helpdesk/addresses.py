"""Mail addresses: which texts the desk accepts as one (docs/osticket.md, rows M and 43)."""

import re
from collections.abc import Iterable

LONGEST_ADDRESS = 254
"""Characters (RFC 5321, 4.5.3.1.3, less the angle brackets)."""

_LONGEST_LOCAL = 64
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
# A domain without dots is a host of the local network, such as that of a monitoring system.
_PLAIN = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    rf"@{_LABEL}(?:\.{_LABEL})*",
    re.IGNORECASE,
)


def is_banned(address: str, ban_list: Iterable[str]) -> bool:
    """Whether an address, in lower case, is on a ban list, by itself or by a pattern: `*` in an
    entry stands for any characters, as in `*@spam.example`.
    """
    return any(address == entry or _fits(address, entry) for entry in ban_list)


def _fits(address: str, pattern: str) -> bool:
    start, *rest = pattern.split("*")
    if not rest or not address.startswith(start):
        return False
    *between, end = rest
    position = len(start)
    for piece in between:
        found = address.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return len(address) - len(end) >= position and address.endswith(end)


def is_address(value: str) -> bool:
    """Whether this is exactly one mail address, without a name and without brackets.

    Its domain is not looked up; `localhost` is not accepted (docs/osticket.md 1.3).
    """
    at = value.rfind("@")
    if len(value) > LONGEST_ADDRESS or at < 1:
        return False
    domain = value[at + 1 :].lower()
    if domain == "localhost" or domain.endswith(".localhost"):
        return False
    if at <= _LONGEST_LOCAL and _PLAIN.fullmatch(value):
        return True
    if not value.isprintable():
        return False
    # International addresses, quoted local parts, addresses in brackets. Not imported for the plain
    # ones, which nearly all are: its tables cost a cold start 50 ms.
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415

    try:
        validate_email(
            value,
            check_deliverability=False,
            strict=True,
            allow_quoted_local=True,
            allow_domain_literal=True,
            globally_deliverable=False,
        )
    except EmailNotValidError:
        return False
    return True
