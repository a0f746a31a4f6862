"""One or more requests for every endpoint, for the tests of a desk full of damaged items."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.http.conversation import ROWS
from tests.http.desk import ticket


@dataclass(frozen=True)
class Case:
    """One request.

    `<noun>` in path and body stands for an id; `<noun!>` for that of something made for this
    request alone. Where there are damaged ones of a noun, it is asked with these, too, among what
    is there already, or `fresh`.
    """

    path: str
    body: object = None
    raw: str = ""
    statuses: frozenset[int] = frozenset({200, 201, 302})
    fresh: bool = False


def either(*statuses: int) -> frozenset[int]:
    return frozenset({200, 201, *statuses})


KINDS = (*ROWS, "templates")
JSON_TICKET = ticket(attachments=[{"a.txt": "data:,x"}])
XML_TICKET = "<ticket>" + "".join(f"<{n}>{v}</{n}>" for n, v in ticket().items()) + "</ticket>"
MAIL_TICKET = "From: Jane <jane@customer.example>\nSubject: Re: [#<number>] Hm\n\nIt smokes."
SEARCHES = (
    *("", "?sort=updated", "?sort=number", "?status=Open&limit=5&offset=5", "?query=Print"),
    *("?email=jane@customer.example", "?topicId=1", "?staffId=ann", "?priorityId=2"),
    *("?number=<number>", "?created_from=2020-01-01&created_to=2040-01-01", "?page=2"),
    *("?updated_from=2020-01-01&updated_to=2040-01-01", "?updated_since=2020-01-01&limit=3"),
    *("?department=Support", "?departmentId=<departments>", "?status=<statuses>"),
)
V1_LISTS = (
    *("", "?page=2&per_page=5", "?q=Print", "?email=jane@customer.example", "?status_id=1"),
    *("?dept_id=1", "?topic_id=1", "?staff_id=<agents>", "?created_from=2020-01-01"),
    "?updated_since=2020-01-01&per_page=3",
)
PAGED = ("", "?expand=true", "?full=true&per_page=5&page=2")
ZAMMAD_SEARCHES = (
    *("", "printer", "title:Zammad", "owner.login:ann", "customer.email:jane@customer.example"),
    *("organization_id:<organization>", "tags:hot", "number:<number>", "created_at:>2020-01-01"),
)
ADMIN_SEARCHES = (
    *("", "?q=printer", "?q=jane@customer.example", "?q=<number>", "?state=open&sort=number"),
    *("?overdue=true", "?agent=<agents>", "?agent=0", "?person=<person>", "?department=1"),
)
NEW = {"title": "Zammad", "group": "Support", "customer_id": "<person>"}
FILE = {"filename": "a.txt", "data": b64encode(b"x").decode(), "mime-type": "text/plain"}
ARTICLE = {"body": "More.", "type": "note", "attachments": [FILE]}


def cases(
    *paths: str, body: object = None, raw: str = "", also: tuple[int, ...] = ()
) -> list[Case]:
    return [Case(path, body, raw, either(302, *also)) for path in paths]


def creates(way: str) -> dict[str, list[Case]]:
    """The three ways to a create in one format."""
    bodies: Mapping[str, dict[str, Any]] = {
        "json": {"body": JSON_TICKET},
        "xml": {"raw": XML_TICKET},
        "email": {"raw": MAIL_TICKET},
    }
    paths = (f"/api/{prefix}tickets.{way}" for prefix in ("", "http.php/", "wildcard/"))
    return {f"POST {path}": cases(path, **bodies[way]) for path in paths}


def unique_row(kind: str) -> dict[str, Any]:
    """A row of a kind that no other row forbids."""
    own = {"name": "<unique>"}
    if kind == "agents":
        own |= {"username": "<unique>", "email": "<unique>@desk.example"}
    if kind == "priorities":
        own["tag"] = "<unique>"
    return {**ROWS[kind], **own}


def rows_of_zammad(resource: str, kind: str, new: object, change: object) -> dict[str, list[Case]]:
    path = f"/api/v1/{resource}"
    return {
        f"GET {path}": cases(*(f"{path}{query}" for query in PAGED)),
        f"POST {path}": cases(path, body=new),
        f"GET {path}/{{id}}": cases(f"{path}/<{kind}>"),
        f"PUT {path}/{{id}}": cases(f"{path}/<{kind}!>", body=change),
        f"DELETE {path}/{{id}}": cases(f"{path}/<{kind}!>"),
    }


ADMIN: dict[str, list[Case]] = {
    "GET /api/admin/keys": cases("/api/admin/keys", "/api/admin/keys?limit=1"),
    "POST /api/admin/keys": cases(
        "/api/admin/keys", body={"name": "<unique>", "permissions": ["can_manage_keys"]}
    ),
    "GET /api/admin/keys/{id}": cases("/api/admin/keys/<key>"),
    "PATCH /api/admin/keys/{id}": cases("/api/admin/keys/<key!>", body={"name": "Other"}),
    "POST /api/admin/keys/{id}/rotate": cases("/api/admin/keys/<key!>/rotate", body={}),
    "DELETE /api/admin/keys/{id}": cases("/api/admin/keys/<key!>"),
    "POST /api/admin/keys/{id}/check": cases("/api/admin/keys/<key>/check", body={}),
    "GET /api/admin/keys/{id}/usage": cases("/api/admin/keys/<key>/usage"),
    "DELETE /api/admin/keys/{id}/old-secret": cases(
        "/api/admin/keys/<key!>/old-secret", also=(404,)
    ),
    "GET /api/admin/me": cases("/api/admin/me"),
    "GET /api/admin/schema": cases("/api/admin/schema"),
    "GET /api/admin/audit": cases(
        *(f"/api/admin/audit{query}" for query in ("", "?limit=5", "?kind=settings&id=0")),
    ),
    "GET /api/admin/{kind}/{id}/uses": [
        case for kind in KINDS for case in cases(f"/api/admin/{kind}/<{kind}>/uses", also=(404,))
    ],
    "PATCH /api/admin/{kind}/order": cases(
        "/api/admin/statuses/order", body={"ids": [5, 4, 3, 2, 1]}, also=(409, 422)
    ),
    "GET /api/admin/settings": cases("/api/admin/settings"),
    "PATCH /api/admin/settings": cases("/api/admin/settings", body={"helpdesk_title": "Support"}),
    "PATCH /api/admin/ban-list": cases("/api/admin/ban-list", body={"add": ["*@<unique>.example"]}),
    "GET /api/admin/held-mail": cases("/api/admin/held-mail", "/api/admin/held-mail?limit=1"),
    "GET /api/admin/held-mail/{id}": cases("/api/admin/held-mail/<held>"),
    "GET /api/admin/held-mail/{id}/raw": cases("/api/admin/held-mail/<held>/raw"),
    "POST /api/admin/held-mail/{id}/take-in": cases(
        "/api/admin/held-mail/<held!>/take-in", body={}
    ),
    "DELETE /api/admin/held-mail/{id}": cases("/api/admin/held-mail/<held!>"),
    "GET /api/admin/mail": cases(
        *(f"/api/admin/mail?{query}" for query in ("", "limit=1", "state=refused", "state=sent")),
        "/api/admin/mail?to=jane@customer.example",
        "/api/admin/mail?ticket=<number>",
    ),
    "GET /api/admin/mail/{id}": cases("/api/admin/mail/<mail>"),
    "POST /api/admin/mail/{id}/send-again": cases(
        "/api/admin/mail/<mail>/send-again", body={}, also=(202, 409)
    ),
    "POST /api/admin/suppressed": cases(
        "/api/admin/suppressed", body={"address": "<unique>@example.org"}
    ),
    "POST /api/admin/templates/{id}/preview": cases(
        "/api/admin/templates/<templates>/preview",
        body={"subject": "[#%{ticket.number}]", "body": "%{message}", "ticket": "<number>"},
    ),
    "POST /api/admin/templates/{id}/test": cases(
        "/api/admin/templates/<templates>/test", body={"to": "ann@example.org"}, also=(202,)
    ),
    "POST /api/admin/templates/{id}/reset": cases(
        "/api/admin/templates/<templates>/reset", body={}, also=(409,)
    ),
    "GET /api/admin/setup": cases("/api/admin/setup"),
    "POST /api/admin/setup/test-mail": cases(
        "/api/admin/setup/test-mail", body={"to": "ann@example.org"}, also=(202,)
    ),
    "POST /api/admin/setup/{id}/confirm": cases("/api/admin/setup/rows/confirm", body={}),
    "POST /api/admin/setup/{id}/dismiss": cases("/api/admin/setup/rows/dismiss", body={}),
    "POST /api/admin/setup/{id}/reopen": cases("/api/admin/setup/rows/reopen", body={}),
    "GET /api/admin/attention": cases("/api/admin/attention"),
    "GET /api/admin/queues": cases("/api/admin/queues"),
    "GET /api/admin/queues/{name}/dead": cases("/api/admin/queues/notify/dead"),
    "POST /api/admin/queues/{name}/dead/{id}/put-aside": cases(
        "/api/admin/queues/notify/dead/nowhere/put-aside", body={"reason": "x"}, also=(404,)
    ),
    "POST /api/admin/queues/{name}/redrive": cases(
        "/api/admin/queues/project/redrive", body={"count": 1}, also=(202, 409)
    ),
    "DELETE /api/admin/queues/{name}/redrive": cases(
        "/api/admin/queues/project/redrive", also=(404,)
    ),
    "GET /api/admin/suppressed": cases(
        "/api/admin/suppressed?q=a", "/api/admin/suppressed", "/api/admin/suppressed?limit=1"
    ),
    "DELETE /api/admin/suppressed/{address}": cases(
        # 404 where the mail has not come back yet.
        "/api/admin/suppressed/<address!>",
        also=(404,),
    ),
    "GET /api/admin/broadcasts": cases("/api/admin/broadcasts", "/api/admin/broadcasts?limit=1"),
    "GET /api/admin/broadcasts/{id}": cases("/api/admin/broadcasts/nowhere", also=(404,)),
    "DELETE /api/admin/unsubscribed/{id}": cases("/api/admin/unsubscribed/<customer>", also=(404,)),
    "GET /api/admin/tickets": cases(
        *(f"/api/admin/tickets{query}" for query in ADMIN_SEARCHES), also=(422,)
    ),
    "GET /api/admin/tickets/{ref}": cases("/api/admin/tickets/<number>"),
    "PATCH /api/admin/tickets/{ref}": cases(
        "/api/admin/tickets/<number>", body={"due": "2031-01-31T12:00:00Z", "priority": 2}
    ),
    "DELETE /api/admin/tickets/{ref}": cases("/api/admin/tickets/<number!>"),
    "POST /api/admin/tickets/{ref}/replies": cases(
        "/api/admin/tickets/<number>/replies", body={"text": "More."}
    ),
    "POST /api/admin/tickets/{ref}/notes": cases(
        "/api/admin/tickets/<number>/notes", body={"text": "More."}
    ),
    "POST /api/admin/tickets/{ref}/links": cases(
        "/api/admin/tickets/<number>/links",
        body={"kind": "normal", "ticket": "<number!>"},
        also=(409, 422),
    ),
    "DELETE /api/admin/tickets/{ref}/links/{kind}/{other}": cases(
        "/api/admin/tickets/<number>/links/normal/<number!>", also=(404,)
    ),
    "POST /api/admin/tickets/{ref}/merge": cases(
        "/api/admin/tickets/<number!>/merge", body={"into": "<number>"}, also=(409, 422)
    ),
    "GET /api/admin/tickets/{ref}/entries/{id}/body": cases(
        "/api/admin/tickets/<ticket>/entries/<article>/body", also=(404,)
    ),
    "GET /api/admin/tickets/{ref}/entries/{id}/raw": cases(
        "/api/admin/tickets/<ticket>/entries/<mailed>/raw", also=(404,)
    ),
    "GET /api/admin/people": cases(
        "/api/admin/people", "/api/admin/people?limit=2", "/api/admin/people?q=jane"
    ),
    "GET /api/admin/people/{id}": cases("/api/admin/people/<person>", also=(404,)),
    "PATCH /api/admin/people/{id}": cases(
        "/api/admin/people/<person!>", body={"phone": "123"}, also=(404,)
    ),
    "GET /api/admin/numbers": cases("/api/admin/numbers", "/api/admin/numbers?by=agent"),
    "GET /api/admin/files/{id}": cases("/api/admin/files/<file>", also=(404,)),
    "GET /api/admin/{kind}": [
        case for kind in KINDS for case in cases(f"/api/admin/{kind}", f"/api/admin/{kind}?limit=1")
    ],
    "POST /api/admin/{kind}": [
        case for kind in ROWS for case in cases(f"/api/admin/{kind}", body=unique_row(kind))
    ],
    "GET /api/admin/{kind}/{id}": [
        case for kind in KINDS for case in cases(f"/api/admin/{kind}/<{kind}>")
    ],
    "PATCH /api/admin/{kind}/{id}": [
        case
        for kind in ROWS
        for case in cases(f"/api/admin/{kind}/<{kind}!>", body={"name": "<unique>"})
        if kind != "fields"
    ]
    + cases("/api/admin/fields/<fields!>", body={"label": "Other"})
    + cases("/api/admin/templates/<templates>", body={"subject": "Other"}, also=(409,)),
    "DELETE /api/admin/{kind}/{id}": [
        case for kind in ROWS for case in cases(f"/api/admin/{kind}/<{kind}!>")
    ],
}

NUMBERED = "/api/tickets-{}.php/<number>.json"
OSTICKET: dict[str, list[Case]] = {
    **creates("json"),
    **creates("xml"),
    **creates("email"),
    **{
        f"GET /api/tickets-search.php{ending}": cases(
            *(f"/api/tickets-search.php{ending}{query}" for query in SEARCHES)
        )
        for ending in ("", ".json", ".xml")
    },
    **{
        f"GET /api/tickets-{name}.php{ending}": cases(f"/api/tickets-{name}.php{ending}")
        for name in ("stats", "statuses")
        for ending in ("", ".json", ".xml")
    },
    "GET /api/tickets-get.php/{ref}": cases(
        NUMBERED.format("get"), "/api/tickets-get.php/<number>.xml"
    ),
    **{
        f"{method} /api/tickets-update.php/{{ref}}": cases(
            NUMBERED.format("update"),
            body={"note": "n", "topicId": 1, "staffId": "ann", "born": "2026-01-01"},
        )
        for method in ("PUT", "PATCH")
    },
    "POST /api/tickets-reply.php/{ref}": cases(
        NUMBERED.format("reply"), body={"message": "Yes", "staffId": "ann"}
    ),
    "DELETE /api/tickets-delete.php/{ref}": cases("/api/tickets-delete.php/<number!>.json"),
    "GET /api/tickets-attachment-download.php/{ref}": cases(
        "/api/tickets-attachment-download.php/<file>.json"
    ),
    "GET /api/tickets-subtickets-list.php/{ref}": cases(NUMBERED.format("subtickets-list")),
    "GET /api/tickets-subtickets-parent.php/{ref}": cases(
        "/api/tickets-subtickets-parent.php/<below>.json"
    )
    + cases(NUMBERED.format("subtickets-parent"), also=(404,)),
    "POST /api/tickets-subtickets-create.php/{ref}": cases(
        NUMBERED.format("subtickets-create"), body={"childId": "<child!>"}
    )
    + cases("/api/tickets-subtickets-create.php/<number!>.json", body={"childId": "<child!>"}),
    "DELETE /api/tickets-subtickets-unlink.php/{ref}": cases(
        "/api/tickets-subtickets-unlink.php/<below!>.json"
    ),
    "GET /api/v1/tickets.php": cases(
        *(f"/api/v1/tickets.php{query}" for query in V1_LISTS), "/api/v1/tickets.php?id=<ticket>"
    ),
    "POST /api/v1/tickets.php": cases("/api/v1/tickets.php", body=ticket()),
    **{
        f"{method} /api/v1/tickets.php": cases(
            "/api/v1/tickets.php?id=<ticket>", body={"topic_id": 1}
        )
        for method in ("PUT", "PATCH")
    },
    "DELETE /api/v1/tickets.php": cases("/api/v1/tickets.php?id=<ticket!>"),
    "POST /api/uploads": cases("/api/uploads"),
    "POST /api/tasks/cron": cases("/api/tasks/cron", body={}),
    "POST /api/http.php/tasks/cron": cases("/api/http.php/tasks/cron", body={}),
}

TAG = {"object": "Ticket", "o_id": "<ticket>", "item": "hot"}
LINK = {
    "link_type": "normal",
    "link_object_target": "Ticket",
    "link_object_target_value": "<ticket!>",
    "link_object_source": "Ticket",
    "link_object_source_number": "<number>",
}
TIMES = "/api/v1/tickets/<ticket>/time_accountings"
ZAMMAD: dict[str, list[Case]] = {
    **rows_of_zammad("groups", "departments", {"name": "<unique>"}, {"note": "N"}),
    **rows_of_zammad(
        "ticket_states", "state", {"name": "<unique>", "state_type_id": 2}, {"note": "N"}
    ),
    **rows_of_zammad("ticket_priorities", "rank", {"name": "<unique>"}, {"note": "N"}),
    **{
        f"{method} /api/v1/roles{path}": cases(f"/api/v1/roles{at}", body=body, also=also)
        for method, path, at, body, also in (
            ("GET", "", "?expand=true", None, ()),
            ("GET", "/{id}", "/2", None, ()),
            ("POST", "", "", {"name": "Boss"}, (422,)),
            ("PUT", "/{id}", "/2", {"name": "Boss"}, (422,)),
            ("DELETE", "/{id}", "/2", None, (422,)),
        )
    },
    "GET /api/v1/users": cases(*(f"/api/v1/users{query}" for query in PAGED)),
    "POST /api/v1/users": cases(
        "/api/v1/users",
        body={"email": "<unique>@zammad.example", "organization_id": "<organization>"},
    ),
    "GET /api/v1/users/me": cases("/api/v1/users/me"),
    "GET /api/v1/users/image/{hash}": cases("/api/v1/users/image/abc"),
    "GET /api/v1/users/{id}": cases("/api/v1/users/<person>", "/api/v1/users/<person>?full=true"),
    "PUT /api/v1/users/{id}": cases("/api/v1/users/<person!>", body={"firstname": "Ada"}),
    "DELETE /api/v1/users/{id}": cases("/api/v1/users/<person!>"),
    "GET /api/v1/organizations": cases(*(f"/api/v1/organizations{query}" for query in PAGED)),
    "POST /api/v1/organizations": cases(
        "/api/v1/organizations", body={"name": "<unique>", "member_ids": ["<person!>"]}
    ),
    "GET /api/v1/organizations/{id}": cases(
        "/api/v1/organizations/<organization>", "/api/v1/organizations/<organization>?full=true"
    ),
    "PUT /api/v1/organizations/{id}": cases(
        "/api/v1/organizations/<organization!>", body={"note": "N"}
    ),
    "DELETE /api/v1/organizations/{id}": cases("/api/v1/organizations/<organization!>"),
    **{
        f"GET /api/v1/{path}search": cases(
            *(f"/api/v1/{path}search?query={query}&full=true" for query in ("", "o", "id:1"))
        )
        for path in ("", "users/", "organizations/", "groups/", "roles/")
    },
    **{
        f"POST /api/v1/{path}search": cases(f"/api/v1/{path}search", body={"query": "o"})
        for path in ("", "users/", "organizations/", "groups/", "roles/")
    },
    "GET /api/v1/search/{objects}": cases("/api/v1/search/Ticket-User?query=o"),
    "POST /api/v1/search/{objects}": cases("/api/v1/search/Ticket-User", body={"query": "o"}),
    "GET /api/v1/object_manager_attributes": cases("/api/v1/object_manager_attributes"),
    "GET /api/v1/version": cases("/api/v1/version"),
    "GET /api/v1/online_notifications": cases("/api/v1/online_notifications"),
    "GET /api/v1/tickets": cases(*(f"/api/v1/tickets{query}" for query in PAGED)),
    "POST /api/v1/tickets": cases(
        "/api/v1/tickets", body={**NEW, "tags": "hot", "article": ARTICLE}
    ),
    "GET /api/v1/tickets/{id}": cases(
        "/api/v1/tickets/<ticket>", "/api/v1/tickets/<ticket>?full=true"
    ),
    "PUT /api/v1/tickets/{id}": cases(
        "/api/v1/tickets/<ticket>", body={"title": "Other", "state": "open", "article": ARTICLE}
    ),
    "DELETE /api/v1/tickets/{id}": cases("/api/v1/tickets/<ticket!>"),
    "GET /api/v1/tickets/search": cases(
        *(f"/api/v1/tickets/search?query={query}&full=true" for query in ZAMMAD_SEARCHES),
        "/api/v1/tickets/search?query=printer&sort_by=title&order_by=asc",
    ),
    "POST /api/v1/tickets/search": cases(
        "/api/v1/tickets/search",
        body={"condition": {"ticket.title": {"operator": "contains", "value": "r"}}},
    ),
    "POST /api/v1/ticket_articles": cases(
        "/api/v1/ticket_articles", body={"ticket_id": "<ticket>", "time_unit": 1, **ARTICLE}
    ),
    "GET /api/v1/ticket_articles": cases(*(f"/api/v1/ticket_articles{query}" for query in PAGED)),
    "GET /api/v1/ticket_articles/{id}": cases("/api/v1/ticket_articles/<article>"),
    "PUT /api/v1/ticket_articles/{id}": cases(
        "/api/v1/ticket_articles/<article!>", body={"internal": True}
    ),
    "DELETE /api/v1/ticket_articles/{id}": cases("/api/v1/ticket_articles/<article!>"),
    "GET /api/v1/ticket_articles/by_ticket/{id}": cases(
        "/api/v1/ticket_articles/by_ticket/<ticket>"
    ),
    "GET /api/v1/ticket_article_plain/{id}": cases("/api/v1/ticket_article_plain/<mailed>"),
    "GET /api/v1/ticket_attachment/{ticket}/{article}/{id}": cases(
        # 404 where a damaged copy of the article, which names the same file, was deleted before.
        "/api/v1/ticket_attachment/<zammad ticket>/<zammad article>/<zammad file>",
        also=(404,),
    )
    + cases("/api/v1/ticket_attachment/<ticket>/<article>/<file>", also=(404,)),
    "POST /api/v1/tags/add": cases("/api/v1/tags/add", body=TAG),
    "DELETE /api/v1/tags/remove": cases("/api/v1/tags/remove", body=TAG),
    "GET /api/v1/tags": cases("/api/v1/tags?object=Ticket&o_id=<ticket>"),
    "GET /api/v1/tag_search": cases("/api/v1/tag_search?term=h"),
    "GET /api/v1/tag_list": cases("/api/v1/tag_list"),
    "POST /api/v1/tag_list": cases("/api/v1/tag_list", body={"name": "<unique>"}),
    "PUT /api/v1/tag_list/{id}": cases("/api/v1/tag_list/<tag!>", body={"name": "<unique>"}),
    "DELETE /api/v1/tag_list/{id}": cases("/api/v1/tag_list/<tag!>"),
    "POST /api/v1/links/add": cases("/api/v1/links/add", body=LINK),
    "DELETE /api/v1/links/remove": cases("/api/v1/links/remove", body=LINK, also=(404,)),
    "GET /api/v1/links": cases("/api/v1/links?link_object=Ticket&link_object_value=<ticket>"),
    "POST /api/v1/mentions": cases(
        "/api/v1/mentions", body={"mentionable_type": "Ticket", "mentionable_id": "<ticket>"}
    ),
    "GET /api/v1/mentions": cases(
        "/api/v1/mentions?mentionable_type=Ticket&mentionable_id=<ticket>"
    ),
    "DELETE /api/v1/mentions/{id}": cases("/api/v1/mentions/<mention!>"),
    "POST /api/v1/time_accountings": cases(
        "/api/v1/time_accountings", body={"ticket_id": "<ticket>", "time_unit": 2}
    ),
    "POST /api/v1/tickets/{id}/time_accountings": cases(TIMES, body={"time_unit": "0.5"}),
    "GET /api/v1/tickets/{id}/time_accountings": cases(TIMES),
    "PUT /api/v1/tickets/{id}/time_accountings/{accounting}": cases(
        f"{TIMES}/<accounting!>", body={"time_unit": 3}
    ),
    "DELETE /api/v1/tickets/{id}/time_accountings/{accounting}": cases(f"{TIMES}/<accounting!>"),
    "GET /api/v1/tickets/{id}/time_accountings/{accounting}": cases(f"{TIMES}/<accounting>"),
    "GET /api/v1/time_accountings/{accounting}": cases("/api/v1/time_accountings/<accounting>"),
    "PUT /api/v1/time_accountings/{accounting}": cases(
        "/api/v1/time_accountings/<accounting!>", body={"time_unit": 3}
    ),
    "DELETE /api/v1/time_accountings/{accounting}": cases("/api/v1/time_accountings/<accounting!>"),
    "GET /api/v1/time_accounting/types": cases("/api/v1/time_accounting/types"),
    "GET /api/v1/ticket_history/{id}": cases("/api/v1/ticket_history/<ticket>"),
    "PUT /api/v1/ticket_merge/{source}/{target}": [
        Case("/api/v1/ticket_merge/<ticket!>/<number!>", fresh=True)
    ],
}


def notific(
    resource: str, noun: str, new: dict[str, Any], change: dict[str, Any]
) -> dict[str, list[Case]]:
    """The five endpoints of a resource, in either case of its first letter."""
    return {
        name: made
        for path in (f"/api/{resource}", f"/api/{resource.lower()}")
        for name, made in {
            f"GET {path}": cases(path),
            f"POST {path}": cases(path, body=new),
            f"GET {path}/{{id}}": cases(f"{path}/<{noun}>"),
            f"PUT {path}/{{id}}": cases(
                f"{path}/<{noun}!>", body={**new, **change, "Id": f"<{noun}!>"}
            ),
            f"DELETE {path}/{{id}}": cases(f"{path}/<{noun}!>"),
        }.items()
    }


SOMEBODY = {"Name": "<unique>", "Email": "<unique>@notific.example"}
NOTIFIC: dict[str, list[Case]] = {
    **notific("Services", "services", {"Name": "<unique>"}, {"Description": "W"}),
    **notific("Operators", "agents", SOMEBODY, {}),
    **notific("Customers", "customer", {**SOMEBODY, "Services": ["<services>"]}, {}),
    **notific(
        "Tickets",
        "notice",
        {"Title": "T", "Description": "D", "CustomerId": "<customer>", "Services": ["<services>"]},
        {"Title": "Other"},
    ),
}

CASES = {**ADMIN, **OSTICKET, **ZAMMAD, **NOTIFIC}
