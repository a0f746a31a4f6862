"""Spares moto what it works out anew in every call: most of the time that a call takes.

moto still decides everything; only how it finds its own parts, and how it spells the items of
DynamoDB, is shorter. The tests compare answers with and without this.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from moto import backends
from moto.core import responses, utils
from moto.core.loaders import create_loader
from moto.core.model import StructureShape
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.sqs import models as sqs

_import_backend = backends._import_backend  # noqa: SLF001 - moto has no other way in
_structure = BaseJSONSerializer._serialize_type_structure  # noqa: SLF001 - moto has no other way in


def _spell(
    serializer: BaseJSONSerializer,
    serialized: MutableMapping[str, Any],
    value: Any,
    shape: StructureShape,
    key: str,
) -> None:
    """Spell a structure; of an attribute of an item only the one member that is there.

    moto tries each of the ten members that DynamoDB knows, under each of eight possible names.
    """
    if shape.name != "AttributeValue" or not isinstance(value, dict):
        _structure(serializer, serialized, value, shape, key)
        return
    found: dict[str, Any] = {}
    for name, content in value.items():
        serializer._serialize(found, content, shape.members[name], name)  # noqa: SLF001 - its own
    serializer._default_serialize(serialized, found, shape, key)  # noqa: SLF001 - its own


def _milliseconds() -> float:
    return time.time() * 1000


def install() -> None:
    """Put this in moto's place, for the whole process."""
    # moto looks through all of botocore's files anew for each service.
    vars(utils)["create_loader"] = cache(create_loader)
    # moto looks up a service's methods by reflection, each time.
    vars(responses)["method_names_from_class"] = cache(method_names_from_class)
    # moto imports the service's module, each time.
    vars(backends)["_import_backend"] = cache(_import_backend)
    # moto spells all of a queue's attributes for each message that comes or goes, and some of them
    # ask of every message that waits whether it is hidden now.
    vars(sqs)["camelcase_to_underscores"] = cache(camelcase_to_underscores)
    vars(sqs)["unix_time_millis"] = _milliseconds
    setattr(BaseJSONSerializer, "_serialize_type_structure", _spell)  # noqa: B010 - mypy


@contextmanager
def plain_moto() -> Iterator[None]:
    """The plain thing, while the block runs: what a test compares with."""
    setattr(BaseJSONSerializer, "_serialize_type_structure", _structure)  # noqa: B010 - mypy
    try:
        yield
    finally:
        install()
