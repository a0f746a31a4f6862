"""The authorizer: which keys it admits, with which bounds, and how it refuses the others.

Rules: docs/keys.md; docs/osticket.md, rows 19 and 20. Everything here goes through gateway and
authorizer; rules for every endpoint are tested for every endpoint in the template.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from dialects import endpoint
from helpdesk import clock
from helpdesk.keys import authorize, usage_plan
from helpdesk.keys.permissions import PERMISSIONS
from local.aws.faults import Fault, How
from local.cloud import LocalCloud
from tests.http.desk import HOME, Answer, Desk, ticket
from tests.http.endpoints import NOWHERE, Endpoint, endpoints

OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.9"

NO_KEY = {
    "ZammadApi": (
        403,
        '{"error":"Authentication required","error_human":"Authentication required"}',
    )
}
"""What a family says to no key at all, where that is not what it says to a bad one."""

BAD_KEY = {
    "ZammadApi": (
        '{"error":"Can\'t find User for Token","error_human":"Can\'t find User for Token"}'
    ),
    "OsticketApi": '{"error":true,"message":"Valid API key required"}',
    "NotificApi": '{"Message":"Authorization has been denied for this request."}',
    "AdminApi": '{"error":{"code":"unauthorized","message":"Valid API key required","field":null}}',
}
"""What each family says to a key that opens nothing."""

OF_PERMISSION = {
    "can_delete_tickets": "API key not authorized to delete tickets",
    "can_manage_subtickets": "API key not authorized for subticket operations",
    "can_read_stats": "API key not authorized to read ticket statistics",
    "can_read_tickets": "API key not authorized to read tickets",
    "can_search_tickets": "API key not authorized to search tickets",
    "can_update_tickets": "API key not authorized to update tickets",
}
"""The plugin's words for a missing permission; any other is `API key not authorized`."""

ONE_OF_EACH_API = (
    ("OsticketApi", "/api/tickets-statuses.php"),
    ("AdminApi", "/api/admin/settings"),
)


