"""Every example in the three documents, sent as printed, with curl, to a desk that has the entities
it names; the response is compared with the printed one.

tests/http/seeds/ has the examples byte for byte: `.sh` is a command, `.http` a request line with
its headers, the rest are bodies and responses. REPLACED lists all replacements in them, ADDED all
additional contents of the responses.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring

from helpdesk.catalogue import cache
from helpdesk.model.actor import SYSTEM
from helpdesk.model.entries import Body, EntryKind, NewEntry
from helpdesk.tickets import threads
from local.cloud import LocalCloud
from local.snapshot import Snapshot
from local.testing import KEY
from tests.http.contract import case_of, endpoint_of
from tests.http.desk import Desk, ticket

SEEDS = Path(__file__).parent / "seeds"

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 45_312
"""A picture of the printed size."""

REPLACED = (
    # What is printed, the name of what stands for it, and why.
    ("https://osticket.local", "url", "the host"),
    ("YOUR_API_KEY", "key", "the key"),
    ("your_api_key", "key", "the key"),
    ("781258", "number", "a ticket's number"),
    ("781200", "parent", "a ticket's number"),
    ("181752", "parent", "a ticket's number"),
    ("781259", "child", "a ticket's number"),
    ("/123.json", "/id.json", "a ticket's id"),
    ("id=123", "id=", "a ticket's id"),
    ("/29.json", "/file.json", "a file's id"),
    ("{number}.{format}", "number.format", "the names of a path's parts"),
    ("2025-11-30", "a date to come", "a date that has passed"),
    ("/path/to/", "files", "where files lie"),
    ("iVBORw0KGgo...", "base64", "`...` in data"),
    ("JVBERi0xLjQ...", "base64", "`...` in data"),
    ('{"image.png": "..."},', "a picture", "`...` in data, and a comma that JSON forbids"),
)

ADDED = {
    "fields": "docs/osticket.md, row P: custom fields can be read",
    "pagination": "docs/osticket.md, row 14: v1 sends it",
}
"""What an answer has and the printed one has not."""

MORE_ROWS = {
    "statuses.json": "docs/osticket.md, row 39: all five stock states, of which two are printed"
}
"""Printed lists of which the answer has more."""

_VARYING = re.compile(r"id|.*_id|.*Id|number|created|updated|timestamp|due[dD]ate|closed|children")
_COUNTS = re.compile(r"total|open|closed|overdue")

JSON, HTML, PLAIN = (
    f"{kind}; charset=UTF-8" for kind in ("application/json", "text/html", "text/plain")
)
XML, V1 = "application/xml; charset=UTF-8", "application/json"

Names = dict[str, str]
Agents = dict[str, int]
Scene = Callable[[Desk, Agents], Names]


# --- what the examples speak of -------------------------------------------------------------


def furnish(desk: Desk) -> Agents:
    """Makes the rows of the catalogue that the documents name; gives the ids of their agents."""
    for name in ("Billing", "Development", "IT Support"):
        desk.make_row("departments", name=name)
    for name in ("Standard SLA", "Premium Support"):
        desk.make_row("slas", name=name, hours=48)
    agents = {
        name: desk.make_row("agents", name=name, username=user, email=f"{mailbox}@example.com")
        for name, user, mailbox in (
            ("Jane Smith", "jane.smith", "jane.smith"),
            ("John Smith", "john.smith", "john.smith"),
            ("John Doe", "john.doe", "john.doe"),
            ("Admin", "root", "root"),
            ("Admin User", "admin.user", "admin"),
        )
    }
    team = desk.make_row("teams", name="Level 1 Support")
    routed = {"agent": agents["Jane Smith"], "team": team}
    desk.make_row("topics", name="Technical Support", **routed)
    return agents


def login_issue(desk: Desk, agents: Agents) -> Names:
    """The ticket that most of seed 002 is about, with its thread."""
    number = desk.open(
        name="John Doe",
        email="john@example.com",
        subject="Login Issue",
        message="I cannot access my account",
        topicId="Technical Support",
        departmentId="IT Support",
        ip="192.168.1.100",
        duedate="2031-11-15 10:30:00",
        attachments=[picture()],
    )
    desk.call("PATCH", f"/api/tickets-update.php/{number}.json", {"slaId": "Standard SLA"})
    shown = desk.show(number)
    answered(shown["id"], "response", "Please try resetting your password", "Jane Smith", agents)
    answered(shown["id"], "note", "User has multiple failed login attempts", "Admin", agents)
    file = shown["thread"][0]["attachments"][0]["file_id"]
    return {"number": number, "id": str(shown["id"]), "file": str(file)}


def picture(name: str = "screenshot.png", data: bytes = PNG) -> dict[str, Any]:
    return {"name": name, "data": base64(data), "encoding": "base64", "type": ""}


def base64(data: bytes) -> str:
    return b64encode(data).decode()


def answered(number: int, kind: EntryKind, words: str, who: str, agents: Agents) -> None:
    """What an agent writes: no API of this family does that."""
    add = threads.add_note if kind == "note" else threads.add_response
    add(SYSTEM, number, NewEntry(Body(words), agent=agents[who], poster=who))


def with_children(desk: Desk, agents: Agents) -> Names:
    names = login_issue(desk, agents)
    for _ in range(2):
        desk.open(parentTicketNumber=names["number"])
    return names


def with_two_files(desk: Desk, agents: Agents) -> Names:
    files = [picture(), picture("error-log.txt", b"x" * 1024)]
    return {"number": desk.open(attachments=files)}


def many(desk: Desk, agents: Agents) -> Names:
    login_issue(desk, agents)
    for _ in range(20):
        desk.open(
            topicId="Technical Support", departmentId="IT Support", alert=False, autorespond=False
        )
    return {}


def payment(desk: Desk, agents: Agents) -> Names:
    login_issue(desk, agents)
    desk.open(
        subject="Bug Report: Payment Failed", departmentId="Support", topicId="Technical Support"
    )
    return {}


def counted(desk: Desk, agents: Agents) -> Names:
    """Tickets in the two printed departments, one of them with the printed agent."""
    desk.open(departmentId="Billing")
    number = desk.open(departmentId="Support")
    assigned = {"staffId": agents["John Smith"]}
    desk.call("PATCH", f"/api/tickets-update.php/{number}.json", assigned)
    return {}


def two(desk: Desk, agents: Agents) -> Names:
    """Two tickets that are not linked."""
    parent = desk.open(subject="Parent Ticket")
    return {"parent": parent, "child": desk.open(subject="Child Ticket")}


def linked(desk: Desk, agents: Agents) -> Names:
    names = two(desk, agents)
    path = f"/api/tickets-subtickets-create.php/{names['parent']}.json"
    assert desk.call("POST", path, {"childId": names["child"]}).status == 200
    return names | {"number": names["child"]}


def a_parent_of_two(desk: Desk, agents: Agents) -> Names:
    number = desk.open(subject="Parent Ticket")
    desk.open(subject="Child Ticket 1", parentTicketNumber=number)
    second = desk.open(subject="Child Ticket 2", parentTicketNumber=number)
    closed = desk.call("PATCH", f"/api/tickets-update.php/{second}.json", {"statusId": "Closed"})
    assert closed.status == 200
    return {"number": number}


def a_parent(desk: Desk, agents: Agents) -> Names:
    return {"parent": desk.open()}


def of_v1(desk: Desk, agents: Agents) -> Names:
    """The ticket of seed 001."""
    number = desk.open(
        name="John Doe",
        email="user@example.com",
        subject="Advanced API Ticket",
        message="This ticket includes all optional fields",
        topicId=1,
        departmentId=2,
    )
    shown = desk.show(number)
    answered(shown["id"], "response", "fdfsd", "Admin User", agents)
    return {"id": str(shown["id"])}


def nothing(_: Desk, agents: Agents) -> Names:
    return {}


# --- the examples ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """A printed request, the desk it is sent to, and what is printed as its answer: a file of
    seeds/, or words. With `shape` it is the answer of another request to the same endpoint, whose
    keys and types hold and whose values do not. `fragment` is a part of a body.
    """

    request: str
    scene: Scene
    status: int
    type: str
    answer: str
    body: str = ""
    shape: bool = False
    fragment: bool = False


GET, SEARCH, NUMBER = "002/get.json", "002/search.json", "002/number.txt"
EXAMPLES = (
    Example("000/create-xml.http", nothing, 201, HTML, "000/created.txt", "000/create.xml"),
    Example("000/create-json.http", nothing, 201, HTML, "000/created.txt", "000/create.json"),
    Example("000/create-email.http", nothing, 201, HTML, "000/created.txt", "000/create.eml"),
    Example("001/list.http", of_v1, 200, V1, "001/list.json"),
    Example(
        "001/create.http",
        nothing,
        201,
        V1,
        '{"message": "Ticket created", "id": 19, "number": "493155"}',
        "001/create-body.json",
    ),
    Example(
        "001/update.http", of_v1, 200, V1, '{"message": "Ticket updated"}', "001/update-body.json"
    ),
    Example("001/delete.http", of_v1, 200, V1, '{"message": "Ticket deleted"}'),
    Example("002/create.sh", nothing, 201, HTML, NUMBER),
    Example("002/create-markdown.sh", nothing, 201, HTML, NUMBER),
    Example("002/create-subticket.sh", a_parent, 201, HTML, NUMBER),
    Example("002/create-file.sh", nothing, 201, HTML, NUMBER),
    Example(
        "000/create-json.http", nothing, 201, HTML, NUMBER, "002/attachments.json", fragment=True
    ),
    Example("002/get-number.sh", with_children, 200, JSON, GET),
    Example("002/get-id.sh", with_children, 200, JSON, GET),
    Example("002/get-xml.sh", with_children, 200, XML, GET),
    Example("002/update-status.sh", login_issue, 200, PLAIN, NUMBER),
    Example("002/update-agent.sh", login_issue, 200, PLAIN, NUMBER),
    Example("002/update-file.sh", login_issue, 200, PLAIN, NUMBER),
    Example("002/search.sh", login_issue, 200, JSON, SEARCH),
    Example("002/search-status.sh", login_issue, 200, JSON, SEARCH),
    Example("002/search-filters.sh", payment, 200, JSON, SEARCH, shape=True),
    Example("002/search-page.sh", many, 200, JSON, SEARCH, shape=True),
    Example("002/delete.sh", login_issue, 200, PLAIN, NUMBER),
    Example("002/stats.http", counted, 200, JSON, "002/stats.json"),
    Example("002/statuses.http", nothing, 200, JSON, "002/statuses.json"),
    Example("002/parent.http", linked, 200, JSON, "002/parent.json"),
    Example("002/children.http", a_parent_of_two, 200, JSON, "002/children.json"),
    Example("002/link.sh", two, 200, JSON, "002/link.json"),
    Example("002/link.sh", linked, 422, JSON, "002/linked-already.json"),
    Example("002/unlink.sh", linked, 200, JSON, "002/unlink.json"),
    Example("002/download.sh", login_issue, 200, JSON, "002/download.json"),
)

PIPES = ("002/download-decode.sh", "002/download-list.sh")
"""Commands whose output is that of other programs."""


@dataclass(frozen=True)
class Office:
    """A desk with the rows that all examples speak of, and how it was when it had just got them."""

    desk: Desk
    agents: Agents
    state: Snapshot


@pytest.fixture(scope="module")
def office(cloud: LocalCloud) -> Iterator[Office]:
    with Desk(cloud, KEY) as desk:
        agents = furnish(desk)
        cloud.drain(retry=True)
        yield Office(desk, agents, Snapshot())


@pytest.fixture
def desk(office: Office) -> Desk:
    """The desk, without what other examples have done."""
    office.desk.cloud.reset(office.state.restore)
    cache.forget()
    return office.desk


@dataclass(frozen=True)
class Shell:
    """Where the commands run, and what stands for what they print."""

    folder: Path
    names: Mapping[str, str]

    def read(self, file: str) -> str:
        text = (SEEDS / file).read_text(encoding="utf-8")
        for printed, name, _ in REPLACED:
            if printed in text:
                text = text.replace(printed, self.names[name])
        return text

    def run(self, command: str) -> tuple[bytes, int, str]:
        """What a command prints; status and content type of the answer that curl got."""
        # curl tells beside its output what the answer was, so that the command stays as printed.
        told = 'silent\nwrite-out = "%{stderr}%{http_code} %{content_type}"\n'
        (self.folder / ".curlrc").write_text(told, encoding="utf-8")
        path = os.pathsep.join([str(SEEDS), os.environ["PATH"]])
        ran = subprocess.run(  # noqa: S603 - the examples are ours
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=os.environ | {"CURL_HOME": str(self.folder), "PATH": path},
            capture_output=True,
            check=True,
            timeout=60,
        )
        status, _, kind = ran.stderr.decode().partition(" ")
        return ran.stdout, int(status), kind


@pytest.fixture
def shell(desk: Desk, tmp_path: Path) -> Callable[[Names], Shell]:
    (tmp_path / "screenshot.png").write_bytes(PNG)
    (tmp_path / "audit-report.pdf").write_bytes(b"%PDF-1.4\n")

    def made(names: Names) -> Shell:
        number, picture = names.get("number", ""), base64(PNG)
        usual = {
            "url": desk.cloud.url,
            "key": KEY,
            "files": f"{tmp_path}/",
            "a date to come": "2031-11-30",
            "base64": picture,
            "a picture": f'{{"image.png": "data:image/png;base64,{picture}"}}',
            "/id.json": f"/{names.get('id')}.json",
            "id=": f"id={names.get('id')}",
            "/file.json": f"/{names.get('file')}.json",
            "number.format": f"{number}.json",
        }
        return Shell(tmp_path, usual | names)

    return made


def command(example: Example, shell: Shell, desk: Desk) -> str:
    """The example's own command, or the one that sends what it prints as HTTP."""
    if example.request.endswith(".sh"):
        return shell.read(example.request)
    line, *headers = shell.read(example.request).splitlines()
    method, target = line.split()
    if not any(header.startswith("X-API-Key") for header in headers):
        headers.append(f"X-API-Key: {KEY}")
    parts = ["curl", "-X", method, desk.cloud.url + target]
    parts += [part for header in headers for part in ("-H", header)]
    if example.body:
        text = shell.read(example.body)
        if example.fragment:
            text = json.dumps({**ticket(), **json.loads(text)})
        (shell.folder / "body").write_text(text, encoding="utf-8")
        parts += ["--data-binary", "@body"]
    return " ".join(map(quote, parts))


