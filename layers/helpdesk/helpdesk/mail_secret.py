"""The secret that signs the ids in the desk's mails (`mail_ids`)."""

from collections.abc import Mapping
from contextlib import suppress
from secrets import token_hex

from helpdesk.errors import Damaged
from helpdesk.storage import table, transact
from helpdesk.storage.attributes import Item
from helpdesk.storage.keys import MAIL_SECRET, Key
from helpdesk.storage.reading import reading
from helpdesk.storage.transact import ConditionFailed, Write


def read(found: Mapping[Key, Item]) -> str:
    """The secret, from items fetched with `MAIL_SECRET`; empty if there is none, or it is damaged:
    then nothing counts as signed.
    """
    with suppress(Damaged), reading("mail secret", MAIL_SECRET):
        secret = found.get(MAIL_SECRET, {}).get("secret", "")
        if not isinstance(secret, str):
            raise TypeError("secret")
        return secret
    return ""


def current(found: Mapping[Key, Item]) -> str:
    """The secret to sign with. A new one is created if there is none, so that mail continues:
    answers to earlier mails are still recognised by the recorded Message-IDs.
    """
    if secret := read(found):
        return secret
    with suppress(ConditionFailed):
        transact.write(new())
    return read(table.fetch([MAIL_SECRET]))


def new() -> Write:
    """The write of a new secret, which fails if there is one."""
    return transact.put(
        MAIL_SECRET,
        {"secret": token_hex(32)},
        condition="attribute_not_exists(#secret) OR NOT attribute_type(#secret, :text)",
        values={":text": "S"},
        names={"#secret": "secret"},
    )
