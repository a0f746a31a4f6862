"""Every deployed endpoint, from the routes of the transformed template.

Tests that iterate over them cover an endpoint as soon as it is in the template: its permissions are
read from its own `@endpoint(...)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.cloud import LocalCloud
from local.gateway.routes import Api, Method, Route
from tools.declared import Declared, declared

_OTHERS = ("PUT", "TRACE")
"""Methods to call an ANY with; the first that the path does not have itself."""


@dataclass(frozen=True)
class Endpoint:
    """One method of one path.

    `family` is the logical id of its API. `dialect` is what words its refusals: the name that the
    code gives to `@endpoint`, empty where API Gateway itself refuses the method. `permissions` are
    those of which a key needs one; empty where any will do. `allowed` are the methods of the path.
    """

    family: str
    method: str
    resource: str
    dialect: str
    permissions: tuple[str, ...]
    allowed: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.method} {self.resource}"

    @property
    def refuses(self) -> bool:
        """Whether it is there only to say that the path has no such method."""
        return not self.dialect

    @property
    def takes_anything(self) -> bool:
        """Whether no body is unreadable to it: raw mail becomes a ticket, whatever it is, and the
        cron and uploads look at none.
        """
        return self.resource.endswith((".email", "/cron", "/uploads"))

    def path(self, **values: object) -> str:
        """A path of this route. What no value stands for becomes something that does not exist."""
        known = NOWHERE | values
        path = re.sub(r"\{(\w+)\}", lambda part: str(known[part[1]]), self.resource)
        # v1 has but one path, and the id beside it.
        return f"{path}?id={known['id']}" if self.dialect == "v1" else path


_OF_A_RESOURCE: dict[str, tuple[str, ...]] = {
    "/api/v1/groups": ("can_manage_directory",),
    "/api/v1/roles": ("can_manage_directory",),
}
"""What a resource asks for whose function serves others as well (docs/decisions/0020)."""

NOWHERE: dict[str, object] = {
    "accounting": 99999999,
    "article": 99999999,
    "ticket": 99999999,
    "address": "nobody@example.org",
    "file": "nowhere",
    "hash": "nowhere",
    "source": 99999999,
    "target": "99999999",
    "ref": "99999999.json",
    "id": 99999999,
    "kind": "departments",
    "name": "nowhere",
    "other": "99999999",
    "objects": "Ticket",
}
"""What a path says where it must not lead anywhere."""


def endpoints(cloud: LocalCloud) -> list[Endpoint]:
    """All of them, in the template's order, but what is for everybody, and HEAD, which is GET
    without its body (test_head.py).
    """
    return [
        _endpoint(cloud, api, route, name, method)
        for api in cloud.gateway.apis
        for route in api.routes
        for name, method in route.methods.items()
        if method.authorizer and name != "HEAD"
    ]


def _endpoint(cloud: LocalCloud, api: Api, route: Route, name: str, method: Method) -> Endpoint:
    if name == "ANY":
        name = next(other for other in _OTHERS if other not in route.methods)
    said = Declared("", (), frozenset())
    if isinstance(method.integration, str):
        said = declared(cloud.template.functions[method.integration].folder)
    return Endpoint(
        family=api.name,
        method=name,
        resource=route.resource,
        dialect=said.dialect.removesuffix(".refuse").rpartition(".")[2],
        permissions=_OF_A_RESOURCE.get(route.resource.partition("/{")[0], said.permissions),
        allowed=frozenset(route.methods) - {"ANY"},
    )
