"""Whatever the OpenAPI document allows, and much that it does not, is answered as it says: no fault
of ours, and no status, content type or shape that it does not name.

`pytest --hypothesis-profile=thorough` asks for longer.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, SerializationContext, openapi, serializer
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.http.contract import DOCUMENT, ENDPOINTS, case_of
from tests.http.desk import Desk, ticket

pytestmark = pytest.mark.exhaustive

openapi.media_type("message/rfc822", st.text().map(str.encode) | st.binary())


@serializer("message/rfc822")
def as_it_is(_: SerializationContext, mail: object) -> bytes:
    return mail if isinstance(mail, bytes) else str(mail).encode(errors="replace")


_RESULTS = list(openapi.from_dict(DOCUMENT).get_all_operations())
_FOUND = [result.ok() for result in _RESULTS if isinstance(result, Ok)]
assert len(_FOUND) == len(_RESULTS)
# What is deleted would be missed by all that follow.
OPERATIONS: dict[str, APIOperation[Any, Any, Any, Any]] = {
    found.label: found for found in sorted(_FOUND, key=lambda found: found.method == "delete")
}

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

EXAMPLES = max(settings().max_examples // 4, 1)
"""Requests to each operation: of one profile more than of the other."""


@pytest.fixture(scope="module")
def there(desk: Desk) -> dict[str, Any]:
    """A ticket and its file, which some of the requests name."""
    number = desk.open(attachments=[{"a.txt": "data:,x"}])
    shown: dict[str, Any] = desk.show(number)
    return shown


def lead_somewhere(case: Case[Any], there: dict[str, Any]) -> None:
    """Lets a request name what is there; made at random, it hardly ever would."""
    if "ref" in case.path_parameters:
        file = there["thread"][0]["attachments"][0]["file_id"]
        named = file if "download" in case.path else there["number"]
        case.path_parameters["ref"] = f"{named}.json"
    if case.path.startswith("/api/v1/") and case.method != "POST":
        case.query["id"] = there["id"]
    if isinstance(case.body, dict) and "tickets." in case.path and case.method == "POST":
        case.body |= ticket()


@pytest.mark.filterwarnings(
    # schemathesis draws some numbers by `random`.
    "ignore::hypothesis.errors.HypothesisDeprecationWarning"
)
@pytest.mark.parametrize(
    "name", [case_of(name, name) if name in ENDPOINTS else name for name in OPERATIONS]
)
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
    @given(case=cases, hit=st.booleans())
    def ask(case: Case[Any], *, hit: bool) -> None:
        if hit:
            lead_somewhere(case, there)
        answer = case.call(base_url=desk.cloud.url, headers={"X-API-Key": desk.key})
        case.validate_response(answer, checks=CHECKS)

    ask()
