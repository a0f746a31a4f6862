"""The id that the desk signs into its mail, so that an answer finds its thread (docs/mail.md).

It stands in `References` and, as `support+id@domain`, in `Reply-To`: at least one of the two comes
back in any answer. Letters of one case and digits only, since mail systems may change the case of
an address. What it says is no secret; the signature is what makes it worth believing.
"""

import base64
import hmac
import os
import struct
from binascii import Error as BadBase32
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, cast

Role = Literal["U", "S"]
"""Whom a mail went to: the user who asked, or staff (docs/osticket.md 4.6)."""

SIGNATURE_BYTES = 10
"""80 bits: far beyond guessing, and the id still fits the 64 characters left of an @."""

_SAID = ">BIIIc"
_LENGTH = 39


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """What a mail is about and to whom it went; `to` is 0 where that is no person or agent."""

    ticket: int
    entry: int
    to: int
    role: Role


def sign(identity: MailIdentity, secret: str) -> str:
    """The id as it is written: version, ticket, entry, recipient and role, then the signature;
    in base32 without padding, 39 characters.
    """
    said = struct.pack(
        _SAID, 1, identity.ticket, identity.entry, identity.to, identity.role.encode()
    )
    seal = hmac.digest(secret.encode(), said, sha256)[:SIGNATURE_BYTES]
    return base64.b32encode(said + seal).decode().rstrip("=").lower()


def verify(signed: str, secret: str) -> MailIdentity | None:
    """What `sign` wrote, in any case of letters; None for anything else."""
    written = signed.strip().upper()
    if len(written) != _LENGTH:
        return None
    try:
        whole = base64.b32decode(written + "=" * (-len(written) % 8))
    except (BadBase32, ValueError):
        return None
    said, seal = whole[:-SIGNATURE_BYTES], whole[-SIGNATURE_BYTES:]
    if not hmac.compare_digest(hmac.digest(secret.encode(), said, sha256)[:SIGNATURE_BYTES], seal):
        return None
    _, ticket, entry, to, role = struct.unpack(_SAID, said)
    return MailIdentity(ticket, entry, to, cast("Role", role.decode()))


def is_ours(address: str) -> bool:
    """Whether the desk reads or writes under this address, also as `support+id@`: mail to oneself
    would go round and round.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    ours = {os.environ[name].strip().lower() for name in ("FROM_ADDRESS", "SUPPORT_ADDRESS")}
    return f"{local.partition('+')[0]}@{domain}" in ours


def digest(message_id: str) -> str:
    """What a Message-ID is stored and looked up under: a key must not be of a stranger's length."""
    return sha256(message_id.strip().strip("<>").encode()).hexdigest()
