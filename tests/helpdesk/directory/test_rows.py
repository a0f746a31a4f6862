"""The catalogue and organizations through the admin API: each endpoint, each rule."""

from typing import Any

import pytest

from dialects.admin.rows import BODIES
from helpdesk.catalogue import cache, stock
from helpdesk.catalogue.mail_templates import VARIABLES
from helpdesk.storage import sequences, table, transact
from helpdesk.storage.attributes import unpack
from helpdesk.storage.keys import bucket_key, padded, person_key, ticket_key
from tests.gateway import Cloud
from tests.world import crowd, items, written

NEW: dict[str, dict[str, Any]] = {
    "departments": {"name": "Billing"},
    "topics": {"name": "Invoices"},
    "statuses": {"name": "Waiting", "state": "open"},
    "priorities": {"name": "Urgent", "tag": "urgent", "urgency": 0},
    "slas": {"name": "Gold", "hours": 4},
    "schedules": {"name": "Nights", "days": {"0": [1200, 1440], "6": [0, 360]}},
    "teams": {"name": "Level II"},
    "agents": {"name": "Ann", "email": "Ann@Example.com", "username": "ann"},
    "services": {"name": "Mail"},
    "fields": {"name": "serial", "label": "Serial number"},
    "organizations": {"name": "Example Corp"},
}
KINDS = sorted(NEW)
"""All kinds that rows can be added to; templates can only be rewritten."""


def new(desk: Cloud, kind: str, **values: Any) -> int:
    answer = desk.call("POST", f"/api/admin/{kind}", NEW[kind] | values)
    assert answer.status == 201, answer.body
    number: int = answer.body["id"]
    return number


def test_the_kinds_are_tested_here() -> None:
    assert {*KINDS, "templates"} == set(BODIES)


# --- each endpoint, for each kind -----------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_goes_in_comes_out_changes_and_goes(desk: Cloud, kind: str) -> None:
    made = desk.call("POST", f"/api/admin/{kind}", NEW[kind])
    path = f"/api/admin/{kind}/{made.body['id']}"

    assert made.status == 201
    wanted = NEW[kind] | ({"email": "ann@example.com"} if kind == "agents" else {})
    assert made.body.items() >= wanted.items()
    assert desk.call("GET", path).body == made.body
    assert made.body in desk.call("GET", f"/api/admin/{kind}").body["items"]

    changed = desk.call("PATCH", path, {"id": made.body["id"], "name": "other"})
    assert changed.status == 200
    moved = {"updated"} if kind == "organizations" else set()
    assert {n for n in made.body if changed.body[n] != made.body[n]} == {"name", *moved}
    assert desk.call("GET", path).body == changed.body

    gone = desk.call("DELETE", path)
    assert (gone.status, gone.body) == (200, {"id": made.body["id"], "deleted": True})
    assert desk.call("GET", path).status == 404
    assert desk.call("PATCH", path, {"name": "x"}).status == 404
    assert desk.call("DELETE", path).status == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_chosen_id_is_honoured_where_it_is_free_and_never_drawn_again(
    desk: Cloud, kind: str
) -> None:
    def named(name: str, **values: Any) -> dict[str, Any]:
        unique = {"tag": name} if kind == "priorities" else {}
        if kind == "agents":
            unique = {"email": f"{name}@example.com", "username": name}
        return NEW[kind] | {"name": name} | unique | values

    def post(body: dict[str, Any]) -> tuple[int, Any]:
        answer = desk.call("POST", f"/api/admin/{kind}", body)
        return answer.status, answer.body.get("id") or (answer.code, answer.field)

    assert post(named("a", id=700)) == (201, 700)
    assert post(named("b", id=700)) == (409, ("id_taken", "id"))
    assert post(named("c", id=600)) == (201, 600)
    assert post(named("d")) == (201, 701)
    assert desk.call("DELETE", f"/api/admin/{kind}/701").status == 200
    assert post(named("e")) == (201, 702)