def endpoint(request: str) -> str:
    """The endpoint that a printed request asks."""
    text = (SEEDS / request).read_text(encoding="utf-8")
    if request.endswith(".http"):
        return endpoint_of(text.splitlines()[0])
    method = re.search(r"-X (\w+)", text)
    path = re.search(r'"https://[^/]+(/[^"]+)"', text)
    return endpoint_of(f"{method[1] if method else 'GET'} {path[1] if path else ''}")


@pytest.mark.parametrize(
    "example",
    [case_of(endpoint(one.request), one) for one in EXAMPLES],
    ids=lambda one: f"{one.request} {one.scene.__name__}",
)
def test_a_printed_example(
    desk: Desk, office: Office, shell: Callable[[Names], Shell], example: Example
) -> None:
    ready = shell(example.scene(desk, office.agents))
    desk.cloud.drain(retry=True)
    said, status, kind = ready.run(command(example, ready, desk))
    assert (status, kind) == (example.status, example.type), said
    file = SEEDS / example.answer if example.answer[0] != "{" else None
    printed = file.read_text(encoding="utf-8") if file else example.answer
    text = said.decode()
    if kind in {HTML, PLAIN}:
        assert re.fullmatch(r"\d{6,}", text)
        assert re.search(r"^\d{6}$", printed, re.MULTILINE)
    elif kind == XML:
        assert list(differing_xml(json.loads(printed), fromstring(text), "")) == []
    else:
        rows = file is not None and file.name in MORE_ROWS
        found = differing(json.loads(printed), json.loads(text), "", Rules(example.shape, rows))
        assert list(found) == []


