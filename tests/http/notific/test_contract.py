"""The contract of every endpoint of the Notific family, over HTTP, in JSON and XML: its responses,
and each refusal with its message. The end of the run counts these cases.

The behaviour of tickets, customers, services, operators and mail is tested in the files beside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest

from dialects import answers
from dialects.notific import customers, tickets
from dialects.notific.refuse import TOO_LONG
from helpdesk.keys.permissions import PERMISSIONS
from tests.http.contract import case_of, guarded
from tests.http.desk import Desk
from tests.http.notific.client import TYPES, Notific, Told, Values

ENDPOINTS = guarded("notific")

PLURALS = ("Tickets", "Customers", "Services", "Operators")

DENIED = "Authorization has been denied for this request."
INVALID = "The request is invalid."
ERROR = "An error has occurred."
REQUIRED = "The {} field is required."
REQUIRED_OF = {
    "Tickets": ("Title", "Description"),
    "Customers": ("Name", "Email"),
    "Services": ("Name",),
    "Operators": ("Name", "Email"),
}
SAME_ID = "The Id must be the same as in the address."


def new(plural: str, word: str) -> Values:
    """The body of a new one."""
    if plural == "Tickets":
        return {"Title": word, "Description": "Down."}
    return {"Name": word, "Email": f"{word}@example.org"}


def needed(method: str, plural: str) -> str:
    """The permission that a method asks for."""
    if method in {"GET", "HEAD"}:
        return "can_read_tickets"
    verb = {"POST": "create", "PUT": "update", "DELETE": "delete"}[method]
    return f"can_{verb}_tickets" if plural == "Tickets" else "can_manage_directory"


# --- what goes well -------------------------------------------------------------------------

PATHS = [(plural, spelt) for plural in PLURALS for spelt in (plural, plural.lower())]

of_each_path = pytest.mark.parametrize(
    ("plural", "path"),
    [
        pytest.param(
            plural,
            path,
            id=path,
            marks=[
                pytest.mark.contract(f"{verb} /api/{path}{rest}")
                for verb, rest in (
                    ("GET", ""),
                    ("POST", ""),
                    ("GET", "/{id}"),
                    ("PUT", "/{id}"),
                    ("DELETE", "/{id}"),
                )
            ],
        )
        for plural, path in PATHS
    ],
)


@of_each_path
def test_the_five_calls_of_a_resource(
    notific: Notific, unique: str, plural: str, path: str
) -> None:
    told = notific.ask("POST", path, {**new(plural, unique), "Id": 7777, "Unknown": "x"})
    made, number = told.said, told.said["Id"]
    assert (told.status, number != 7777) == (201, True)
    # In one spelling, absolute, and without the key.
    place = told.answer.headers["location"]
    assert place.partition("://")[2] == f"127.0.0.1:{notific.desk.cloud.port}/api/{plural}/{number}"
    assert is_of(told, notific)

    for where in (f"{path}/{number}", f"{path}/{number}/"):
        told = notific.ask("GET", where)
        assert (told.status, told.said) == (200, made)
        assert is_of(told, notific)
        head = notific.ask("HEAD", where)
        assert (head.status, head.said, head.answer.type) == (200, None, told.answer.type)
    for where in (path, f"{path}/"):
        told = notific.ask("GET", where)
        assert told.status == 200
        assert made in told.said
        assert is_of(told, notific)

    told = notific.ask("PUT", f"{path}/{number}", made)
    assert (told.status, told.said) == (200, made)
    assert is_of(told, notific)
    told = notific.ask("DELETE", f"{path}/{number}")
    assert (told.status, told.said) == (200, made)
    assert is_of(told, notific)
    told = notific.ask("GET", f"{path}/{number}")
    assert told.said == {"Message": f"No {plural[:-1]} was found with id {number}."}


def is_of(told: Told, notific: Notific) -> bool:
    return told.answer.type == f"{TYPES[notific.format]}; charset=utf-8"


# --- what is refused ------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One request and its refusal. `<id>` in a path is what is there; `values` are the body, `raw`
    and `headers` stand for it and its type where they are given. `wrong` is ModelState.
    """

    method: str
    plural: str
    rest: str
    status: int
    message: str
    values: Values | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    raw: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def endpoint(self) -> str:
        """The route that is asked."""
        return f"{self.method} /api/{self.plural}{'/{id}' if self.rest.startswith('/') else ''}"


