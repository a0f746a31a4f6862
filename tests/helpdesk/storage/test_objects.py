"""Objects under S3's rules, about which moto is more lenient."""

import json
from base64 import b64decode
from collections.abc import Iterator

import pytest

from helpdesk.errors import NotFound
from helpdesk.storage import objects
from tests.faults import How
from tests.world import World, world


@pytest.fixture
def here() -> Iterator[World]:
    made = world()
    with made.at(made.bare):
        yield made


def test_a_form_has_each_field_that_its_policy_names(here: World) -> None:
    # S3 answers 403 to a form that lacks one (Amazon S3 user guide, POST policy).
    _, fields = objects.form("uploads/x", 1000, 60)
    policy = json.loads(b64decode(fields["policy"]))
    named: set[str] = set()
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            named |= condition.keys()
        elif condition[0] != "content-length-range":
            named.add(condition[1].removeprefix("$"))
    assert named - {"bucket"} <= fields.keys()


def test_what_is_not_there_is_refused_where_the_bucket_may_not_be_listed(here: World) -> None:
    with (
        here.injector.fault(How.REFUSED, only="GetObject", code="AccessDenied"),
        pytest.raises(NotFound),
    ):
        objects.get("files/x")


@pytest.mark.parametrize("code", ["AccessDenied", "NoSuchKey"])
def test_a_move_that_is_repeated_finds_the_object_at_its_new_key(here: World, code: str) -> None:
    objects.put("raw/x", b"mail", "message/rfc822")
    with here.injector.fault(How.REFUSED, only="CopyObject", code=code):
        objects.move("incoming/x", "raw/x")
    assert objects.get("raw/x") == b"mail"
    with here.injector.fault(How.REFUSED, only="CopyObject", code=code), pytest.raises(NotFound):
        objects.move("incoming/y", "raw/y")