@pytest.mark.parametrize("number", [0, -1, 10**9, 2**31, "7", 1.5, True])
def test_a_chosen_id_leaves_room_for_those_to_come(desk: Cloud, number: object) -> None:
    answer = desk.call("POST", "/api/admin/organizations", {"name": "x", "id": number})
    assert (answer.status, answer.field) == (422, "id")


@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_listed_in_pages(desk: Cloud, kind: str) -> None:
    new(desk, kind)
    whole = desk.call("GET", f"/api/admin/{kind}").body["items"]
    seen: list[dict[str, Any]] = []
    after: str | None = "0"
    while after is not None:
        page = desk.call("GET", f"/api/admin/{kind}", query={"limit": "1", "next": after}).body
        seen += page["items"]
        after = page["next"]
    assert seen == whole


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_post_is_one_row(desk: Cloud, kind: str) -> None:
    once = {"Idempotency-Key": "a"}
    first = desk.call("POST", f"/api/admin/{kind}", NEW[kind], headers=once)
    second = desk.call("POST", f"/api/admin/{kind}", NEW[kind], headers=once)
    other = desk.call("POST", f"/api/admin/{kind}", NEW[kind] | {"sort": 1}, headers=once)

    assert (first.status, second.status) == (201, 201)
    assert second.body == first.body
    assert other.status in {409, 422}


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_needs_a_name_and_takes_no_unknown_field(desk: Cloud, kind: str) -> None:
    before = written()
    body = {name: value for name, value in NEW[kind].items() if name != "name"}
    nameless = desk.call("POST", f"/api/admin/{kind}", body)
    unknown = desk.call("POST", f"/api/admin/{kind}", NEW[kind] | {"colour": "red"})
    wrong = desk.call("POST", f"/api/admin/{kind}", NEW[kind] | {"name": ["x"]})
    broken = desk.call("POST", f"/api/admin/{kind}", raw="{")

    assert (nameless.status, nameless.field) == (422, "name")
    assert (unknown.status, unknown.field) == (422, "colour")
    assert (wrong.status, wrong.field) == (422, "name")
    assert broken.status == 400
    assert written() == before


@pytest.mark.parametrize("kind", sorted(BODIES))
def test_the_directory_needs_its_permission_also_for_reading(desk: Cloud, kind: str) -> None:
    low = desk.key(permissions=["can_manage_keys", "can_manage_desk", "can_read_tickets"])["key"]
    for method, tail in (
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("PATCH", "/1"),
        ("DELETE", "/1"),
    ):
        answer = desk.call(method, f"/api/admin/{kind}{tail}", NEW.get(kind), key=low)
        assert (answer.status, answer.code) == (403, "forbidden")


@pytest.mark.parametrize("kind", KINDS)
def test_a_bound_key_changes_nothing_that_is_the_whole_desks(desk: Cloud, kind: str) -> None:
    number = new(desk, kind)
    bound = desk.key(permissions=["can_manage_directory"], departments=[1])["key"]
    customers = desk.key(permissions=["can_manage_directory"], customer=desk.person())["key"]
    path = f"/api/admin/{kind}"
    before = written()

    for key in (bound, customers):
        assert desk.call("POST", path, NEW[kind], key=key).status == 403
        assert desk.call("PATCH", f"{path}/{number}", {"name": "x"}, key=key).status == 403
        assert desk.call("DELETE", f"{path}/{number}", key=key).status == 403
    assert desk.call("GET", path, key=bound).status == 200
    assert desk.call("GET", path, key=customers).status == 403
    assert desk.call("GET", f"{path}/{number}", key=customers).status == 403
    assert [item for item in written() if item["pk"]["S"][0] in "CO"] == [
        item for item in before if item["pk"]["S"][0] in "CO"
    ]


@pytest.mark.parametrize("kind", ["nonsense", "setting", "Departments", "CAT", "%2e"])
def test_an_unknown_kind_is_404(desk: Cloud, kind: str) -> None:
    for method, tail in (
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("PATCH", "/1"),
        ("DELETE", "/1"),
    ):
        answer = desk.call(method, f"/api/admin/{kind}{tail}", {"name": "x"})
        assert (answer.status, answer.code) == (404, "not_found")


