"""docs/admin.md names every field of the admin API and what it is without it."""

from __future__ import annotations

import json
import re

import pytest
from pydantic.fields import FieldInfo

from dialects.admin import words
from dialects.admin.bodies import KeyBody
from dialects.admin.rows import BODIES
from dialects.admin.settings import BanListBody, SettingsBody
from dialects.admin.values import Body
from helpdesk.keys.permissions import PERMISSIONS
from local.cloud import ROOT

DOCUMENT = (ROOT / "docs/admin.md").read_text(encoding="utf-8")
MODELS: dict[str, type[Body]] = {
    "Keys": KeyBody,
    **BODIES,
    "Settings": SettingsBody,
    "Ban list": BanListBody,
}


def told(heading: str) -> dict[str, str]:
    """The fields of the table under a heading, with the last cell of each."""
    (section,) = re.findall(rf"^##+ {heading}\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    return dict(re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", section, re.MULTILINE))


def without(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    value = field.default
    value = sorted(value) if isinstance(value, frozenset) else value
    return f"`{json.dumps(value)}`"


@pytest.mark.parametrize("heading", MODELS)
def test_fields_and_defaults_are_those_of_the_code(heading: str) -> None:
    wanted = {name: without(field) for name, field in MODELS[heading].model_fields.items()}
    found = told(heading)
    if heading == "Settings":
        assert found.pop("file_types").startswith("[the stock list]")
        wanted.pop("file_types")
    assert found == wanted


def test_the_words_of_settings_are_those_of_the_document() -> None:
    (section,) = re.findall(r"^## Settings\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    written = dict(re.findall(r"^\| `(\w+)` \| (.+) \| .+ \|$", section, re.MULTILINE))
    links = re.compile(r" \(\[.*?\]\(.*?\)\)")
    told = {name: links.sub("", said) for name, said in written.items()}
    assert told == {name: said for group in words.SETTINGS.values() for name, said in group.items()}
    assert list(words.SETTINGS) == list(words.GROUPS)


def test_every_permission_has_its_words() -> None:
    assert words.PERMISSIONS.keys() == set(PERMISSIONS)


def test_the_document_on_keys_says_what_each_permission_opens() -> None:
    keys = (ROOT / "docs/keys.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(can_\w+)` \|", keys, re.MULTILINE)) == set(PERMISSIONS)
