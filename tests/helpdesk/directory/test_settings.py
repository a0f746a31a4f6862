"""Settings, refused paths and methods, and all kinds of malformed bodies."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.admin.rows import BODIES
from dialects.admin.settings import SettingsBody
from helpdesk.catalogue import cache
from helpdesk.model.settings import Settings
from tests.gateway import Cloud
from tests.world import written

PATH = "/api/admin/settings"


def test_settings_are_shown_whole_and_changed_in_part(desk: Cloud) -> None:
    before = desk.call("GET", PATH).body
    changed = desk.call(
        "PATCH", PATH, {"helpdesk_title": "Example", "ban_list": ["Spam@Example.com"]}
    )

    assert changed.status == 200
    assert before == json.loads(json.dumps(asdict(Settings())))
    assert changed.body == before | {"helpdesk_title": "Example", "ban_list": ["spam@example.com"]}
    assert desk.call("GET", PATH).body == changed.body
    assert cache.current().settings.ban_list == ("spam@example.com",)


def test_settings_can_be_written_back_as_they_are_shown(desk: Cloud) -> None:
    shown = desk.call("GET", PATH).body
    answer = desk.call("PATCH", PATH, shown)
    assert (answer.status, answer.body) == (200, shown)


def test_file_types_are_taken_as_they_are_written(desk: Cloud) -> None:
    sent = [".PDF", "txt ", "*.Md", "Image/PNG", "7z"]
    kept = desk.call("PATCH", PATH, {"file_types": sent}).body["file_types"]
    assert kept == ["pdf", "txt", "md", "image/png", "7z"]
    for wrong in ("", ".", "p df", "a/b/c", "image/"):
        answer = desk.call("PATCH", PATH, {"file_types": [wrong]})
        assert (answer.status, answer.field) == (422, "file_types")


def test_a_ban_list_takes_patterns(desk: Cloud) -> None:
    sent = ["*@Spam.example", "*@*.spam.example", "bulk-*@list.example"]
    kept = desk.call("PATCH", PATH, {"ban_list": sent}).body["ban_list"]
    assert kept == [entry.lower() for entry in sent]
    for wrong in ("*", "*@*", "*@*.*", "*spam.example", "*@sp am.example", "*@a@b.example"):
        answer = desk.call("PATCH", PATH, {"ban_list": [wrong]})
        assert (answer.status, answer.field) == (422, "ban_list")


BAN = "/api/admin/ban-list"


def test_addresses_come_on_the_ban_list_and_go(desk: Cloud) -> None:
    desk.call("PATCH", PATH, {"ban_list": ["old@x.example", "kept@x.example"]})
    sent = {
        "add": ["*@Spam.example", "kept@x.example", "*@spam.example"],
        "remove": ["OLD@x.example"],
    }
    answer = desk.call("PATCH", BAN, sent)
    now = ["kept@x.example", "*@spam.example"]
    assert (answer.status, answer.body) == (
        200,
        {"ban_list": now, "added": ["*@spam.example"], "removed": ["old@x.example"]},
    )
    assert desk.call("GET", PATH).body["ban_list"] == now
    stored = written()
    again = desk.call("PATCH", BAN, sent)
    assert again.body == {"ban_list": now, "added": [], "removed": []}
    assert desk.call("PATCH", BAN, {}).body == again.body
    assert written() == stored


def test_a_bad_entry_among_many_is_named_and_adds_none(desk: Cloud) -> None:
    before = desk.call("GET", PATH).body["ban_list"]
    for sent, said in (
        ({"add": ["a@x.example", "no address"]}, "add.1 must be an e-mail address"),
        ({"add": ["*@*"]}, "add.0 must be an e-mail address or a pattern such as *@spam.example"),
        ({"add": [f"a{n}@x.example" for n in range(1000)]}, "add must leave at most 1000 of them"),
        ({"remove": "a@x.example"}, "remove must be a valid array"),
        ({"addresses": []}, "addresses is not a known field"),
    ):
        answer = desk.call("PATCH", BAN, sent)
        assert (answer.status, answer.field) == (422, next(iter(sent)))
        assert answer.body["error"]["message"] == said
    assert desk.call("GET", PATH).body["ban_list"] == before


def test_the_ban_list_is_for_keys_that_change_the_desk(desk: Cloud) -> None:
    low = desk.key(permissions=["can_manage_directory", "can_manage_keys"])["key"]
    bound = desk.key(permissions=["can_manage_desk"], departments=[1])["key"]
    for key in (low, bound):
        assert desk.call("PATCH", BAN, {"add": ["a@x.example"]}, key=key).status == 403


def test_lengths_are_told_in_characters(desk: Cloud) -> None:
    for title, words in (("", "must not be empty"), ("x" * 129, "at most 128 characters")):
        answer = desk.call("PATCH", PATH, {"helpdesk_title": title})
        assert words in answer.body["error"]["message"]


def test_every_setting_can_be_set() -> None:
    assert SettingsBody.model_fields.keys() == asdict(Settings()).keys()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("default_dept_id", 99),
        ("default_ticket_status_id", 99),
        ("default_ticket_status_id", 3),
        ("default_priority_id", 0),
        ("default_priority_id", 99),
        ("default_help_topic", 99),
        ("default_sla_id", 99),
        ("default_schedule_id", 99),
        ("default_timezone", "Mars/Base"),
        ("ticket_number_format", ""),
        ("ticket_number_format", "TKT-"),
        ("ticket_number_format", "a/b-###"),
        ("ticket_sequence", "magic"),
        ("max_open_tickets", -1),
        ("max_files", 61),
        ("max_file_size", "10MB"),
        ("helpdesk_title", ""),
        ("helpdesk_title", "two\r\nBcc: lines"),
        ("ban_list", ["no address"]),
        ("ban_list", "a@example.com"),
        ("allow_attachments", None),
        ("nonsense", 1),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(desk: Cloud, field: str, value: object) -> None:
    before = written()
    answer = desk.call("PATCH", PATH, {"helpdesk_title": "fine", field: value})
    assert (answer.status, answer.code, answer.field) == (422, "invalid", field)
    assert written() == before


@pytest.mark.parametrize(
    "values",
    [
        {"default_help_topic": 0, "default_sla_id": 0},
        {"default_help_topic": 2},
        {"ticket_number_format": "TKT-######"},
        {"default_timezone": "Europe/Berlin"},
    ],
)
def test_settings_that_are_fine(desk: Cloud, values: dict[str, Any]) -> None:
    answer = desk.call("PATCH", PATH, values)
    assert answer.status == 200
    assert answer.body.items() >= values.items()


def test_settings_need_their_permission_also_for_reading(desk: Cloud) -> None:
    low = desk.key(permissions=["can_manage_keys", "can_manage_directory"])["key"]
    for method in ("GET", "PATCH"):
        answer = desk.call(method, PATH, {}, key=low)
        assert (answer.status, answer.code) == (403, "forbidden")


def test_a_bound_key_does_not_change_the_desk(desk: Cloud) -> None:
    bound = desk.key(permissions=["can_manage_desk"], departments=[1])["key"]
    customers = desk.key(permissions=["can_manage_desk"], customer=desk.person())["key"]
    assert desk.call("GET", PATH, key=bound).status == 200
    assert desk.call("PATCH", PATH, {"helpdesk_title": "x"}, key=bound).status == 403
    assert desk.call("GET", PATH, key=customers).status == 403


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"name": "x"}),
        ("GET", "/1", None),
        ("PATCH", "/1", {}),
        ("DELETE", "/1", None),
        ("POST", "/1/rotate", {}),
    ],
)
def test_keys_need_their_permission(desk: Cloud, method: str, tail: str, body: object) -> None:
    low = desk.key(permissions=["can_manage_directory", "can_manage_desk"])["key"]
    answer = desk.call(method, f"/api/admin/keys{tail}", body, key=low)
    assert (answer.status, answer.code) == (403, "forbidden")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, Any]:
    """A kind, and a body that mostly has its fields, mostly with a wrong value."""
    kind = draw(st.sampled_from(sorted(BODIES)))
    names = st.sampled_from(sorted(BODIES[kind].model_fields)) | st.text(max_size=6)
    body = draw(st.dictionaries(names, VALUES, max_size=4))
    named = {"name": draw(st.text(max_size=9))} if draw(st.booleans()) else {}
    return kind, body | named


@given(asked=asked())
def test_no_body_of_a_row_is_a_fault_and_no_refusal_writes(
    desk: Cloud, asked: tuple[str, Any]
) -> None:
    kind, body = asked
    for method, path in (("POST", f"/api/admin/{kind}"), ("PATCH", f"/api/admin/{kind}/1")):
        before = written()
        answer = desk.call(method, path, raw=json.dumps(body))
        assert answer.status in {200, 201, 404, 409, 422}
        assert answer.status < 400 or written() == before


@given(body=st.dictionaries(st.sampled_from(sorted(SettingsBody.model_fields)), VALUES, max_size=3))
def test_no_body_of_the_settings_is_a_fault_and_no_refusal_writes(desk: Cloud, body: Any) -> None:
    before = written()
    answer = desk.call("PATCH", PATH, raw=json.dumps(body))
    assert answer.status in {200, 400, 409, 422}
    assert answer.status == 200 or written() == before