@pytest.fixture(scope="module")
def every(cloud: LocalCloud) -> list[Endpoint]:
    return endpoints(cloud)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets authorizer and endpoints believe that it is later."""

    def set_clock(later: timedelta) -> None:
        for module in (authorize, endpoint):
            monkeypatch.setattr(module, "now", lambda: clock.now() + later)

    return set_clock


def told(answer: Answer) -> tuple[int, str]:
    # A file comes as it is.
    return answer.status, answer.body.decode(errors="backslashreplace")


def doors(desk: Desk, secret: str, source: str = HOME) -> list[int]:
    """What a key is answered by each API, when what was changed has reached API Gateway."""
    desk.cloud.drain()
    return [desk.call("GET", path, key=secret, source=source).status for _, path in ONE_OF_EACH_API]


# --- keys that open nothing -----------------------------------------------------------------


@dataclass(frozen=True)
class BadKeys:
    """Ways of coming without a good key: the secret, or None for no header."""

    desk: Desk

    def missing(self) -> None:
        return None

    def empty(self) -> str:
        return " "

    def unknown(self) -> str:
        return "no key of this desk"

    def of_another_case(self) -> str:
        return self.desk.key.upper()

    def disabled(self) -> str:
        return str(self.desk.make_key(*PERMISSIONS, active=False)["key"])

    def expired(self) -> str:
        return str(self.desk.make_key(*PERMISSIONS, expires="2001-01-01T00:00:00Z")["key"])

    def from_elsewhere(self) -> str:
        return str(self.desk.make_key(*PERMISSIONS, networks=["198.51.100.0/24"])["key"])

    def revoked(self) -> str:
        made = self.desk.make_key(*PERMISSIONS)
        assert self.desk.call("DELETE", f"/api/admin/keys/{made['id']}").status == 200
        return str(made["key"])

    def rotated_away(self) -> str:
        made = self.desk.make_key(*PERMISSIONS)
        path = f"/api/admin/keys/{made['id']}/rotate"
        assert self.desk.call("POST", path, {"overlap_hours": 0}).status == 200
        return str(made["key"])


JSON = "application/json"


def bad_key(family: str, way: str) -> str:
    """What a family says to a key that opens nothing: Zammad tells reasons (docs/zammad.md 2)."""
    words = {
        "disabled": "Login failed. Have you double-checked your credentials and completed the "
        "email verification step?",
        "expired": "Not authorized (token expired)!",
    }
    if family == "ZammadApi" and way in words:
        return json.dumps({"error": words[way], "error_human": words[way]}, separators=(",", ":"))
    return BAD_KEY[family]


@pytest.mark.parametrize("way", [name for name in vars(BadKeys) if name[0] != "_"])
def test_without_a_good_key_nothing_else_is_said(
    desk: Desk, every: list[Endpoint], way: str
) -> None:
    secret = getattr(BadKeys(desk), way)()
    wrong = {}
    for asked in every:
        # A broken body, something that does not exist, a wrong method: the key comes first.
        answer = desk.call(asked.method, asked.path(), raw=b"{", key=secret)
        said, wanted = told(answer), (401, bad_key(asked.family, way))
        if secret is None:
            wanted = NO_KEY.get(asked.family, wanted)
        kind = "application/json; charset=utf-8" if asked.family == "ZammadApi" else JSON
        if said != wanted or answer.type != kind:
            wrong[asked.name] = said
    assert not wrong


# --- good keys that may not -----------------------------------------------------------------


def forbidden(asked: Endpoint, own: str = "") -> object:
    """How an endpoint refuses a key that lacks its permission: type and words; `own` is the one
    permission that the key has.
    """
    permission = asked.permissions[0]
    if asked.dialect == "core":
        return "text/html; charset=UTF-8", "API key not authorized"
    said: object = {
        "error": True,
        "message": OF_PERMISSION.get(permission, "API key not authorized"),
    }
    if asked.dialect == "attachments":
        said = {"error": True, "message": "API key not authorized to read attachments"}
    if asked.dialect == "v1":
        return "application/json", {"error": "API key not authorized"}
    if asked.dialect == "zammad":
        directory = permission == "can_manage_directory"
        known = own.endswith("_tickets") and not directory
        text = "Not authorized" if known else "Not authorized (token)!"
        return "application/json; charset=utf-8", {"error": text, "error_human": text}
    if asked.dialect == "notific":
        denied = "Authorization has been denied for this request."
        return "application/json; charset=utf-8", {"Message": denied}
    if asked.dialect == "admin":
        message = f"This needs a key with {permission}"
        said = {"error": {"code": "forbidden", "message": message, "field": None}}
    return "application/json; charset=UTF-8", said


def said(answer: Answer) -> object:
    plain = answer.type.startswith("text/")
    return answer.type, answer.text if plain else answer.json


def test_without_a_permission_every_endpoint_refuses(desk: Desk, every: list[Endpoint]) -> None:
    secret = desk.make_key()["key"]
    wrong = {}
    for asked in every:
        answer = desk.call(asked.method, asked.path(), raw=b"{", key=secret)
        if asked.refuses:
            good = answer.status == 405 and asked.method not in answer.headers["allow"]
        elif not asked.permissions:
            good = answer.status == 200
        else:
            good = answer.status == 403 and said(answer) == forbidden(asked)
        if not good:
            wrong[asked.name] = told(answer)
    assert not wrong


@pytest.mark.exhaustive
def test_each_endpoint_opens_by_its_own_permission_alone(desk: Desk, every: list[Endpoint]) -> None:
    guarded = [asked for asked in every if asked.permissions]
    wrong = {}
    for permission in sorted({name for asked in guarded for name in asked.permissions}):
        secret = desk.make_key(permission)["key"]
        for asked in guarded:
            answer = desk.call(asked.method, asked.path(), raw=b"{", key=secret)
            if permission in asked.permissions:
                # What is another's or gone is 403 there, too (docs/zammad.md 17.18), and the
                # list of all articles needs a second permission (docs/zammad.md 3).
                hidden = answer.status == 403 and asked.resource in {
                    "/api/v1/mentions/{id}",
                    "/api/v1/ticket_articles",
                }
                good = hidden or answer.status in {200, 201, 400, 404, 422}
            else:
                good = (answer.status, said(answer)) == (403, forbidden(asked, permission))
            if not good:
                wrong[asked.name, permission] = told(answer)
    assert not wrong


# --- where from, until when -----------------------------------------------------------------


def test_a_key_opens_from_its_networks_only(desk: Desk) -> None:
    secret = desk.make_key(*PERMISSIONS, networks=["198.51.100.0/24", "2001:db8::/32"])["key"]
    # To and fro: what is kept of a verdict is kept per address.
    for _ in range(2):
        assert doors(desk, secret, OFFICE) == [200, 200]
        assert doors(desk, secret, ELSEWHERE) == [401, 401]
        assert doors(desk, secret, "2001:db8::1") == [200, 200]
        assert doors(desk, secret, "2001:db9::1") == [401, 401]


def test_an_address_that_the_caller_claims_is_not_believed(desk: Desk) -> None:
    secret = desk.make_key(*PERMISSIONS, networks=["198.51.100.0/24"])["key"]
    claimed = {"X-Forwarded-For": OFFICE, "X-Real-IP": OFFICE, "Forwarded": f"for={OFFICE}"}
    path = "/api/tickets-statuses.php"
    answer = desk.call("GET", path, key=secret, source=ELSEWHERE, headers=claimed)
    assert told(answer) == (401, BAD_KEY["OsticketApi"])


def test_an_expired_key_is_refused_although_its_verdict_is_kept(
    desk: Desk, at: Callable[[timedelta], None], cloud: LocalCloud
) -> None:
    end = (clock.now() + timedelta(hours=1)).isoformat()
    secret = desk.make_key(*PERMISSIONS, expires=end)["key"]
    assert doors(desk, secret) == [200, 200]

    at(timedelta(hours=2))
    with cloud.aws.recording() as calls:
        for family, path in ONE_OF_EACH_API:
            answer = desk.call("GET", path, key=secret)
            assert (answer.status, answer.json) == (401, json.loads(BAD_KEY[family]))
    assert "AuthorizerAuthorize" not in {call.function for call in calls}

    cloud.authorization.flush()
    for family, path in ONE_OF_EACH_API:
        assert told(desk.call("GET", path, key=secret)) == (401, BAD_KEY[family])


# --- rotation -------------------------------------------------------------------------------


def test_both_secrets_work_until_the_overlap_ends(
    desk: Desk, at: Callable[[timedelta], None], cloud: LocalCloud
) -> None:
    made = desk.make_key(*PERMISSIONS)
    old, path = made["key"], f"/api/admin/keys/{made['id']}/rotate"
    assert doors(desk, old) == [200, 200]
    new = desk.call("POST", path, {"overlap_hours": 1}).json["key"]

    for secret in (old, new):
        assert doors(desk, secret) == [200, 200]
    at(timedelta(minutes=61))
    cloud.options.key_lag = 0  # so its gateway key works by now
    for _ in range(2):
        # First by the endpoint, whose verdict is still kept, then by the authorizer.
        assert doors(desk, old) == [401, 401]
        assert doors(desk, new) == [200, 200]
        cloud.authorization.flush()


def test_a_second_rotation_ends_the_first_one_s_overlap(desk: Desk) -> None:
    made = desk.make_key(*PERMISSIONS)
    path = f"/api/admin/keys/{made['id']}/rotate"
    first = made["key"]
    second = desk.call("POST", path, {"overlap_hours": 720}).json["key"]
    assert doors(desk, first) == doors(desk, second) == [200, 200]
    third = desk.call("POST", path, {"overlap_hours": 720}).json["key"]
    assert doors(desk, first) == [401, 401]
    assert doors(desk, second) == doors(desk, third) == [200, 200]


def test_a_rotation_keeps_what_the_key_is_bound_to(desk: Desk) -> None:
    made = desk.make_key("can_read_tickets", networks=["198.51.100.0/24"])
    path = f"/api/admin/keys/{made['id']}/rotate"
    new = desk.call("POST", path, {"overlap_hours": 1}).json["key"]
    assert doors(desk, new, OFFICE) == [200, 403]
    assert doors(desk, new, ELSEWHERE) == [401, 401]


# --- changes of a key, and what API Gateway keeps -------------------------------------------

CHANGES = {
    "switch off": ("PATCH", "", {"active": False}, [401, 401]),
    "rotate": ("POST", "/rotate", {"overlap_hours": 0}, [401, 401]),
    "take a permission": ("PATCH", "", {"permissions": ["can_read_tickets"]}, [200, 403]),
    "revoke": ("DELETE", "", None, [401, 401]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_a_key_flushes_what_is_kept_of_it(
    desk: Desk, cloud: LocalCloud, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, rest, body, after = CHANGES[change]
    # As of a key that is five minutes old.
    monkeypatch.setattr(usage_plan, "WORKS_AFTER", timedelta(0))
    cloud.options.key_lag = 0
    made = desk.make_key(*PERMISSIONS)
    assert doors(desk, made["key"]) == [200, 200]

    # The flush goes through the outbox: while API Gateway refuses it, old verdicts stand.
    refusal = Fault(
        How.BEFORE,
        operation="FlushStageAuthorizersCache",
        calls=1000,
        code="BadRequestException",
        status=400,
    )
    with cloud.aws.faults.plan(refusal):
        answer = desk.call(method, f"/api/admin/keys/{made['id']}{rest}", body)
        assert answer.status == 200
        assert answer.json["takes_effect"] == "within 60 seconds at the latest"
        # Of a revoked key the gateway key is gone by then, and API Gateway misses it.
        stand = [503, 503] if change == "revoke" else [200, 200]
        assert doors(desk, made["key"]) == stand
    assert refusal.fired

    cloud.drain(retry=True)
    assert doors(desk, made["key"]) == after


def test_a_key_that_is_switched_on_again_opens_at_once(desk: Desk) -> None:
    made = desk.make_key(*PERMISSIONS, active=False)
    assert doors(desk, made["key"]) == [401, 401]
    desk.set(f"keys/{made['id']}", active=True)
    assert doors(desk, made["key"]) == [200, 200]


# --- what a good key sees of others ---------------------------------------------------------

MARK = "Quetzalcoatl"

HERS = "her@scene.example"

SHAPES = ("json", "xml")


@dataclass(frozen=True)
class Scene:
    """Two tickets: Bob's in Sales, hers in Support. `keys` see Bob only, or Sales only."""

    bob: str
    hers: str
    sales: int
    keys: dict[str, str]