def test_a_printed_pipe_leaves_the_file(
    desk: Desk, office: Office, shell: Callable[[Names], Shell]
) -> None:
    ready = shell(login_issue(desk, office.agents))
    (ready.folder / "screenshot.png").unlink()
    _, status, kind = ready.run(ready.read("002/download-decode.sh"))
    assert (status, kind) == (200, JSON)
    assert (ready.folder / "screenshot.png").read_bytes() == PNG


def test_a_printed_pipe_lists_the_files(
    desk: Desk, office: Office, shell: Callable[[Names], Shell]
) -> None:
    ready = shell(with_two_files(desk, office.agents))
    said, status, _ = ready.run(ready.read("002/download-list.sh"))
    assert status == 200
    printed = (SEEDS / "002/download-list.txt").read_text(encoding="utf-8")
    rows = [json.loads(line.removeprefix("# ")) for line in printed.splitlines()]
    found = [json.loads(line) for line in said.decode().splitlines()]
    assert list(differing(rows, found, "", Rules())) == []


def test_every_example_is_replayed_and_every_replacement_needed() -> None:
    files = {str(file.relative_to(SEEDS)) for file in SEEDS.glob("*/*")}
    used = {name for one in EXAMPLES for name in (one.request, one.body, one.answer)} | {*PIPES}
    assert files - used == {"002/download-list.txt"}
    texts = [(SEEDS / file).read_text(encoding="utf-8") for file in files]
    assert [one for one, _, _ in REPLACED if not any(one in text for text in texts)] == []
    assert shutil.which("curl")


