"""The link by which a recipient unsubscribes from mail about services, without a key (RFC 8058).

Its content is not secret: a person and services, by id. The signature prevents forgery.
"""

import base64
import hmac
from binascii import Error as BadBase64
from collections.abc import Iterable
from hashlib import sha256

from helpdesk import mail_secret
from helpdesk.storage import table
from helpdesk.storage.keys import MAIL_SECRET

_SIGNATURE_BYTES = 16
_LONGEST = 1_000


def sign(person: int, services: Iterable[int], secret: str) -> str:
    """The content of the link."""
    said = ",".join(map(str, (person, *services))).encode()
    return f"{_written(said)}.{_written(_signature(said, secret))}"


def verify(signed: str) -> tuple[int, tuple[int, ...]] | None:
    """The person and the services in a value that `sign` wrote; None for anything else. One round
    trip.
    """
    if len(signed) > _LONGEST or signed.count(".") != 1:
        return None
    try:
        said, signature = (_read(part) for part in signed.split("."))
    except (BadBase64, ValueError):
        return None
    secret = mail_secret.read(table.fetch([MAIL_SECRET]))
    if not secret:
        return None
    if not hmac.compare_digest(signature, _signature(said, secret)):
        return None
    person, *services = map(int, said.decode().split(","))
    return person, tuple(services)


def _signature(said: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"unsubscribe:" + said, sha256)[:_SIGNATURE_BYTES]


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