@pytest.fixture(scope="module")
def scene(desk: Desk) -> Scene:
    sales = desk.make_row("departments", name="Sales of the scene")
    bob = desk.open(name="Bob", email="bob@scene.example", departmentId=sales)
    person = desk.show(bob)["userId"]
    bound = {
        "customer": desk.make_key(*PERMISSIONS, customer=person),
        "departments": desk.make_key(*PERMISSIONS, departments=[sales]),
        "both": desk.make_key(*PERMISSIONS, customer=person, departments=[sales]),
    }
    hers = desk.open(email=HERS)
    scene = Scene(bob, hers, sales, {name: key["key"] for name, key in bound.items()})
    for secret in scene.keys.values():
        doors(desk, secret)  # from now on `last_used` stands
    return scene


@dataclass(frozen=True)
class Others:
    """What Bob must not learn of: somebody else's ticket, and the keys that see it."""

    number: str
    ticket: int
    keys: tuple[int, ...]

    @classmethod
    def make(cls, desk: Desk) -> Others:
        number = desk.open(
            name=f"{MARK} Name",
            email=f"{MARK}@scene.example",
            subject=f"{MARK} subject",
            message=f"{MARK} message",
            attachments=[{f"{MARK}.txt": f"data:text/plain,{MARK}"}],
        )
        shown = desk.show(number)
        hers = desk.make_key("can_read_tickets", name=MARK, customer=shown["userId"])
        support = desk.make_key("can_read_tickets", name=MARK, departments=[shown["departmentId"]])
        return cls(number, shown["id"], (hers["id"], support["id"]))

    def paths(self, asked: Endpoint) -> set[str]:
        """The ways in which an endpoint can be asked for what is hers."""
        if "/keys" in asked.resource:
            return {asked.path(id=key) for key in self.keys}
        if "{kind}" in asked.resource:
            return {asked.path()}
        refs = (self.number, self.ticket)
        return {asked.path(ref=f"{ref}.{shape}", id=ref) for ref in refs for shape in SHAPES}