# --- how answers are held against the printed ones ------------------------------------------


@dataclass(frozen=True)
class Rules:
    """`shape`: values may differ; `more`: lists may have further rows."""

    shape: bool = False
    more: bool = False


def differing(printed: Any, found: Any, where: str, rules: Rules) -> Iterator[str]:
    """What is not as printed: keys, their order, kinds of values, and the values themselves where
    they are no ids, numbers and times.
    """
    key = where.rpartition(".")[2]
    if isinstance(printed, dict) and isinstance(found, dict):
        keys = [key for key in found if key not in ADDED or key in printed]
        if keys != list(printed):
            yield f"{where}: {keys} instead of {list(printed)}"
        for name in printed.keys() & found.keys():
            yield from differing(printed[name], found[name], f"{where}.{name}", rules)
    elif isinstance(printed, list) and isinstance(found, list):
        yield from _differing_rows(printed, found, where, rules)
    elif type(printed) is not type(found):
        if not rules.shape or None not in {printed, found}:
            yield f"{where}: {found!r} instead of {printed!r}"
    elif key == "content":
        if not b64decode(found).startswith(b64decode(printed[:11] + "=")):
            yield f"{where}: another file"
    elif not (rules.shape or varies(key, printed)) and printed != found:
        yield f"{where}: {found!r} instead of {printed!r}"