def test_a_row_keeps_its_id(desk: Cloud) -> None:
    answer = desk.call("PATCH", "/api/admin/teams/1", {"id": 2})
    assert (answer.status, answer.field) == (422, "id")


# --- what must hold for the whole -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "body", "code", "field"),
    [
        ("departments", {"name": " support "}, "name_taken", "name"),
        ("topics", {"name": "FEEDBACK"}, "name_taken", "name"),
        ("topics", {"name": "access issue", "parent": 10}, "name_taken", "name"),
        ("statuses", {"name": "open", "state": "closed"}, "name_taken", "name"),
        ("priorities", {"name": "X", "tag": "HIGH", "urgency": 1}, "tag_taken", "tag"),
        ("priorities", {"name": "High", "tag": "x", "urgency": 1}, "name_taken", "name"),
        ("slas", {"name": "default sla", "hours": 1}, "name_taken", "name"),
        ("teams", {"name": "level i support"}, "name_taken", "name"),
        ("fields", {"name": "subject", "label": "S"}, "name_taken", "name"),
    ],
)
def test_what_tells_rows_apart_is_unique(
    desk: Cloud, kind: str, body: dict[str, Any], code: str, field: str
) -> None:
    before = written()
    answer = desk.call("POST", f"/api/admin/{kind}", body)
    assert (answer.status, answer.code, answer.field) == (409, code, field)
    assert written() == before


def test_agents_differ_by_address_and_by_username(desk: Cloud) -> None:
    new(desk, "agents")
    same = desk.call("POST", "/api/admin/agents", NEW["agents"] | {"username": "b"})
    again = desk.call("POST", "/api/admin/agents", NEW["agents"] | {"email": "b@example.com"})
    assert (same.code, same.field) == ("email_taken", "email")
    assert (again.code, again.field) == ("username_taken", "username")


def test_departments_of_one_name_may_stand_below_different_parents(desk: Cloud) -> None:
    new(desk, "departments", name="Web", parent=1)
    new(desk, "departments", name="Web", parent=2)
    answer = desk.call("POST", "/api/admin/departments", {"name": "web", "parent": 2})
    assert answer.code == "name_taken"


def test_organizations_differ_by_name_also_at_once(desk: Cloud) -> None:
    with crowd(5) as pool:
        answers = list(
            pool.map(
                lambda name: desk.call("POST", "/api/admin/organizations", {"name": name}),
                ["Acme", "ACME", " acme", "acme ", "AcMe"],
            )
        )
    assert sorted(answer.status for answer in answers) == [201, 409, 409, 409, 409]

    other = new(desk, "organizations", name="Other")
    taken = desk.call("PATCH", f"/api/admin/organizations/{other}", {"name": "acme"})
    assert (taken.status, taken.code) == (409, "name_taken")
    # Its own name in another spelling is no other name, and a name given up is free again.
    assert desk.call("PATCH", f"/api/admin/organizations/{other}", {"name": "OTHER"}).status == 200
    assert desk.call("PATCH", f"/api/admin/organizations/{other}", {"name": "New"}).status == 200
    new(desk, "organizations", name="Other")


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("departments", {"parent": 99}, "parent"),
        ("departments", {"sla": 99}, "sla"),
        ("departments", {"schedule": 99}, "schedule"),
        ("departments", {"manager": 99}, "manager"),
        ("topics", {"department": 99}, "department"),
        ("topics", {"priority": 99}, "priority"),
        ("topics", {"status": 99}, "status"),
        ("topics", {"team": 99}, "team"),
        ("topics", {"agent": 99}, "agent"),
        ("slas", {"schedule": 99}, "schedule"),
        ("teams", {"members": [1, 99]}, "members"),
        ("teams", {"lead": 99}, "lead"),
        ("agents", {"department": 99}, "department"),
        ("agents", {"departments": [1, 99]}, "departments"),
    ],
)
def test_what_a_row_names_must_exist(
    desk: Cloud, kind: str, values: dict[str, Any], field: str
) -> None:
    before = written()
    answer = desk.call("POST", f"/api/admin/{kind}", NEW[kind] | values)
    assert (answer.status, answer.field) == (422, field)
    assert written() == before