def refusals(plural: str) -> Iterator[Case]:
    name, argument = plural[:-1], plural[:-1].lower()
    for method in ("GET", "PUT", "DELETE"):
        body = {**new(plural, "nobody"), "Id": 999999} if method == "PUT" else None
        for bad in ("x", "1.5", "2147483648", "1e3"):
            yield Case(method, plural, f"/{bad}", 400, INVALID, body)
        for none in ("0", "-1", "999999"):
            gone = f"No {name} was found with id {none}."
            yield Case(method, plural, f"/{none}", 404, gone, body)
    for method, rest in (("POST", ""), ("PUT", "/<id>")):
        yield from _bodies(plural, method, rest)
        required = REQUIRED_OF[plural]
        wrong = {f"{argument}.{one}": REQUIRED.format(one) for one in required}
        blank: Values = {**dict.fromkeys(required, "  "), "Id": "<id>"}
        if (method, plural) != ("PUT", "Tickets"):
            yield Case(method, plural, rest, 400, INVALID, blank, wrong)
            yield Case(method, plural, rest, 400, INVALID, {"Id": "<id>"}, wrong)
    # First the Id, then the values, then whether there is such a thing.
    other = {f"{argument}.Id": SAME_ID}
    values = new(plural, "nobody")
    for body in (values, {**values, "Id": 999998}, {**values, "Id": None}, {"Id": 999998}):
        yield Case("PUT", plural, "/<id>", 400, INVALID, body, other)
        yield Case("PUT", plural, "/999999", 400, INVALID, body, other)
    if plural != "Tickets":
        blank = {"Id": 999999, **values, "Name": ""}
        wrong = {f"{argument}.Name": REQUIRED.format("Name")}
        yield Case("PUT", plural, "/999999", 400, INVALID, blank, wrong)
    for window in ("?$top=x", "?$skip=-1", "?$top=", "?$skip=1.5"):
        yield Case("GET", plural, window, 400, INVALID)


def _bodies(plural: str, method: str, rest: str) -> Iterator[Case]:
    """What cannot be read as a body at all, or not in one of its values."""
    argument = plural[:-1].lower()
    root = plural[:-1].encode()
    for json, xml in (
        (b"", b""),
        (b"null", b"<" + root + b' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
                  b' i:nil="true"/>'),
        (b'{"Name": ', b"<" + root + b"><Name>"),
        (b"[]", b"<Else/>"),
        (b'"x"', b"x"),
        (b"\xff{}", b"\xff<x/>"),
    ):  # fmt: skip
        raw = {"json": json, "xml": xml}
        yield Case(method, plural, rest, 400, INVALID, None, {argument: ERROR}, raw)
    values = {"Id": "no number"}
    yield Case(method, plural, rest, 400, INVALID, values, {f"{argument}.Id": ERROR})
    raw = dict.fromkeys(TYPES, b"Name=x")
    words = "The request entity's media type '{}' is not supported for this resource."
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/zip"):
        headers = {"Content-Type": f"{kind}; charset=utf-8"}
        yield Case(method, plural, rest, 415, words.format(kind), None, {}, raw, headers)
    nothing = (
        "The request contains an entity body but no Content-Type header. The inferred media type "
        "'application/octet-stream' is not supported for this resource."
    )
    yield Case(method, plural, rest, 415, nothing, None, {}, raw, {"Content-Type": ""})


CASES = [case for plural in PLURALS for case in refusals(plural)]


@pytest.fixture(scope="module")
def there(desk: Desk) -> dict[str, int]:
    """One of each."""
    return {
        plural: desk.call("POST", f"/api/{plural}", new(plural, "there")).json["Id"]
        for plural in PLURALS
    }


