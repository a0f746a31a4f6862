"""Wrong methods and unknown paths, which API Gateway refuses without calling a function.

Rules: docs/osticket.md, row D: 405 with the allowed methods, behind the authorizer like those, and
a public 404, both with the family's messages. The messages are in template.yaml.
"""

from __future__ import annotations

import json

import pytest

from local.cloud import LocalCloud
from tests.http.desk import Answer, Desk
from tests.http.endpoints import Endpoint, endpoints

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Those that callers know, in the order in which `Allow` names them."""

ORDER = {"/api/tickets-update.php/{ref}": "PATCH, PUT, OPTIONS"}
"""How a path names its methods where it is not in the order of `METHODS`."""

TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/xml",
    "message/rfc822",
    "multipart/form-data; boundary=x",
    "text/html",
    "text/plain",
    "TEXT/XML",
)
"""What clients of this desk may send."""

V1 = "/api/v1/tickets.php"

UNKNOWN = {
    "/": "OsticketApi",
    "/index.php": "OsticketApi",
    "/favicon.ico": "OsticketApi",
    "/api": "OsticketApi",
    "/api/tickets.JSON": "OsticketApi",
    "/api/ticket/123456.json": "OsticketApi",
    "/api/Tickets/1/2": "NotificApi",
    "/api/services/1/2": "NotificApi",
    "/api/v1/tickets.php/1": "OsticketApi",
    "/api/v1": "ZammadApi",
    "/api/v1/nowhere": "ZammadApi",
    "/api/v1/tickets/1/2/3": "ZammadApi",
    "/docs/a/b": "OsticketApi",
    "/api/admin": "AdminApi",
    "/api/admin/": "AdminApi",
    "/api/admin/a/b/c": "AdminApi",
    "/api/admin/keys/1/rotate/again": "AdminApi",
}
"""Paths of no route, and the API that their base path belongs to."""

OF_NOTIFIC = "The requested resource does not support http method '{}'."

NOT_FOUND: dict[str, object] = {
    "NotificApi": {
        "Message": "No HTTP resource was found that matches the request URI "
        "'https://127.0.0.1:PORTPATH'."
    },
    "OsticketApi": {"error": True, "message": "Endpoint not found"},
    "AdminApi": {"error": {"code": "not_found", "message": "This does not exist", "field": None}},
}


@pytest.fixture(scope="module")
def refusing(cloud: LocalCloud) -> list[Endpoint]:
    # To Zammad a wrong method is an unknown path: docs/zammad.md 4.
    return [asked for asked in endpoints(cloud) if asked.refuses and asked.family != "ZammadApi"]


def allow(asked: Endpoint) -> str:
    if asked.family == "NotificApi":
        # As ASP.NET names them (docs/notific.md 1).
        return ", ".join(m for m in METHODS if m in asked.allowed - {"HEAD", "OPTIONS"})
    return ORDER.get(asked.resource) or ", ".join(m for m in METHODS if m in asked.allowed)


def words(asked: Endpoint, method: str) -> tuple[str, object]:
    """Type and body of a 405: of the methods those that do something of their own."""
    if asked.family == "NotificApi":
        return "application/json", {"Message": OF_NOTIFIC.format(method)}
    allowed = allow(asked).replace(", HEAD", "").removesuffix(", OPTIONS")
    if asked.resource == V1:
        return "application/json", {"error": "Method not allowed"}
    if asked.family == "OsticketApi":
        said: object = {"error": True, "message": f"Method Not Allowed. Use {allowed}"}
    else:
        message = f"This path takes {allowed}"
        said = {"error": {"code": "method_not_allowed", "message": message, "field": None}}
    return "application/json; charset=UTF-8", said


def is_405(answer: Answer, asked: Endpoint, method: str = "") -> bool:
    method = method or asked.method
    heads = answer.status == 405 and answer.headers["allow"] == allow(asked)
    return heads and (method == "HEAD" or (answer.type, answer.json) == words(asked, method))


def test_every_wrong_method_of_every_path_is_told_the_right_ones(
    desk: Desk, refusing: list[Endpoint]
) -> None:
    before = desk.stored()
    wrong = {
        (method, asked.resource): answer
        for asked in refusing
        for method in METHODS
        if method not in asked.allowed
        for answer in [desk.call(method, asked.path(), raw=b"{")]
        if not is_405(answer, asked, method)
    }
    assert not wrong
    assert desk.stored() == before


@pytest.mark.exhaustive
@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\x00", b"a" * 100_000], ids=len)
@pytest.mark.parametrize("media_type", TYPES)
def test_whatever_body_a_wrong_method_brings(
    desk: Desk, refusing: list[Endpoint], media_type: str, body: bytes
) -> None:
    headers = {"Content-Type": media_type}
    wrong = [
        asked.name
        for asked in refusing
        if not is_405(desk.call(asked.method, asked.path(), raw=body, headers=headers), asked)
    ]
    assert not wrong


def test_a_body_of_an_unheard_of_type_is_405_in_the_words_of_the_family(
    desk: Desk, refusing: list[Endpoint]
) -> None:
    said = {
        "OsticketApi": {"error": True, "message": "Method Not Allowed"},
        "AdminApi": {
            "error": {
                "code": "method_not_allowed",
                "message": "This path takes other methods",
                "field": None,
            }
        },
    }
    for asked in refusing:
        headers = {"Content-Type": "image/x-unheard-of"}
        answer = desk.call(asked.method, asked.path(), raw=b"?", headers=headers)
        of_notific = {"Message": OF_NOTIFIC.format(asked.method)}
        wanted = said.get(asked.family, of_notific)
        assert (answer.status, answer.json) == (405, wanted), asked.name


@pytest.mark.parametrize("key", ["", None, "no key of this desk"], ids=["good", "none", "bad"])
@pytest.mark.parametrize("path", UNKNOWN)
def test_an_unknown_path_is_404_for_everybody(desk: Desk, path: str, key: str | None) -> None:
    for method in METHODS:
        answer = desk.call(method, path, raw=b"<", key=key, headers={"Content-Type": "text/odd"})
        zammad = UNKNOWN[path] == "ZammadApi"
        kind = "application/json; charset=utf-8" if zammad else "application/json"
        assert (answer.status, answer.type) == (404, kind)
        if method != "HEAD":
            words = f"No route matches [{method}] {path}"
            said = {"error": words, "error_human": words} if zammad else NOT_FOUND[UNKNOWN[path]]
            assert json.loads(answer.text.replace(str(desk.cloud.port), "PORT")) == (
                json.loads(json.dumps(said).replace("PATH", path))
            )