DENIED = (403, '{"error": "Not authorized", "error_human": "Not authorized"}')
"""What Zammad says of a ticket that is there, but not for this key (docs/zammad.md 4)."""


EVERYBODYS = ("/api/v1/ticket_states", "/api/v1/ticket_priorities")
"""Rows of the catalogue, which are the whole desk's."""

PEOPLES = ("/api/Customers", "/api/customers", "/api/admin/people")

OF_STAFF = (
    *("/api/v1/groups", "/api/v1/roles", "/api/v1/users", "/api/v1/search"),
    *("/api/Operators", "/api/operators"),
)

STAFFS = (*EVERYBODYS, *OF_STAFF, *PEOPLES)
"""Besides, what all agents see, such as people, whom a search of everything finds, too:
docs/zammad.md 3, docs/notific.md 6 and 8, docs/admin.md "People".
"""


@pytest.mark.exhaustive
def test_nothing_that_others_do_shows(desk: Desk, every: list[Endpoint], scene: Scene) -> None:
    """What a bound key is answered stays the same to the byte, in every endpoint, when somebody
    outside its bounds gets a ticket: no content, no count, no hint that there is such a thing.
    """
    walked = [asked for asked in every if asked.permissions and not asked.takes_anything]
    questions = [
        (bound, asked)
        for bound in scene.keys
        for asked in walked
        if not asked.resource.startswith(EVERYBODYS if bound != "departments" else STAFFS)
    ]

    def ask(bound: str, asked: Endpoint, path: str) -> tuple[int, str]:
        return told(desk.call(asked.method, path, {}, key=scene.keys[bound]))

    before = {(bound, asked): ask(bound, asked, asked.path()) for bound, asked in questions}
    others = Others.make(desk)
    stored = desk.stored()

    wrong = {}
    for bound, asked in questions:
        for path in others.paths(asked):
            answer = ask(bound, asked, path)
            if asked.family in {"ZammadApi", "NotificApi"} and answer[0] in {400, 404}:
                # It repeats the id that it was asked for.
                for asked_for in filter(str.isdigit, path.split("/")):
                    answer = answer[0], answer[1].replace(asked_for, str(NOWHERE["id"]))
            marks = (MARK.lower(), others.number)
            hidden = asked.family == "ZammadApi" and answer == DENIED
            changed = answer != before[bound, asked] and not hidden
            if changed or any(mark in answer[1].lower() for mark in marks):
                wrong[bound, asked.name, path] = answer
    assert not wrong
    assert desk.stored() == stored


