"""Every path of a mail through a running cloud, for tests that observe all AWS calls."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from unittest.mock import patch

import boto3

from helpdesk.catalogue import cache
from helpdesk.clock import now
from helpdesk.mail.inbound import arrivals
from local.cloud import LocalCloud
from local.mail.smtp import Verdicts, received

SUPPORT = "support@desk.example"
LONG = " ".join(f"word{number * 7919 % 100_003}" for number in range(12_000))
"""A body that lies in S3, even compressed."""

Post = Callable[[bytes], object]
"""Posts a raw mail to /api/tickets.email, and gives whatever comes back."""

Set = Callable[[Mapping[str, object]], object]
"""Changes settings."""


def raw(sender: str, number: int, body: str = "It burns.", **headers: str) -> bytes:
    """A mail with a file."""
    further = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: {sender}\r\nTo: {SUPPORT}, bob{number}@example.org\r\nSubject: Printer\r\n"
        f"Message-ID: <{number}@example.org>\r\n{further}"
        f"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
        f"--x\r\n\r\n{body}\r\n"
        f"--x\r\nContent-Type: application/zip; name=a.zip\r\n\r\nPK\r\n--x--\r\n"
    ).encode()


def take_every_way(cloud: LocalCloud, post: Post, change: Set) -> None:
    """Mail by SES and over HTTP: new, answered, again, refused, harmful, late, beyond reading."""

    def bring(mail: bytes) -> str:
        cache.forget()
        name = cloud.smtp.bring(mail, "ann@example.org", [SUPPORT])
        cloud.drain()
        return name

    for send in (bring, post):
        first = 1 if send is bring else 101
        for body in (LONG, LONG, "Something else."):
            send(raw("ann@example.org", first, body))
        send(raw("ann@example.org", first + 1, In_Reply_To=f"<{first}@example.org>"))
        send(raw("test@example.com", first + 2))
        change({"max_open_tickets": 1})
        send(raw("ann@example.org", first + 3))
        change({"max_open_tickets": 100, "accept_unregistered_email": False})
        send(raw("nobody@example.net", first + 4))
        change({"accept_unregistered_email": True})
    cloud.smtp.verdicts.virus = "FAIL"
    bring(raw("ann@example.org", 8))
    cloud.smtp.clear()
    again = received(bring(raw("ann@example.org", 9)), "", [SUPPORT], now(), Verdicts())
    cloud.invoke("BackgroundReceiveMail", again)

    bucket = cloud.resources.physical("FilesBucket").ref
    s3 = boto3.client("s3")
    with patch.object(arrivals, "LATE", timedelta(minutes=-1)):
        s3.put_object(Bucket=bucket, Key="incoming/late", Body=raw("ann@example.org", 10))
        cloud.run_schedule("BackgroundRedriveMail")
        s3.put_object(Bucket=bucket, Key="incoming/bad", Body=raw("ann@example.org", 11))
        with patch.object(arrivals, "take", side_effect=ValueError):
            for _ in range(arrivals.MOST_ATTEMPTS + 1):
                cloud.run_schedule("BackgroundRedriveMail")
    left = s3.list_objects_v2(Bucket=bucket, Prefix="incoming/")
    assert left["KeyCount"] == 0
