"""Mail that is entirely unreadable, or far too large."""

from tests.helpdesk.mail.parsing.mails.building import (
    EVERY_BYTE,
    HELLO,
    MIXED,
    Case,
    mail,
    part,
    parts,
)

_DEEP = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
    for level in range(10_000)
)
_MANY = parts(
    HELLO,
    *(
        part(str(number), f"Content-Disposition: attachment; filename={number}.txt")
        for number in range(60)
    ),
)
CASES = [
    Case(
        "nothing",
        "what cannot be parsed becomes a ticket with the raw mail attached",
        b"",
        sender="",
        sender_name="",
        subject="[No Subject]",
        unread=True,
        says=("Email parse failed: [",),
    ),
    Case(
        "no header",
        "what cannot be parsed becomes a ticket with the raw mail attached",
        b"It is broken.\nAll of it.",
        ("Email parse failed: [", "It is broken.", "All of it."),
        sender="",
        sender_name="",
        subject="[No Subject]",
        unread=True,
    ),
    Case(
        "one field only",
        "what cannot be parsed becomes a ticket with the raw mail attached",
        b"From: Anna <anna@example.com>\n\nIt is broken.",
        ("It is broken.",),
        subject="[No Subject]",
        unread=True,
    ),
    Case(
        "every byte",
        "what cannot be parsed becomes a ticket with the raw mail attached",
        EVERY_BYTE,
        sender="",
        sender_name="",
        subject="[No Subject]",
        unread=True,
        says=("Email parse failed: [",),
    ),
    Case(
        "sixty files",
        "nothing the sender wrote is lost",
        mail(_MANY, MIXED),
        ("It is broken.",),
        unread=True,
        files=tuple((f"{number}.txt", str(number).encode()) for number in range(49)),
    ),
    Case(
        "ten thousand levels",
        "broken MIME never raises",
        b"From: Anna <anna@example.com>\r\nSubject: Printer\r\n" + _DEEP + b"\r\nIt is deep.\r\n",
        body="",
        files=(("attachment-1.eml", b""),),
    ),
    Case(
        "header of two megabytes",
        "what cannot be parsed becomes a ticket with the raw mail attached",
        b"From: Anna <anna@example.com>\r\nSubject: Printer\r\n"
        + b"X-A: b\r\n" * 300_000
        + b"\r\nIt is broken.",
        ("It is broken.",),
        unread=True,
    ),
]
