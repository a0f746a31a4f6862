"""The answer of `GET /api/admin/schema`, generated from the code: `tools.openapi` writes it beside
its function. Request handlers do not import this.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dialects.admin import refuse, words
from dialects.admin.bodies import KeyBody
from dialects.admin.describing import standalone
from dialects.admin.rows import BODIES
from dialects.admin.settings import SettingsBody
from helpdesk.catalogue.mail_templates import VARIABLES
from helpdesk.catalogue.rows import SETTINGS
from helpdesk.directory import rules

Opened = Mapping[str, Mapping[str, Iterable[str]]]
"""The calls that each permission opens, by permission and API (`plugin`): `GET /api/...`."""


def schema(opened: Opened) -> dict[str, Any]:
    """The whole answer."""
    return {
        "permissions": [
            {"name": name, **said._asdict(), "opens": _sorted(opened.get(name, {}))}
            for name, said in words.PERMISSIONS.items()
        ],
        "keys": {
            "schema": standalone(KeyBody),
            "references": {"departments": "departments", "agent": "agents", "customer": "people"},
        },
        "kinds": {kind: _kind(kind) for kind in BODIES},
        "settings": {
            "schema": _settings(),
            "references": rules.REFERENCES[SETTINGS],
            "groups": [
                {"name": name, "words": words.GROUPS[name], "settings": list(settings)}
                for name, settings in words.SETTINGS.items()
            ],
        },
        "templates": {"values": list(VARIABLES)},
        "errors": {
            **{code: said for _, _, code, said in refuse.PLAIN},
            **{reason: said.partition(" by {}")[0] for reason, said in refuse.CONFLICTS.items()},
        },
    }


def _sorted(calls: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    return {api: sorted(found) for api, found in sorted(calls.items())}


def _kind(kind: str) -> dict[str, Any]:
    body = BODIES[kind]
    return {
        "schema": standalone(body),
        "references": rules.REFERENCES.get(kind, {}),
        "unique": [list(names) for names in rules.UNIQUE.get(kind, (("name",),))],
        "built_in": sorted(rules.BUILT_IN.get(kind, ())),
        "fixed": list(rules.FIXED.get(kind, ())),
        "sorted": "sort" in body.model_fields,
    }


def _settings() -> dict[str, Any]:
    whole = standalone(SettingsBody)
    for settings in words.SETTINGS.values():
        for name, said in settings.items():
            whole["properties"][name]["description"] = said
    return whole
