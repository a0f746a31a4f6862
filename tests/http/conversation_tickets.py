"""The conversation's requests to Zammad's API about tickets and articles."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from dialects import answers
from local.cloud import LocalCloud


def tickets(ask: Callable[..., Any], cloud: LocalCloud) -> None:
    """Every function of tickets and articles works once, with a long body and a file."""
    ask(200, "GET", "/api/v1/users/me")
    file = {"filename": "a.txt", "data": b64encode(b"x").decode(), "mime-type": "text/plain"}
    body = f"<b>{random.Random(7).randbytes(20_000).hex()}</b>"
    article: dict[str, Any] = {"body": body, "type": "web", "content_type": "text/html"}
    article["attachments"] = [file]
    new = {"title": "Zammad", "group": "Users", "customer_id": "guess:ann@zammad.example"}
    made = ask(201, "POST", "/api/v1/tickets", {**new, "article": article}, once="zammad")
    path = f"/api/v1/tickets/{made['id']}"
    ask(201, "POST", "/api/v1/tickets", {**new, "article": article}, once="zammad")
    ask(200, "GET", f"{path}?full=true")
    change = {"state": "open", "article": {"body": "more", "attachments": [file]}}
    ask(200, "PUT", path, change, once="zammad change")
    note = ask(201, "POST", "/api/v1/ticket_articles", {"ticket_id": made["id"], "body": "note"})
    (number,) = made["article_ids"]
    ask(200, "PUT", f"/api/v1/ticket_articles/{number}", {"internal": True})
    ask(200, "PUT", f"/api/v1/ticket_articles/{number}", {"internal": False})
    shown = ask(200, "GET", f"/api/v1/ticket_articles/{number}")
    ask(200, "GET", f"/api/v1/ticket_articles/by_ticket/{made['id']}")
    ask(200, "GET", "/api/v1/ticket_articles?full=true")
    attachment = shown["attachments"][0]["id"]
    ask(200, "GET", f"/api/v1/ticket_attachment/{made['id']}/{number}/{attachment}")
    ask(404, "GET", f"/api/v1/ticket_article_plain/{number}")
    mail = b"From: Ann <ann@zammad.example>\r\nSubject: By mail\r\n\r\n" + b"Words. " * 40
    ask(201, "POST", "/api/tickets.email", raw=mail)
    cloud.drain()
    (came,) = (row for row in ask(200, "GET", "/api/v1/tickets") if row["title"] == "By mail")
    (article,) = ask(200, "GET", f"/api/v1/ticket_articles/by_ticket/{came['id']}")
    plain = f"/api/v1/ticket_article_plain/{article['id']}"
    ask(200, "GET", plain)
    with patch.object(answers, "LARGEST_ANSWER", 100):
        ask(302, "GET", plain)
        ask(302, "PUT", f"/api/v1/ticket_articles/{number}", {"internal": False})
        ask(302, "POST", "/api/v1/ticket_articles", {"ticket_id": made["id"], "body": "long"})
    ask(200, "DELETE", f"/api/v1/ticket_articles/{note['id']}")
    ask(200, "GET", "/api/v1/tickets?expand=true&per_page=2&page=2")
    ask(200, "DELETE", path)
