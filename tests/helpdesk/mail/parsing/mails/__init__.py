"""Handwritten hostile mails, at least one for every kind of damage that real mail has.

Each case states its expected result; `about` names the sentence. Everything is built in code, so
that each oddity is visible in its place.
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