def _differing_rows(
    printed: list[Any], found: list[Any], where: str, rules: Rules
) -> Iterator[str]:
    if rules.more:
        found = [row for row in found if row["id"] in {row["id"] for row in printed}]
    if len(printed) != len(found):
        yield f"{where}: {len(found)} rows instead of {len(printed)}"
    for one, other in zip(printed, found, strict=False):
        yield from differing(one, other, where, rules)


def varies(key: str, value: object) -> bool:
    counts = isinstance(value, int) and _COUNTS.fullmatch(key)
    return bool(_VARYING.fullmatch(key) or counts)


def differing_xml(printed: Any, found: Any, where: str) -> Iterator[str]:
    """The same of XML, which knows elements and text only."""
    key = where.rpartition(".")[2]
    if isinstance(printed, dict):
        tags = [element.tag for element in found if element.tag not in ADDED]
        if tags != list(printed):
            yield f"{where}: {tags} instead of {list(printed)}"
        for name, value in printed.items():
            yield from differing_xml(value, found.find(name), f"{where}.{name}")
    elif isinstance(printed, list):
        if len(found.findall("item")) != len(printed):
            yield f"{where}: {len(found)} items instead of {len(printed)}"
        for value, item in zip(printed, found, strict=False):
            yield from differing_xml(value, item, where)
    else:
        text = {True: "1", False: None, None: None}.get(printed, str(printed))
        if (text is None) != (found.text is None) or (
            text != found.text and not varies(key, printed)
        ):
            yield f"{where}: {found.text!r} instead of {text!r}"