def test_nothing_stands_below_itself(desk: Cloud) -> None:
    below = new(desk, "departments", parent=1)
    for number, parent in ((1, 1), (1, below)):
        answer = desk.call("PATCH", f"/api/admin/departments/{number}", {"parent": parent})
        assert (answer.status, answer.field) == (422, "parent")


@pytest.mark.parametrize(
    ("kind", "number", "said"),
    [
        ("departments", 1, "settings (default_dept_id)"),
        ("departments", 3, "topics 10 (Report a Problem)"),
        ("statuses", 1, "settings (default_ticket_status_id)"),
        ("priorities", 1, "topics 2 (Feedback)"),
        ("topics", 10, "topics 11 (Access Issue)"),
    ],
)
def test_a_refusal_says_what_uses_the_row(desk: Cloud, kind: str, number: int, said: str) -> None:
    answer = desk.call("DELETE", f"/api/admin/{kind}/{number}")
    assert answer.body["error"]["message"] == f"This is in use by {said}"


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [
        ("departments", 1, "in_use"),
        ("departments", 3, "in_use"),
        ("statuses", 1, "in_use"),
        ("priorities", 2, "in_use"),
        ("priorities", 1, "in_use"),
        ("topics", 10, "in_use"),
        ("slas", 1, "last_row"),
        ("schedules", 1, "last_row"),
        ("fields", 20, "built_in"),
        ("templates", 1, "built_in"),
    ],
)
def test_what_is_in_use_or_needed_stays(desk: Cloud, kind: str, number: int, code: str) -> None:
    before = written()
    answer = desk.call("DELETE", f"/api/admin/{kind}/{number}")
    assert (answer.status, answer.code) == (409, code)
    assert written() == before


def test_an_agent_or_department_of_a_key_stays(desk: Cloud) -> None:
    agent, department = new(desk, "agents"), new(desk, "departments")
    by_agent = desk.key(agent=agent)["id"]
    by_department = desk.key(departments=[department])["id"]
    paths = [f"/api/admin/agents/{agent}", f"/api/admin/departments/{department}"]

    assert [desk.call("DELETE", path).body["error"]["message"] for path in paths] == [
        f"This is in use by keys {key}" for key in (by_agent, by_department)
    ]
    assert [desk.call("DELETE", path).code for path in paths] == ["in_use", "in_use"]
    for number in (by_agent, by_department):
        desk.call("DELETE", f"/api/admin/keys/{number}")
    assert [desk.call("DELETE", path).status for path in paths] == [200, 200]


@pytest.mark.parametrize("kind", ["statuses", "departments", "topics"])
def test_a_row_of_tickets_stays(desk: Cloud, kind: str) -> None:
    number = new(desk, kind)
    place = {"statuses": 0, "departments": 1, "topics": 2}[kind]
    bucket = ["1", "1", "1"]
    bucket[place] = str(number)
    path = f"/api/admin/{kind}/{number}"
    transact.write(transact.put(bucket_key("#".join(bucket)), {"n": 1}, where="index"))

    assert desk.call("DELETE", path).code == "in_use"
    if kind == "statuses":
        assert desk.call("PATCH", path, {"state": "closed"}).code == "in_use"
        assert desk.call("PATCH", path, {"name": "renamed"}).status == 200
    transact.write(transact.put(bucket_key("#".join(bucket)), {"n": 0}, where="index"))
    assert desk.call("DELETE", path).status == 200


@pytest.mark.parametrize(("kind", "place"), [("agents", "p8"), ("organizations", "p7")])
def test_an_agent_or_organization_of_tickets_stays(desk: Cloud, kind: str, place: str) -> None:
    number = new(desk, kind)
    ticket = transact.put(ticket_key(1), {place: padded(number), "s1": padded(1)})
    transact.write(ticket)
    answer = desk.call("DELETE", f"/api/admin/{kind}/{number}")
    assert (answer.code, answer.body["error"]["message"]) == (
        "in_use",
        "This is in use by tickets",
    )


