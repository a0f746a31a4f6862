"""Hostile mails of our own making, at least one for every kind of damage that real mail has.

Each case says what must come out of it; `about` names the sentence. Everything is built in code,
so that each oddity can be seen where it is.
"""

from tests.helpdesk.mail.parsing.mails import bounces, charsets, files, headers, structure, wholes
from tests.helpdesk.mail.parsing.mails.building import Case

CASES: list[Case] = [
    *headers.CASES,
    *charsets.CASES,
    *structure.CASES,
    *files.CASES,
    *bounces.CASES,
    *wholes.CASES,
]

__all__ = ["CASES", "Case"]