def create(desk: Desk, secret: str, **values: object) -> tuple[int, str]:
    body = ticket(alert=False, autorespond=False, **values)
    return told(desk.call("POST", "/api/tickets.json", body, key=secret))


def test_a_customer_s_key_creates_for_that_customer_only(desk: Desk, scene: Scene) -> None:
    stored = desk.stored()
    for email in (HERS, "nobody-yet@scene.example", "no mail"):
        for bound in ("customer", "both"):
            assert create(desk, scene.keys[bound], email=email) == (403, "API key not authorized")
    assert desk.stored() == stored

    status, number = create(desk, scene.keys["customer"], email="BOB@scene.example", name="Eve")
    assert status == 201
    assert desk.show(number)["user"] == {"name": "Bob", "email": "bob@scene.example"}


def test_a_key_of_departments_creates_inside_them(desk: Desk, scene: Scene) -> None:
    mine = {"email": "bob@scene.example"}
    for bound in ("departments", "both"):
        foreign = create(desk, scene.keys[bound], departmentId=1, **mine)
        nowhere = create(desk, scene.keys[bound], departmentId=NOWHERE["id"], **mine)
        assert foreign == nowhere == (404, "Department not found")
    status, number = create(desk, scene.keys["departments"], **mine)
    assert status == 201
    assert desk.show(number, key=scene.keys["departments"])["departmentId"] == scene.sales


