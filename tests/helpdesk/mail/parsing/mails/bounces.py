"""Bounced mail."""

from tests.helpdesk.mail.parsing.mails.building import (
    REPORT,
    RETURNED,
    STATUS,
    Case,
    mail,
    part,
    parts,
)

CASES = [
    Case(
        "delivery report",
        "bounces (the report, not the returned mail)",
        mail(
            parts(
                REPORT,
                part(STATUS, "Content-Type: message/delivery-status"),
                part(RETURNED, "Content-Type: message/rfc822"),
            ),
            'Content-Type: multipart/report; report-type="delivery-status"; boundary="b1"',
            "Return-Path: <>",
            subject="Undelivered Mail Returned to Sender",
            sender="Mail System <MAILER-DAEMON@mx.example.net>",
        ),
        ("Your mail came back.",),
        subject="Undelivered Mail Returned to Sender",
        sender="MAILER-DAEMON@mx.example.net",
        sender_name="Mail System",
        hides=("secret answer",),
        files=(("delivery-status-1.txt", STATUS), ("Ticket.eml", RETURNED)),
        bounce=True,
    ),
    Case(
        "delivery report without words",
        "bounces (the report, not the returned mail)",
        mail(
            parts(
                part(STATUS, "Content-Type: message/delivery-status"),
                part(RETURNED, "Content-Type: message/rfc822"),
            ),
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b1",
        ),
        ("Action: failed",),
        hides=("secret answer",),
        files=(("delivery-status-1.txt", STATUS), ("Ticket.eml", RETURNED)),
        bounce=True,
    ),
    Case(
        "qmail bounce",
        "bounces (the report, not the returned mail)",
        mail(
            b"Hi. This is the qmail-send program.\n<bert@example.net>:\nno mailbox\n\n"
            b"--- Below this line is a copy of the message.\n\n" + RETURNED,
            sender="MAILER-DAEMON@mx.example.net",
            subject="failure notice",
        ),
        ("no mailbox",),
        subject="failure notice",
        sender="MAILER-DAEMON@mx.example.net",
        sender_name="",
        hides=("secret answer",),
        bounce=True,
    ),
]
