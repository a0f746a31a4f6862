"""The conversation's requests to the admin API about mail."""

from __future__ import annotations

import json
from datetime import timedelta
from unittest.mock import patch

import boto3

from helpdesk.clock import now
from helpdesk.errors import Unavailable
from helpdesk.mail.inbound import arrivals
from helpdesk.mail.inbound import held as held_mail
from helpdesk.monitoring import attention, moves
from local.mail.smtp import Verdicts, received
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
    templates(talk, number)


def queues(talk: Talk) -> None:
    """Dead letters of every queue: named, put aside, tried again, left where they are."""
    ask, cloud, path = talk.apart, talk.desk.cloud, "/api/admin/queues"
    sqs = boto3.client("sqs")
    keys = ((pk, sk) for _, pk, sk in talk.desk.stored() if pk[0] == "T" and sk.startswith("V#"))
    event = dict(zip(("pk", "sk"), next(keys), strict=True))
    mail = received("nowhere", "ann@example.org", [SUPPORT], now(), Verdicts())
    told = {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "{}"}}]}
    schedule = {"detail-type": "Scheduled Event"}
    letters = {
        "notify": ("NotifyDeadLetters", [event, event]),
        "broadcast": ("BroadcastDeadLetters", [event, event]),
        "project": ("ProjectDeadLetters", [event, event]),
        "failed-calls": ("FailedCalls", [mail, told, schedule, schedule]),
    }
    for resource, bodies in letters.values():
        url = cloud.resources.physical(resource).ref
        for body in bodies:
            sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body))
    ask(200, "GET", path)
    with patch.object(moves, "PER_SECOND", 1e9):
        for name, (_, bodies) in letters.items():
            found = ask(200, "GET", f"{path}/{name}/dead")["items"]
            aside = next(
                one["id"] for one in found if one["event"]["kind"] not in {"mail", "mail_event"}
            )
            ask(200, "POST", f"{path}/{name}/dead/{aside}/put-aside", {"reason": "Enough"})
            count = {"count": len(bodies) - 1}
            ask(202, "POST", f"{path}/{name}/redrive", count, once=name)
            ask(404, "DELETE", f"{path}/{name}/redrive")


def templates(talk: Talk, number: str) -> None:
    """A template tried on tickets, and given back its first words."""
    ask, path = talk.apart, "/api/admin/templates/1"
    words = {"subject": "[#%{ticket.number}] Yes", "body": "<p>%{message}</p>"}
    ask(200, "POST", f"{path}/preview", words)
    ask(200, "POST", f"{path}/preview", {**words, "ticket": number})
    for about in (None, number):
        body = {"to": "later@elsewhere.example", "ticket": about}
        ask(202, "POST", f"{path}/test", body, once=f"test {about}")
    ask(200, "POST", f"{path}/reset", {})


def setup(talk: Talk) -> None:
    """What is to be set up, and what wants an admin."""
    ask, path = talk.apart, "/api/admin/setup"
    ask(202, "POST", f"{path}/test-mail", {"to": "later@elsewhere.example"}, once="test")
    ask(200, "GET", path)
    ask(200, "POST", f"{path}/spf_dmarc/confirm", {})
    ask(200, "POST", f"{path}/rows/dismiss", {})
    ask(200, "POST", f"{path}/rows/reopen", {})
    attention.forget()
    ask(200, "GET", "/api/admin/attention")