def test_a_template_with_an_unknown_variable_is_refused(desk: Cloud) -> None:
    path = "/api/admin/templates/1"
    for field in ("subject", "body"):
        for name in ("ticket.nmber", "Ticket.Number", ""):
            answer = desk.call("PATCH", path, {field: f"x %{{{name}}} y"})
            assert (answer.status, answer.field) == (422, field)
            assert f"%{{{name}}}" in answer.body["error"]["message"]
    body = " ".join(f"%{{{name}}}" for name in VARIABLES) + " 100 % {a} {b}"
    assert desk.call("PATCH", path, {"body": body}).status == 200


def test_every_desk_can_open_and_close(desk: Cloud) -> None:
    assert desk.call("DELETE", "/api/admin/statuses/2").status == 200
    assert desk.call("DELETE", "/api/admin/statuses/3").code == "last_of_state"
    assert (
        desk.call("PATCH", "/api/admin/statuses/3", {"state": "archived"}).code == "last_of_state"
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("departments/1", {"active": False}),
        ("statuses/1", {"state": "archived"}),
    ],
)
def test_the_default_of_new_tickets_stays_fit(desk: Cloud, path: str, body: dict[str, Any]) -> None:
    new(desk, "statuses")
    answer = desk.call("PATCH", f"/api/admin/{path}", body)
    assert (answer.status, answer.code) == (409, "default_row")


def test_what_the_desk_relies_on_may_be_reworded_but_not_renamed(desk: Cloud) -> None:
    assert desk.call("PATCH", "/api/admin/fields/20", {"label": "Topic"}).status == 200
    assert desk.call("PATCH", "/api/admin/fields/20", {"name": "title"}).code == "built_in"
    assert desk.call("PATCH", "/api/admin/fields/20", {"kind": "memo"}).code == "built_in"
    assert desk.call("PATCH", "/api/admin/templates/1", {"subject": "Hello"}).status == 200
    assert desk.call("PATCH", "/api/admin/templates/1", {"name": "x"}).code == "built_in"
    body = {"name": "new", "subject": "s", "body": "b"}
    assert desk.call("POST", "/api/admin/templates", body).code == "built_in"


# --- topics' fields, schedules, agents ------------------------------------------------------


def test_a_topic_has_custom_fields_of_its_own(desk: Cloud) -> None:
    fields = [
        {"name": "serial", "label": "Serial", "required": True, "pattern": "^[A-Z]+$"},
        {"name": "model", "label": "Model", "kind": "choice", "choices": {"a": "A"}, "id": 7},
    ]
    number = new(desk, "topics", fields=fields)
    shown = desk.call("GET", f"/api/admin/topics/{number}").body["fields"]

    assert [(field["id"], field["name"], field["form"]) for field in shown] == [
        (23, "serial", "topic"),
        (7, "model", "topic"),
    ]
    kept = cache.load().topics[number].fields
    assert kept[0].required
    assert kept[1].choices == {"a": "A"}


def test_no_two_fields_of_the_desk_share_an_id(desk: Cloud) -> None:
    def ids(topic: int) -> list[int]:
        shown = desk.call("GET", f"/api/admin/topics/{topic}").body["fields"]
        return [field["id"] for field in shown]

    one = new(desk, "topics", name="One", fields=[{"name": "a", "label": "A"}])
    two = new(desk, "topics", name="Two", fields=[{"name": "a", "label": "A"}])
    own = new(desk, "fields")
    assert (ids(one), ids(two), own) == ([23], [24], 25)

    # A field that is sent again without its id keeps it; a new one gets one of its own.
    sent = [{"name": "b", "label": "B"}, {"name": "a", "label": "Other"}]
    desk.call("PATCH", f"/api/admin/topics/{one}", {"fields": sent})
    assert ids(one) == [26, 23]
    for taken in (20, 24, 25):
        body = {"fields": [{"name": "c", "label": "C", "id": taken}]}
        answer = desk.call("PATCH", f"/api/admin/topics/{one}", body)
        assert (answer.status, answer.field) == (422, "fields")
    answer = desk.call("POST", "/api/admin/fields", NEW["fields"] | {"name": "d", "id": 23})
    assert answer.code == "id_taken"


