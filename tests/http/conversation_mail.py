"""What is said about mail to the admin API in the conversation."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import boto3

from helpdesk.errors import Unavailable
from helpdesk.mail.inbound import arrivals
from helpdesk.mail.inbound import held as held_mail
from tests.helpdesk.mail.inbound.ways import SUPPORT, raw
from tests.http.conversation_notific import LONG, Talk
from tests.http.desk import ticket


def held(talk: Talk) -> None:
    """Mails that are held: read, taken in, held by another rule, deleted."""
    ask, cloud, path = talk.apart, talk.desk.cloud, "/api/admin/held-mail"
    settings = "/api/admin/settings"

    def bring(mail: bytes) -> str:
        name = cloud.smtp.bring(mail, "ann@example.org", [SUPPORT])
        cloud.drain()
        return f"{path}/{name}"

    banned = bring(raw("test@example.com", 201))
    ask(200, "GET", path)
    ask(200, "GET", banned)
    ask(200, "GET", f"{banned}/raw")
    # It has moved, and that is all that is heard of it.
    with patch.object(held_mail, "_unlist", side_effect=Unavailable("lost")):
        ask(503, "POST", f"{banned}/take-in", {})
    ask(200, "POST", f"{banned}/take-in", {}, once="take in")

    again = bring(raw("test@example.com", 202, In_Reply_To="<201@example.org>"))
    ask(200, "POST", f"{again}/take-in", {})
    ask(200, "PATCH", settings, {"max_open_tickets": 1})
    full = bring(raw("test@example.com", 203))
    ask(409, "POST", f"{full}/take-in", {})
    ask(200, "PATCH", settings, {"max_open_tickets": 100, "accept_unregistered_email": False})
    s3 = boto3.client("s3")
    bucket = cloud.resources.physical("FilesBucket").ref
    s3.put_object(Bucket=bucket, Key="incoming/odd", Body=raw("odd@example.net", 204))
    late = patch.object(arrivals, "LATE", timedelta(minutes=-1))
    with late, patch.object(arrivals, "take", side_effect=ValueError):
        for _ in range(arrivals.MOST_ATTEMPTS + 1):
            cloud.run_schedule("BackgroundRedriveMail")
    ask(409, "POST", f"{path}/odd/take-in", {})
    ask(200, "PATCH", settings, {"accept_unregistered_email": True})
    ask(200, "DELETE", full)


def sent(talk: Talk) -> None:
    """Mails that went out, one that was refused and is sent once more; addresses put back."""
    ask, path, suppressed = talk.apart, "/api/admin/mail", "/api/admin/suppressed"
    address = "later@elsewhere.example"
    ask(201, "POST", suppressed, {"address": address})
    number = ask(201, "POST", "/api/tickets.json", ticket(email=address, message=LONG))
    ask(200, "GET", path)
    ask(200, "GET", f"{path}?to={address}")
    ask(200, "GET", f"{path}?state=refused")
    found = ask(200, "GET", f"{path}?ticket={number}")["items"]
    for mail in found:
        ask(200, "GET", f"{path}/{mail['id']}")
    refused = next(mail["id"] for mail in found if mail["state"] == "refused")
    ask(200, "DELETE", f"{suppressed}/{address}")
    ask(202, "POST", f"{path}/{refused}/send-again", {}, once="send again")
    ask(201, "POST", suppressed, {"address": address}, once="suppress")
    ask(200, "DELETE", f"{suppressed}/{address}")
