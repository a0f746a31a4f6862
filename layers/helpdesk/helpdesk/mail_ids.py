"""The signed id in the desk's mails, by which an answer finds its thread (docs/mail.md).

`References` holds it, and `Reply-To` as `support+id@domain`: an answer has at least one of the two.
It has lower-case letters and digits only, since mail systems may change the case of an address. Its
contents are not secret; the signature prevents forgery.
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
"""The role of a mail's recipient: requester, or staff (docs/osticket.md 4.6)."""

SIGNATURE_BYTES = 10
"""80 bits: cannot be guessed, and the id still fits the 64 characters left of an @."""

_FORMAT = ">BIIIc"
_LENGTH = 39


@dataclass(frozen=True, slots=True)
class MailIdentity:
    """The ticket and the recipient of a mail; `to` is 0 if that is neither person nor agent."""

    ticket: int
    entry: int
    to: int
    role: Role


def sign(identity: MailIdentity, secret: str) -> str:
    """The id as it is written: version, ticket, entry, recipient and role, then the signature;
    in base32 without padding, 39 characters.
    """
    packed = struct.pack(
        _FORMAT, 1, identity.ticket, identity.entry, identity.to, identity.role.encode()
    )
    signature = hmac.digest(secret.encode(), packed, sha256)[:SIGNATURE_BYTES]
    return base64.b32encode(packed + signature).decode().rstrip("=").lower()


def verify(signed: str, secret: str) -> MailIdentity | None:
    """Decodes what `sign` wrote, ignoring case; None for anything else."""
    written = signed.strip().upper()
    if len(written) != _LENGTH:
        return None
    try:
        whole = base64.b32decode(written + "=" * (-len(written) % 8))
    except (BadBase32, ValueError):
        return None
    packed, signature = whole[:-SIGNATURE_BYTES], whole[-SIGNATURE_BYTES:]
    expected = hmac.digest(secret.encode(), packed, sha256)[:SIGNATURE_BYTES]
    if not hmac.compare_digest(expected, signature):
        return None
    _, ticket, entry, to, role = struct.unpack(_FORMAT, packed)
    return MailIdentity(ticket, entry, to, cast("Role", role.decode()))


def prove(tag: str, secret: str) -> str:
    """The header value that identifies a mail in a report that returns its header.

    Unlike the signed id, it does not occur in answers to the mail, so only systems that have the
    mail itself know it (docs/mail.md, "Reports of other mail systems"). Each word fits into a line.
    """
    return " ".join([*tag.split("-"), _proof(tag, secret)])


def proven(written: str, secret: str) -> str | None:
    """The tag in a value that `prove` wrote; None for anything else."""
    *words, proof = written.split() or [""]
    tag = "-".join(words)
    expected = _proof(tag, secret).encode()
    return tag if hmac.compare_digest(expected, proof.encode(errors="replace")) else None


def _proof(tag: str, secret: str) -> str:
    return hmac.digest(secret.encode(), f"mail {tag}".encode(errors="replace"), sha256).hex()[:32]


def is_ours(address: str) -> bool:
    """Whether this is one of the desk's own addresses, also as `support+id@`: mail to itself would
    loop.
    """
    local, _, domain = address.strip().lower().rpartition("@")
    ours = {os.environ[name].strip().lower() for name in ("FROM_ADDRESS", "SUPPORT_ADDRESS")}
    return f"{local.partition('+')[0]}@{domain}" in ours


def digest(message_id: str) -> str:
    """The digest under which a Message-ID is stored, since its length is up to the sender."""
    return sha256(message_id.strip().strip("<>").encode()).hexdigest()
