"""Every hostile mail is parsed as its sender meant it; `pytest -s` prints the table."""

import pytest

from helpdesk.mail.parsing.message import Message, read_message
from tests.helpdesk.mail.parsing.mails import CASES, Case

SENTENCES = (
    "doubled",
    "raw 8-bit",
    "wrongly padded",
    "UTF-8 called us-ascii",
    "Shift_JIS called ISO-2022-JP",
    "absent boundaries",
    "unclosed boundaries",
    "no blank line after the header",
    "no body at all",
    "plain text beside HTML in multipart/mixed",
    "forwarded messages",
    "unnamed images",
    "uuencode",
    "winmail.dat (unpack)",
    "winmail.dat (keep whole if damaged)",
    "bounces",
    "line breaks in encoded subjects",
    "internationalised addresses",
    "no From",
    "symbols and emoji stay",
    "what cannot be parsed",
    "nothing the sender wrote is lost",
)


def test_there_is_a_mail_for_every_sentence_of_the_design() -> None:
    assert len(CASES) >= 60
    assert len({case.name for case in CASES}) == len(CASES)
    missing = [one for one in SENTENCES if not any(case.about.startswith(one) for case in CASES)]
    assert missing == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_mail_loses_nothing(case: Case) -> None:
    message = read_message(case.raw)

    print(_row(case, message))  # noqa: T201 - the table of the test run
    assert message.sender.address == case.sender
    assert message.sender.name == case.sender_name
    assert message.subject == case.subject
    for words in case.says:
        assert words in message.body.text
    for words in case.hides:
        assert words not in message.body.text
    if case.body is not None:
        assert message.body.text == case.body
    if case.format:
        assert message.body.format == case.format
    assert message.bounce is case.bounce
    assert bool(message.unread) is case.unread
    _check_files(case, message)
    _check_encodable(message)


def _check_files(case: Case, message: Message) -> None:
    files = message.files
    if case.unread:
        assert files[-1].data == case.raw
        assert files[-1].type == "message/rfc822"
        assert files[-1].name.endswith(".eml")
        files = files[:-1]
    if case.name == "ten thousand levels":
        assert len(files) == 1
        assert files[0].data in case.raw
        assert b"It is deep." in files[0].data
        return
    assert [(file.name, file.data) for file in files] == list(case.files)
    assert tuple(file.content_id for file in files if file.inline) == case.inline


def _check_encodable(message: Message) -> None:
    texts = [message.subject, message.body.text, message.quoted, message.text, message.html]
    texts += [file.name for file in message.files]
    for said in texts:
        assert said.encode().decode() == said


def _row(case: Case, message: Message) -> str:
    files = ", ".join(f"{file.name} ({len(file.data)})" for file in message.files[:3])
    more = " ..." if len(message.files) > 3 else ""
    said = " ".join(message.body.text.split())[:40]
    columns = (
        case.name,
        case.about,
        message.sender.address or "nobody",
        message.subject[:30],
        f"{message.body.format}: {said}",
        files + more,
        message.unread or "all read",
    )
    return "| " + " | ".join(columns) + " |"
