"""Smoke-tests a deployment: uses every API family of a desk, then cleans up.

    python -m tools.smoke --stack deskless          a deployed stack, by its outputs and its secret
    python -m tools.smoke --url http://localhost:8080 --key KEY          the desk of `make run`

Creates a key that expires within a day, opens a ticket with a file, reads it through every family,
replies to it by mail, searches, uploads, announces a service, deletes everything it created, and
revokes the key. Requesters have addresses of SES's mailbox simulator, so nobody gets the mail.
Prints a line for each step. If a step fails, it cleans up and exits with status 1.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import boto3

FAMILIES = ("Osticket", "Zammad", "Notific", "Admin")

PATIENCE = 120.0
"""Seconds until a change must be visible: in API Gateway's keys, the index, the authorizer."""

PERMISSIONS = (
    "can_create_tickets",
    "can_read_tickets",
    "can_search_tickets",
    "can_update_tickets",
    "can_delete_tickets",
    "can_read_stats",
    "can_manage_directory",
)


class Failed(Exception):
    """The response to a step was not as expected; the text says how."""


@dataclass(frozen=True)
class Answer:
    """The response to a call."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")


def call(
    method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Sends a request; a body that is not bytes is sent as JSON.

    Raises:
        Failed: the server cannot be reached.
    """
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json", **(headers or {})}
    request = Request(url, data, sent, method=method)  # noqa: S310 - the caller's own desk
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            return Answer(answer.status, answer.read())
    except HTTPError as refused:
        return Answer(refused.code, refused.read())
    except URLError as error:
        raise Failed(f"{method} {_shown(url)}: {error.reason}") from error


def _shown(url: str) -> str:
    # Notific's clients send the key in the query string.
    return url.partition("?")[0]


@dataclass
class Desk:
    """A desk's base URLs by family, and its keys."""

    urls: Mapping[str, str]
    admin_key: str
    key: str = ""
    left: list[tuple[str, Callable[[], Answer]]] = field(default_factory=list)
    """Cleanup to do at the end, last entry first: a name, and the call that deletes it."""

    def ask(
        self,
        family: str,
        method: str,
        path: str,
        body: object = None,
        *,
        admin: bool = False,
        want: int = 200,
        kind: str = "application/json",
    ) -> Answer:
        """Calls one family as its clients do.

        Raises:
            Failed: the status is not the expected one.
        """
        key = self.admin_key if admin else self.key
        url = self.urls[family] + path
        headers = {"Content-Type": kind}
        if family == "Zammad":
            headers["Authorization"] = f"Token token={key}"
        elif family == "Notific":
            url += f"{'&' if '?' in path else '?'}key={quote(key)}"
        else:
            headers["X-API-Key"] = key
        answer = call(method, url, body, headers)
        if answer.status != want:
            raise Failed(
                f"{method} {_shown(url)}: {answer.status}, not {want}: {answer.text[:300]}"
            )
        return answer

    def later(self, what: str, how: Callable[[], Answer]) -> None:
        """Registers something to delete at the end."""
        self.left.append((what, how))


