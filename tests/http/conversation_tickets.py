"""What is said to Zammad's API about tickets and articles, in the conversation."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from local.cloud import LocalCloud


def tickets(ask: Callable[..., Any], cloud: LocalCloud) -> None:
    """Every function of tickets and articles works once, with a long body and a file."""
    ask(200, "GET", "/api/v1/users/me")
    file = {"filename": "a.txt", "data": b64encode(b"x").decode(), "mime-type": "text/plain"}
    article = {"body": f"<b>{random.Random(7).randbytes(20_000).hex()}</b>", "type": "web"}
    article |= {"content_type": "text/html", "attachments": [file]}
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
    attachment = shown["attachments"][0]["id"]
    ask(200, "GET", f"/api/v1/ticket_attachment/{made['id']}/{number}/{attachment}")
    ask(404, "GET", f"/api/v1/ticket_article_plain/{number}")
    for mailed in _mailed(ask):
        ask(200, "GET", f"/api/v1/ticket_article_plain/{mailed}")
    ask(200, "DELETE", f"/api/v1/ticket_articles/{note['id']}")
    cloud.drain()
    ask(200, "GET", "/api/v1/tickets?expand=true&per_page=2&page=2")
    ask(200, "DELETE", path)


def _mailed(ask: Callable[..., Any]) -> list[int]:
    """The articles of tickets that came by mail."""
    sources = ask(200, "GET", "/api/v1/tickets?per_page=100")
    return [
        article["id"]
        for ticket in sources
        if ticket["create_article_type_id"] == 1
        for article in ask(200, "GET", f"/api/v1/ticket_articles/by_ticket/{ticket['id']}")
        if article["type"] == "email"
    ][:3]
