"""Requests that the OpenAPI documents allow, and many that they do not, get documented responses:
no 5xx, and no status, content type or schema that is not in the document.

`pytest --hypothesis-profile=thorough` sends more requests.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import (
    Case,
    DeserializationContext,
    GenerationMode,
    Response,
    SerializationContext,
    deserializer,
    openapi,
    serializer,
)
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dialects.notific.media import TYPES
from local.cloud import ROOT
from tests.http.contract import ENDPOINTS, case_of
from tests.http.desk import Desk, credentials, in_query, ticket
from tests.http.notific.client import of_xml

openapi.media_type("message/rfc822", st.text().map(str.encode) | st.binary())


@serializer("message/rfc822")
def as_it_is(_: SerializationContext, mail: object) -> bytes:
    return mail if isinstance(mail, bytes) else str(mail).encode(errors="replace")


@deserializer("application/xml", "text/xml")
def of_contracts(_: DeserializationContext, response: Response) -> object:
    """XML of Notific's API as what its schemas say; of other XML no schema says more than that it
    is there.
    """
    return of_xml(ET.fromstring(response.content))  # noqa: S314 - ours


_RESULTS = [
    result
    for document in sorted(ROOT.glob("functions/*/explore/openapi.json"))
    for result in openapi.from_dict(json.loads(document.read_text("utf-8"))).get_all_operations()
]
_FOUND = [result.ok() for result in _RESULTS if isinstance(result, Ok)]
assert len(_FOUND) == len(_RESULTS)
# What is deleted would be missed by all that follow.
OPERATIONS: dict[str, APIOperation[Any, Any, Any, Any]] = {
    found.label: found for found in sorted(_FOUND, key=lambda found: found.method == "delete")
}

pytestmark = pytest.mark.filterwarnings(
    # schemathesis draws some numbers by `random`.
    "ignore::hypothesis.errors.HypothesisDeprecationWarning"
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

EXAMPLES = max(settings().max_examples // 4, 1)
"""Requests to each operation: of one profile more than of the other."""


of_each = pytest.mark.parametrize(
    "name", [case_of(name, name) if name in ENDPOINTS else name for name in OPERATIONS]
)


@pytest.fixture(scope="module")
def there(desk: Desk) -> dict[str, Any]:
    """A ticket and its file, which some of the requests name, and a key of its customer."""
    number = desk.open(attachments=[{"a.txt": "data:,x"}])
    shown: dict[str, Any] = desk.show(number)
    notific = {
        "services": {"Name": "VPN"},
        "customers": {"Name": "Ada", "Email": "ada@example.org"},
        "operators": {"Name": "Grace", "Email": "grace@example.org"},
        "tickets": {"Title": "No VPN", "Description": "Down."},
    }
    made = {
        name: desk.call("POST", f"/api/{name}", new).json["Id"] for name, new in notific.items()
    }
    may = [f"can_{verb}_tickets" for verb in ("create", "read", "search", "update")]
    return {**shown, "key": desk.make_key(*may, customer=shown["userId"])["key"], "notific": made}


def spare(case: Case[Any]) -> None:
    """Keeps a request from taking away the key that all others are made with."""
    if case.path.startswith("/api/admin/keys/") and case.path_parameters["id"] == 1:
        case.path_parameters["id"] = 99999


def lead_somewhere(case: Case[Any], there: dict[str, Any]) -> None:
    """Lets a request name what is there; made at random, it hardly ever would."""
    if in_query(case.path):
        _lead_somewhere_in_notific(case, there)
        return
    if case.path.startswith("/api/admin/"):
        known = {"id": 1, "ref": there["number"]}
        case.path_parameters |= {n: known[n] for n in case.path_parameters if n in known}
        return
    if "X-API-Key" not in credentials(case.path, ""):
        _lead_somewhere_in_zammad(case, there)
        return
    if "ref" in case.path_parameters:
        file = there["thread"][0]["attachments"][0]["file_id"]
        named = file if "download" in case.path else there["number"]
        case.path_parameters["ref"] = f"{named}.json"
    if case.path.startswith("/api/v1/") and case.method != "POST":
        case.query["id"] = there["id"]
    if isinstance(case.body, dict) and "tickets." in case.path and case.method == "POST":
        case.body |= ticket()


def _lead_somewhere_in_notific(case: Case[Any], there: dict[str, Any]) -> None:
    """The path and the body name what is there, and the same; times are such as a desk keeps. What
    is null is left out, as schemathesis writes the word into XML.
    """
    made = there["notific"]
    plural = case.path.split("/")[2:3]
    for name in case.path_parameters:
        case.path_parameters[name] = made.get("".join(plural).lower(), 1)
    named = {
        "Id": case.path_parameters.get("id"),
        "Services": [made["services"]],
        "OperatorId": made["operators"],
        "CustomerId": made["customers"],
        "Email": f"{uuid4().hex}@example.org",
        "Name": uuid4().hex,
        **dict.fromkeys(("StartTime", "EndTime", "NextUpdateTime"), "2001-01-01T12:00:00Z"),
        **dict.fromkeys(("ClosedTime", "ExpectedResolutionTime"), "2001-01-01T13:00:00Z"),
        "ReopenedTime": None,
    }
    if isinstance(case.body, dict):
        given = {name: named.get(name, value) for name, value in case.body.items()}
        case.body = {name: value for name, value in given.items() if value is not None}


def _lead_somewhere_in_zammad(case: Case[Any], there: dict[str, Any]) -> None:
    """All that is made is under the number of the ticket; the customer and the first entry are its
    own.
    """
    ticket_id, entry = there["id"], there["thread"][0]
    ids = {"ticket": ticket_id, "article": entry["id"], "target": there["number"]}
    for name in case.path_parameters:
        case.path_parameters[name] = ids.get(name, ticket_id)
    if "/users/" in case.path:
        case.path_parameters |= dict.fromkeys(case.path_parameters, there["userId"])
    if "article" in case.path and "by_ticket" not in case.path:
        case.path_parameters |= dict.fromkeys(case.path_parameters, entry["id"])
    if "ticket_attachment" in case.path:
        file = entry["attachments"][0]["file_id"]
        case.path_parameters |= {"ticket": ticket_id, "article": entry["id"], "id": file}
    named = {
        **dict.fromkeys(("object", "link_object", "mentionable_type"), "Ticket"),
        **dict.fromkeys(("o_id", "link_object_value", "mentionable_id", "ticket_id"), ticket_id),
        "customer_id": there["userId"],
        "group_id": 1,
    }
    for part in (case.query, case.body):
        if isinstance(part, dict):
            part |= {name: value for name, value in named.items() if name in part}


@pytest.mark.exhaustive
@of_each
def test_answers_are_as_described(desk: Desk, there: dict[str, Any], name: str) -> None:
    operation = OPERATIONS[name]
    cases = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=cases,
        hit=st.booleans(),
        key=st.sampled_from((desk.key, there["key"])),
        accept=st.sampled_from(("*/*", *TYPES)),
    )
    def check(case: Case[Any], *, hit: bool, key: str, accept: str) -> None:
        if hit:
            lead_somewhere(case, there)
        spare(case)
        headers = credentials(case.path, key)
        if in_query(case.path):
            case.query["key"] = key
            headers = {"Accept": accept}
        answer = case.call(base_url=desk.cloud.url, headers=headers)
        case.validate_response(answer, checks=CHECKS)

    check()