@pytest.mark.parametrize(
    "fields",
    [
        [{"name": "a", "label": "A"}, {"name": "a", "label": "B"}],
        [{"name": "subject", "label": "S"}],
        [{"name": "a", "label": "A", "id": 90}, {"name": "b", "label": "B", "id": 90}],
        [{"name": "a", "label": "A", "id": 20}],
        [{"name": "a"}],
        [{"name": "a b", "label": "A"}],
        [{"name": "a", "label": "A", "pattern": "("}],
        [{"name": "a", "label": "A", "pattern": r"^(a)\1$"}],
        [{"name": "a", "label": "A", "pattern": "(?=a)"}],
        [{"name": "a", "label": "A", "kind": "magic"}],
        {"name": "a"},
    ],
)
def test_custom_fields_that_cannot_be_are_refused(desk: Cloud, fields: object) -> None:
    answer = desk.call("POST", "/api/admin/topics", NEW["topics"] | {"fields": fields})
    assert (answer.status, answer.field) == (422, "fields")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"days": {}}, "days"),
        ({"days": {"0": [600, 700]}}, "days"),
        ({"days": {"0": [1000, 600]}}, "days"),
        ({"days": {"7": [0, 1440]}}, "days"),
        ({"days": {"0": [0, 1441]}}, "days"),
        ({"holidays": ["02-30"]}, "holidays"),
        ({"holidays": ["13-01"]}, "holidays"),
        ({"holidays": ["01-7-1"]}, "holidays"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_hours_that_cannot_be_worked_are_refused(
    desk: Cloud, values: dict[str, Any], field: str
) -> None:
    answer = desk.call("POST", "/api/admin/schedules", NEW["schedules"] | values)
    assert (answer.status, answer.field) == (422, field)


def test_all_stock_rows_can_be_written_back_as_they_are_shown(desk: Cloud) -> None:
    for kind, rows in stock.ROWS.items():
        for row in rows[:4]:
            path = f"/api/admin/{kind}/{row.id}"
            shown = desk.call("GET", path).body
            body = {name: value for name, value in shown.items() if name != "form"}
            if kind == "templates":
                del body["id"]
            for field in body.get("fields", ()):
                del field["form"]
            answer = desk.call("PATCH", path, body)
            assert (answer.status, answer.body) == (200, shown), (kind, answer.body)


def test_agents_and_people_have_one_sequence(desk: Cloud) -> None:
    person = desk.person(800)
    taken = desk.call("POST", "/api/admin/agents", NEW["agents"] | {"id": person})
    agent = new(desk, "agents")

    assert (taken.status, taken.code) == (409, "id_taken")
    assert agent == 801
    assert (table.get(person_key(agent)) or {})["agent"] == agent
    assert sequences.allocate_ids(person=1) == {"person": 802}


# --- versions -------------------------------------------------------------------------------


def test_changes_at_once_all_hold_and_each_moves_the_version(desk: Cloud) -> None:
    before = cache.load().version
    bodies = [NEW["departments"] | {"name": f"d{number}"} for number in range(6)]
    with crowd(6) as pool:
        answers = list(
            pool.map(lambda body: desk.call("POST", "/api/admin/departments", body), bodies)
        )

    assert [answer.status for answer in answers] == [201] * 6
    assert len({answer.body["id"] for answer in answers}) == 6
    assert cache.load().version == before + 6


def test_every_change_is_in_the_audit_with_who_made_it(desk: Cloud) -> None:
    number = new(desk, "teams")
    desk.call("PATCH", f"/api/admin/teams/{number}", {"active": False})
    desk.call("DELETE", f"/api/admin/teams/{number}")
    found = sorted(
        (unpack(item) for item in items() if item["pk"]["S"].startswith("AUDIT#")),
        key=lambda event: event["sk"],
    )
    mine = [event for event in found if event["data"].get("kind") == "teams"]
    assert [event["kind"] for event in mine] == ["row_created", "row_changed", "row_deleted"]
    assert mine[1]["data"] == {"kind": "teams", "row": number, "fields": ["active"]}
    assert {event["by_key"] for event in mine} == {1}