@pytest.mark.parametrize("case", [case_of(case.endpoint, case) for case in CASES])
def test_what_is_refused(notific: Notific, there: dict[str, int], case: Case) -> None:
    number = there[case.plural]
    values, options = case.values, dict[str, Any]()
    if values and values.get("Id") == "<id>":
        values = {**values, "Id": number}
    if case.raw:
        options = {"raw": case.raw[notific.format], "headers": case.headers}
    path = f"{case.plural}{case.rest}".replace("<id>", str(number))
    told = notific.ask(case.method, path, values, **options)
    state = {name: [text] for name, text in case.wrong.items()}
    wanted = {"Message": case.message, **({"ModelState": state} if state else {})}
    assert (told.status, told.said) == (case.status, wanted)
    assert is_of(told, notific)


def test_what_was_refused_has_changed_nothing(desk: Desk, there: dict[str, int]) -> None:
    for plural, number in there.items():
        shown = desk.call("GET", f"/api/{plural}/{number}").json
        given = {name: value for name, value in new(plural, "there").items() if name in shown}
        assert {name: shown[name] for name in given} == given
    assert len(desk.call("GET", "/api/Tickets").json) == 1


EVERY = [case_of(name, *name.replace("/api/", "").split(" ", 1)) for name in ENDPOINTS]


@pytest.fixture(scope="module")
def bad_keys(desk: Desk) -> dict[str, str]:
    """Keys that open nothing, by what is wrong with them."""
    return {
        "unknown": "d5XNMpburJBfJVJd",
        "empty": "",
        "disabled": desk.make_key(*PERMISSIONS, active=False)["key"],
        "expired": desk.make_key(*PERMISSIONS, expires="2020-01-01T00:00:00Z")["key"],
    }


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_without_a_good_key(
    notific: Notific, bad_keys: dict[str, str], method: str, path: str
) -> None:
    where = path.replace("{id}", "1")
    for query in ("", *(f"?key={key}" for key in bad_keys.values())):
        told = notific.ask(method, f"{where}{query}", key=None)
        assert (told.status, told.said) == (401, {"Message": DENIED})
        assert told.answer.type.startswith(TYPES[notific.format])


@pytest.fixture(scope="module")
def keys(desk: Desk) -> dict[str, tuple[str, str]]:
    """A key with each permission alone that is asked for, and one with all but this one."""
    asked = {
        needed(verb, plural) for plural in PLURALS for verb in ("GET", "POST", "PUT", "DELETE")
    }
    return {
        one: (
            desk.make_key(one)["key"],
            desk.make_key(*(other for other in PERMISSIONS if other != one))["key"],
        )
        for one in asked
    }


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_without_the_permission(
    notific: Notific, keys: dict[str, tuple[str, str]], method: str, path: str
) -> None:
    good, bad = keys[needed(method, path.partition("/")[0].capitalize())]
    where = path.replace("{id}", "999999")
    told = notific.ask(method, where, key=bad)
    assert (told.status, told.said) == (403, {"Message": DENIED})
    assert is_of(told, notific)
    assert notific.ask(method, where, key=good).status in {200, 400, 404}


# --- lists ----------------------------------------------------------------------------------


@pytest.mark.parametrize("plural", [case_of(f"GET /api/{plural}", plural) for plural in PLURALS])
def test_a_list_that_does_not_fit_is_refused_and_never_cut(notific: Notific, plural: str) -> None:
    with patch.object(answers, "LARGEST_ANSWER", 10):
        told = notific.ask("GET", plural)
        assert (told.status, told.said) == (400, {"Message": TOO_LONG})
    with patch.object(tickets, "MOST_LISTED", 0), patch.object(customers, "MOST_LISTED", 0):
        limited = plural in {"Tickets", "Customers"}
        assert notific.ask("GET", plural).status == (400 if limited else 200)
    assert "$top" in TOO_LONG
    assert "$skip" in TOO_LONG
    assert notific.ask("GET", plural).status == 200
