"""Every property of every request of Notific, with values of every kind, in JSON and in XML: read,
or refused in words that name it; and what is refused changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import pytest

from dialects.notific import shapes
from dialects.notific.shapes import Shape
from helpdesk.catalogue import cache
from local.snapshot import Snapshot
from tests import world
from tests.dialects.notific.conftest import Desk
from tests.dialects.routed import Answer, api

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("timed")]

VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**30, 2**31, "", "x", " ", "\0\u202e\ufffe", "a\r\nb: c"),
    *("x" * 300, "é" * 70_000, [], [None], [1.5], [True], ["x"] * 300, [[]], [-1], [2**31]),
    *({}, {"int": 1}, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:01Z", "2001-02-30T00:00:00Z"),
    *("/Date(999999999999999999)/", "<b>&amp;", "=1+1", "true", "1e3", "०१"),
]

TEXTS = [value for value in VALUES if isinstance(value, str) and "\0" not in value]
"""What an element can hold."""


@dataclass(frozen=True)
class Form:
    """A request that is taken; its properties are replaced one after the other."""

    method: str
    path: str
    shape: Shape
    body: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


OPEN = {"Title": "T", "Description": "D"}
SOMEBODY = {"Name": "New", "Email": "new@x.example"}
FORMS = [
    Form("POST", "Tickets", shapes.TICKET, OPEN),
    Form("PUT", "Tickets/<ticket>", shapes.TICKET, {"Id": "<ticket>", "Description": "Other"}),
    Form("POST", "Customers", shapes.CUSTOMER, SOMEBODY),
    Form("PUT", "Customers/<customer>", shapes.CUSTOMER, {"Id": "<customer>", **SOMEBODY}),
    Form("POST", "Services", shapes.SERVICE, {"Name": "New"}),
    Form("PUT", "Services/<service>", shapes.SERVICE, {"Id": "<service>", "Name": "New"}),
    Form("POST", "Operators", shapes.OPERATOR, SOMEBODY),
    Form("PUT", "Operators/<operator>", shapes.OPERATOR, {"Id": "<operator>", **SOMEBODY}),
]


@dataclass
class Scene:
    """A desk with one of each, and how to go back to it."""

    desk: Desk
    has: dict[str, int]
    stored: list[dict[str, Any]]
    objects: list[str]
    state: Snapshot

    def filled(self, form: Form) -> tuple[str, dict[str, Any]]:
        """The path and the body of a form."""
        noun = form.path.partition("<")[2].strip(">")
        number = self.has.get(noun, 0)
        body = {name: number if name == "Id" else value for name, value in form.body.items()}
        return f"/api/{form.path.replace(f'<{noun}>', str(number))}", body

    def wrong(self, answer: Answer, *names: str) -> str:
        """What is wrong with an answer to a body whose named properties are odd; empty for nothing.
        What was taken is taken back.
        """
        if answer.status < 400:
            self.state.restore()
            cache.forget()
            return ""
        if answer.status not in {400, 413}:
            return "no refusal"
        if (stored(), world.objects()) != (self.stored, self.objects):
            self.state.restore()
            return "changed something"
        said = answer.text
        return (
            "" if answer.status == 413 or any(name in said for name in names) else "names nothing"
        )


def stored() -> list[dict[str, Any]]:
    return [item for item in world.written() if not item["pk"]["S"].startswith("K#")]


@pytest.fixture
def scene(desk: Desk) -> Scene:
    has = {
        "service": desk.make("Services", Name="VPN")["Id"],
        "customer": desk.make("Customers", Name="Ada", Email="ada@x.example")["Id"],
        "operator": desk.make("Operators", Name="Grace", Email="grace@x.example")["Id"],
        "ticket": desk.make("Tickets", **OPEN)["Id"],
    }
    return Scene(desk, has, stored(), world.objects(), Snapshot(world.REGION))


def test_every_endpoint_that_reads_a_body_has_a_form() -> None:
    found, _ = api("NotificApi")
    asked = {
        f"{method} {route.resource.lower()}"
        for route in found.routes
        for method, how in route.methods.items()
        if method in {"POST", "PUT"} and isinstance(how.integration, str)
    }
    known = {f"{form.method} /api/{form.path}".lower() for form in FORMS}
    known = {name.partition("<")[0] + "{id}" * ("<" in name) for name in known}
    assert {name.replace("put", "PUT").replace("post", "POST") for name in known} == {
        name for name in asked if "unsubscribe" not in name
    }


# --- values ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_any_value_is_read_or_refused_by_name(scene: Scene, form: Form) -> None:
    path, body = scene.filled(form)
    wrong: dict[str, Any] = {}
    for one in form.shape.properties:
        for value in VALUES:
            answer = scene.desk.call(form.method, path, {**body, one.name: value})
            if said := scene.wrong(answer, f"{form.shape.argument}.{one.name}"):
                wrong[f"{one.name} = {json.dumps(value)[:60]}"] = (said, answer.text[:200])
        for text in TEXTS:
            raw = _as_xml(form.shape, {**body, one.name: text})
            headers = {"Content-Type": "application/xml"}
            answer = scene.desk.call(form.method, path, raw=raw, headers=headers)
            names = (f"{form.shape.argument}.{one.name}", f">{form.shape.argument}<")
            if said := scene.wrong(answer, *names, f"<{form.shape.argument}>"):
                wrong[f"<{one.name}>{text[:60]!r}"] = (said, answer.text[:200])
    listed = "\n".join(f"{where}: {what}" for where, what in list(wrong.items())[:40])
    assert not wrong, f"{len(wrong)}\n{listed}"


def _as_xml(shape: Shape, body: dict[str, Any]) -> bytes:
    inner = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in body.items())
    return f"<{shape.name}>{inner}</{shape.name}>".encode()


# --- bodies ---------------------------------------------------------------------------------

JSON, XML = "application/json", "application/xml"


def broken(shape: Shape) -> Iterator[tuple[str, str, bytes]]:
    """Bodies that are none of a shape: a word for each, its media type, and the bytes."""
    name = shape.name
    whole = '{"Title":"T","Description":"D","Name":"N","Email":"n@x.example"}'
    inner = "<Title>T</Title><Description>D</Description><Name>N</Name><Email>n@x.example</Email>"
    for word, text in {
        "nothing": "",
        "blank": "  ",
        "null": "null",
        "a list": f"[{whole}]",
        "half": whole[:-1],
        "twice": whole * 2,
        "deep": '{"Title":' + "[" * 100_000,
        "deep and closed": '{"Title":' * 900 + "1" + "}" * 900,
        "NaN": '{"Id": NaN}',
        "half a pair": '{"Title": "\\ud800", "Description": "D", "Name": "\\ud800"}',
        "XML": f"<{name}>{inner}</{name}>",
    }.items():
        yield word, JSON, text.encode()
    for word, text in {
        "nothing": "",
        "JSON": whole,
        "half": f"<{name}>{inner}",
        "crossed": f"<{name}><Title></{name}></Title>",
        "another": f"<Thing>{inner}</Thing>",
        "a list": f"<ArrayOf{name}><{name}>{inner}</{name}></ArrayOf{name}>",
        "null": f'<{name} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true" />',
        "deep": f"<{name}>" + "<a>" * 100_000,
        "deep and closed": f"<{name}>{'<a>' * 5_000}{'</a>' * 5_000}{inner}</{name}>",
        "an entity": f'<!DOCTYPE a [<!ENTITY b "c">]><{name}>{inner}<Number>&b;</Number></{name}>',
        "a file": f'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><{name}>&b;</{name}>',
        "laughter": "<!DOCTYPE a [<!ENTITY b0 'ha'>"
        + "".join(f"<!ENTITY b{n + 1} '&b{n};&b{n};'>" for n in range(40))
        + f"]><{name}>&b40;</{name}>",
        "a parameter": f"<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://x.example/'>%b;]><{name} />",
        "unknown": f"<{name}>&nothing;{inner}</{name}>",
        "a control": f"<{name}><Title>\x01</Title>{inner}</{name}>",
        "its number": f"<{name}><Title>&#1;</Title>{inner}</{name}>",
        "1.1": f'<?xml version="9.9"?><{name}>{inner}</{name}',
    }.items():
        yield word, XML, text.encode()
    good = f"<{name}>{inner}</{name}>"
    yield "half of UTF-16", XML, b"\xff\xfe" + good.encode("utf-16-le")[:-1]
    yield "latin", XML, good.replace("N<", "\u00fc<").encode("latin-1")
    yield "no charset", XML, f'<?xml version="1.0" encoding="nope"?>{good}'.encode()
    yield "latin", JSON, whole.replace("N", "\u00fc").encode("latin-1")
    yield "surrogates", JSON, b'{"Title": "\xed\xa0\x80"}'
    yield "UTF-32", JSON, whole.encode("utf-32")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_what_is_no_entity_is_refused_whole(scene: Scene, form: Form) -> None:
    path, _ = scene.filled(form)
    wrong: dict[str, Any] = {}
    for word, kind, raw in broken(form.shape):
        answer = scene.desk.call(form.method, path, raw=raw, headers={"Content-Type": kind})
        said = scene.wrong(answer, form.shape.argument)
        if said or answer.status < 400 or "passwd" in answer.text or "root:" in answer.text:
            wrong[f"{kind}, {word}"] = (said, answer.status, answer.text[:200])
    assert not wrong


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_other_media_types_are_refused(scene: Scene, form: Form) -> None:
    path, body = scene.filled(form)
    raw = json.dumps(body).encode()
    for kind in (
        "text/plain",
        "",
        "application/x-www-form-urlencoded",
        "image/png",
        "json",
        "\xff",
    ):
        answer = scene.desk.call(form.method, path, raw=raw, headers={"Content-Type": kind})
        assert answer.status == 415, (kind, answer.text)
        assert answer.json["Message"]
        assert (stored(), world.objects()) == (scene.stored, scene.objects)
    for coding, damaged, status in (("gzip", b"\x1f\x8b\x08" + raw, 400), ("nope", raw, 415)):
        headers = {"Content-Encoding": coding}
        answer = scene.desk.call(form.method, path, raw=damaged, headers=headers)
        assert answer.status == status, (coding, answer.text)
        assert (stored(), world.objects()) == (scene.stored, scene.objects)


PATHS = ("x", "1.5", "2147483648", "-2147483649", "9" * 400, "1e3", "0x10", "%00", "१", "1%2F2")


@pytest.mark.parametrize("plural", ["Tickets", "Customers", "Services", "Operators"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_ids_that_are_none_are_refused(scene: Scene, plural: str, method: str) -> None:
    for ref in (*PATHS, "0", "-1", "2147483647"):
        answer = scene.desk.call(method, f"/api/{plural}/{ref}", {"Id": 1, "Name": "N"})
        assert answer.status in {400, 404}, (ref, answer.text)
        assert (stored(), world.objects()) == (scene.stored, scene.objects)


@pytest.mark.parametrize("plural", ["Tickets", "Customers", "Services", "Operators"])
def test_parts_that_are_none_are_refused(scene: Scene, plural: str) -> None:
    for name in ("$top", "$skip", "%24TOP"):
        for value in ("x", "-1", "1.5", "", "9" * 30, "१", "%00"):
            answer = scene.desk.call("GET", f"/api/{plural}?{name}={value}&a=b")
            assert answer.status == 400, (name, value, answer.text)
    assert scene.desk.call("GET", f"/api/{plural}?$top=999999999&$skip=999999999").json == []
