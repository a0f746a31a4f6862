"""Coverage-guided fuzzing of the reading of mail. By hand: atheris is no part of the test run.

    pip install atheris
    PYTHONPATH=.:layers/helpdesk python tests/fuzz/fuzz_mail.py -runs=100000

Starts from the hostile mails of tests/helpdesk/mail/parsing and from Python's own test mails.
Stops at the first exception, at text that cannot be stored, at an input that takes 10 seconds, or
at 2 GB. Arguments are libFuzzer's; a folder among them keeps what was found for the next time.
"""

import atheris

with atheris.instrument_imports(include=["helpdesk.mail", "helpdesk.mail_syntax", "helpdesk.text"]):
    from helpdesk.mail.parsing.message import MOST_FILES, read_message

from tests.fuzz.fuzzing import fuzz
from tests.helpdesk.mail.parsing.mails import CASES
from tests.helpdesk.mail.parsing.test_stdlib_mails import MAILS


def read_one(raw: bytes) -> None:
    """Reads one mail and checks what must hold of any."""
    message = read_message(raw)
    if len(message.files) > MOST_FILES:
        raise AssertionError("files")
    if message.body.format == "text" and not message.unread:
        whole = message.body.text + message.quoted
        if whole != message.text:
            raise AssertionError("quoted text is lost")
    for said in (message.subject, message.body.text, message.quoted, message.sender.address):
        said.encode()
    for file in message.files:
        (file.name + file.type + file.content_id).encode()


if __name__ == "__main__":
    fuzz(read_one, [*(case.raw for case in CASES), *(mail.read_bytes() for mail in MAILS)])