def patiently(ask: Callable[[], Any], good: Callable[[Any], bool] = bool) -> Any:
    """Polls until the answer is good, for at most PATIENCE seconds.

    Raises:
        Failed: it never was.
    """
    until = time.monotonic() + PATIENCE
    while True:
        try:
            found = ask()
            if good(found):
                return found
            why = f"still {str(found)[:300]}"
        except Failed as failed:
            why = str(failed)
        if time.monotonic() > until:
            raise Failed(why)
        time.sleep(0.5)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Prints the step, and how long it took."""
    started = time.monotonic()
    yield
    print(f"ok    {what} ({time.monotonic() - started:.1f} s)", flush=True)


# --- the walk -------------------------------------------------------------------------------


def walk(desk: Desk) -> None:
    """Runs all steps, through the families that the desk serves.

    Raises:
        Failed: the response to one of them was not as expected.
    """
    mark = secrets.token_hex(6)
    who = f"success+{mark}@simulator.amazonses.com"
    for family in desk.urls:
        with step(f"{family}: health"):
            path = "/api/admin/health" if family == "Admin" else "/health"
            if call("GET", desk.urls[family] + path).status != 200:
                raise Failed(f"{family} does not answer GET {path}")
    with step("a key of its own"):
        key = _make_key(desk, mark)
    number, id_ = "", 0
    if "Osticket" in desk.urls:
        number, id_ = _osticket(desk, mark, who)
    if "Zammad" in desk.urls:
        _zammad(desk, mark, who, id_)
    if "Notific" in desk.urls:
        _notific(desk, mark, id_)
    if number:
        with step("osTicket: delete"):
            desk.ask("Osticket", "DELETE", f"/api/tickets-delete.php/{number}.json")
            desk.ask("Osticket", "GET", f"/api/tickets-get.php/{number}.json", want=404)
    with step("the key is rotated, and revoked"):
        old, desk.key = desk.key, _rotated(desk, key)
        ask = partial(desk.ask, "Admin", "GET", "/api/admin/me")
        patiently(ask)
        desk.key = old
        ask()
        desk.ask("Admin", "DELETE", f"/api/admin/keys/{key}", admin=True)
        patiently(partial(ask, want=401))


def _make_key(desk: Desk, mark: str) -> int:
    given = {
        "name": f"Smoke test {mark}",
        "permissions": list(PERMISSIONS),
        "expires": f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    made = desk.ask("Admin", "POST", "/api/admin/keys", given, admin=True, want=201).json
    desk.key = made["key"]
    desk.later(
        "the key",
        lambda: call(
            "DELETE",
            f"{desk.urls['Admin']}/api/admin/keys/{made['id']}",
            headers={"X-API-Key": desk.admin_key},
        ),
    )
    return int(made["id"])


def _rotated(desk: Desk, key: int) -> str:
    path = f"/api/admin/keys/{key}/rotate"
    made = desk.ask("Admin", "POST", path, {"overlap_hours": 1}, admin=True).json
    return str(made["key"])


def _osticket(desk: Desk, mark: str, who: str) -> tuple[str, int]:
    def ask(
        method: str, path: str, body: object = None, want: int = 200, kind: str = "application/json"
    ) -> Answer:
        return desk.ask("Osticket", method, path, body, want=want, kind=kind)

    with step("osTicket: upload"):
        # A new key takes a while to reach API Gateway.
        place = patiently(lambda: ask("POST", "/api/uploads", want=201)).json
        _send(place, mark.encode())
    with step("osTicket: create, with the file"):
        opened = {
            "name": "Smoke test",
            "email": who,
            "subject": f"Smoke test {mark}",
            "message": f"It smokes: {mark}.",
            "alert": False,
            "attachments": [{"smoke.txt": f"upload:{place['id']}"}],
        }
        number = ask("POST", "/api/tickets.json", opened, want=201).text.strip()
        desk.later(
            f"ticket {number}",
            lambda: call(
                "DELETE",
                f"{desk.urls['Osticket']}/api/tickets-delete.php/{number}.json",
                headers={"X-API-Key": desk.key},
            ),
        )
    with step("osTicket: read, and fetch the file"):
        shown = ask("GET", f"/api/tickets-get.php/{number}.json").json
        (file,) = shown["thread"][0]["attachments"]
        loaded = ask("GET", f"/api/tickets-attachment-download.php/{file['file_id']}.json").json
        if b64decode(loaded["content"]) != mark.encode():
            raise Failed("the file is not what was sent")
    with step("osTicket: a reply by mail"):
        mail = (
            f"From: Smoke test <{who}>\r\nTo: support@desk.invalid\r\n"
            f"Message-ID: <{mark}@smoke.invalid>\r\nSubject: Re: [#{number}]\r\n\r\n"
            f"It still smokes: {mark}.\r\n"
        )
        sent = ask("POST", "/api/tickets.email", mail.encode(), want=201, kind="message/rfc822")
        answered = sent.text.strip()
        if answered != number:
            raise Failed(f"the reply became ticket {answered}, not an entry of {number}")
    with step("osTicket: search, and v1"):
        found = f"/api/tickets-search.php?query={mark}"
        patiently(lambda: [one["number"] for one in ask("GET", found).json] == [number])
        listed = ask("GET", f"/api/v1/tickets.php?q={mark}").json["tickets"]
        if len(listed[0]["responses"]) != 2:
            raise Failed("v1 does not show both messages")
    with step("osTicket: change"):
        ask("PATCH", f"/api/tickets-update.php/{number}.json", {"priority": "High"})
    return number, int(shown["id"])


def _send(place: Mapping[str, Any], data: bytes) -> None:
    """Sends the form as a browser does (RFC 7578)."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in place["fields"].items()
    ]
    file = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'
    body = "".join([*parts, file]).encode() + data + f"\r\n--{boundary}--\r\n".encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = call("POST", place["url"], body, kind)
    if answer.status not in {200, 201, 204}:
        raise Failed(f"the upload: {answer.status}: {answer.text[:300]}")