def test_another_s_ticket_is_nobody_s_parent(desk: Desk, scene: Scene) -> None:
    hers = desk.show(scene.hers)
    stored = desk.stored()
    for secret in scene.keys.values():
        for parent in (
            {"parentTicketNumber": "99999999"},
            {"parentTicketNumber": scene.hers},
            {"parentTicketId": hers["id"]},
        ):
            answer = create(desk, secret, email="bob@scene.example", **parent)
            assert answer == (404, "Parent ticket not found")
    assert desk.stored() == stored


def test_one_s_own_is_seen(desk: Desk, scene: Scene) -> None:
    for secret in scene.keys.values():
        assert desk.show(scene.bob, key=secret)["number"] == scene.bob


ADMIN = [
    ("POST", "/api/admin/departments", {"name": "Mine"}),
    ("PATCH", "/api/admin/departments/1", {"name": "Mine"}),
    ("DELETE", "/api/admin/departments/1", None),
    ("POST", "/api/admin/organizations", {"name": "Mine"}),
    ("PATCH", "/api/admin/settings", {"helpdesk_title": "Mine"}),
    ("POST", "/api/admin/keys", {"name": "free"}),
    ("PATCH", "/api/admin/settings", {}),
]


def test_a_bound_key_changes_nothing_for_the_whole_desk(desk: Desk, scene: Scene) -> None:
    stored = desk.stored()
    for secret in scene.keys.values():
        for method, path, body in ADMIN:
            answer = desk.call(method, path, body, key=secret)
            assert (answer.status, answer.json["error"]["code"]) == (403, "forbidden"), path
    assert desk.stored() == stored


def test_a_customer_s_key_sees_nothing_of_the_desk_s_own(desk: Desk, scene: Scene) -> None:
    for path in ("departments", "agents/1", "organizations", "settings", "templates"):
        answer = desk.call("GET", f"/api/admin/{path}", key=scene.keys["customer"])
        assert (answer.status, answer.json["error"]["code"]) == (403, "forbidden"), path


def test_an_answer_kept_for_one_key_is_not_given_to_another(desk: Desk, scene: Scene) -> None:
    once = {"Idempotency-Key": f"{MARK}"}
    body = ticket(email="bob@scene.example")
    number = desk.call("POST", "/api/tickets.json", body, headers=once).text
    other = desk.call("POST", "/api/tickets.json", body, headers=once, key=scene.keys["customer"])
    assert other.status == 201
    assert other.text != number


def test_a_key_that_no_secret_can_be_read_from(desk: Desk) -> None:
    made = desk.make_key()
    for path in ("/api/admin/keys", f"/api/admin/keys/{made['id']}"):
        answer = desk.call("GET", path)
        assert made["key"] not in answer.text
        assert authorize.digest(made["key"]) not in answer.text


def test_last_use_is_shown(desk: Desk) -> None:
    made = desk.make_key("can_read_tickets")
    path = f"/api/admin/keys/{made['id']}"
    assert desk.call("GET", path).json["last_used"] is None
    doors(desk, made["key"])
    used = desk.call("GET", path).json["last_used"]
    assert abs(datetime.fromisoformat(used) - clock.now()) < timedelta(minutes=1)