def _zammad(desk: Desk, mark: str, who: str, id_: int) -> None:
    def ask(method: str, path: str, body: object = None, want: int = 200) -> Any:
        return desk.ask("Zammad", method, f"/api/v1{path}", body, want=want).json

    with step("Zammad: create, tag, search, delete"):
        given = {
            "title": f"Smoke test {mark}",
            "group_id": 1,
            "customer_id": f"guess:{who}",
            "article": {"body": "It smokes.", "type": "note", "internal": True},
        }
        made = patiently(lambda: ask("POST", "/tickets", given, want=201))["id"]
        desk.later(
            f"Zammad's ticket {made}",
            lambda: call(
                "DELETE",
                f"{desk.urls['Zammad']}/api/v1/tickets/{made}",
                headers={"Authorization": f"Token token={desk.key}"},
            ),
        )
        tag = {"object": "Ticket", "o_id": made, "item": mark}
        ask("POST", "/tags/add", tag, want=201)
        path = f"/tickets/search?query=tags:{mark}"
        patiently(lambda: [one["id"] for one in ask("GET", path)] == [made])
        ask("DELETE", f"/tickets/{made}")
    if id_:
        with step("Zammad: read the ticket that came through osTicket"):
            articles = ask("GET", f"/ticket_articles/by_ticket/{id_}")
            if len(articles) != 2:
                raise Failed(f"{len(articles)} articles, not the message and the reply")


def _notific(desk: Desk, mark: str, id_: int) -> None:
    def ask(method: str, path: str, body: object = None, want: int = 200) -> Any:
        return desk.ask("Notific", method, f"/api{path}", body, want=want).json

    def delete(path: str) -> Answer:
        return call("DELETE", f"{desk.urls['Notific']}/api{path}?key={quote(desk.key)}")

    with step("Notific: a service, a ticket, closed and deleted"):
        service = patiently(lambda: ask("POST", "/Services", {"Name": f"Smoke {mark}"}, want=201))
        desk.later("the service", lambda: delete(f"/Services/{service['Id']}"))
        given = {
            "Title": f"Smoke test {mark}",
            "Description": "It smokes.",
            "Services": [service["Id"]],
            "DoNotSendEmail": True,
        }
        made = ask("POST", "/Tickets", given, want=201)
        desk.later("Notific's ticket", lambda: delete(f"/Tickets/{made['Id']}"))
        closed = {**made, "ClosedTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        closed["DoNotSendEmail"] = True
        if not ask("PUT", f"/Tickets/{made['Id']}", closed)["ClosedTime"]:
            raise Failed("Notific's ticket did not close")
        ask("DELETE", f"/Tickets/{made['Id']}")
        ask("DELETE", f"/Services/{service['Id']}")
    if id_:
        with step("Notific: read the ticket that came through osTicket"):
            ask("GET", f"/Tickets/{id_}")


# --- from the command line ------------------------------------------------------------------


def clean_up(desk: Desk) -> None:
    """Deletes everything that is left; reports what could not be deleted."""
    for what, how in reversed(desk.left):
        try:
            status = how().status
        except Failed as failed:
            print(f"left  {what}: {failed}")
            continue
        if status >= 300 and status not in {401, 404}:
            print(f"left  {what}: {status}")


def of_stack(name: str) -> Desk:
    """The desk of a deployed stack, from its outputs, read with the caller's AWS credentials."""
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    urls = {
        family: outputs[f"{family}Url"].rstrip("/")
        for family in FAMILIES
        if f"{family}Url" in outputs
    }
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=outputs["FirstKeySecret"])
    return Desk(urls, secret["SecretString"])


def main(arguments: list[str] | None = None) -> int:
    """Runs the steps, cleans up, and returns the exit status."""
    parser = argparse.ArgumentParser(prog="make smoke", description=__doc__)
    parser.add_argument("--stack", help="name of a deployed stack")
    parser.add_argument("--url", default="http://localhost:8080", help="of all families")
    parser.add_argument("--key", default="", help="the admin key there")
    given = parser.parse_args(arguments)
    url = given.url.rstrip("/")
    desk = of_stack(given.stack) if given.stack else Desk(dict.fromkeys(FAMILIES, url), given.key)
    if "Admin" not in desk.urls:
        print("The admin API is off: a key for the test cannot be made.", file=sys.stderr)
        return 1
    try:
        walk(desk)
    except Failed as failed:
        print(f"FAIL  {failed}", file=sys.stderr)
        return 1
    finally:
        clean_up(desk)
    print("The desk is whole.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
