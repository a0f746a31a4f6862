"""Sizes of items as computed by DynamoDB.

Rules: DynamoDB developer guide, "DynamoDB Item sizes and formats". Values are in DynamoDB's JSON
(`{"S": "text"}`), as on the wire.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

Item = Mapping[str, Mapping[str, Any]]


def item_size(item: Item) -> int:
    """An item's size in bytes: names and values."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Mapping[str, Any]) -> int:
    """An attribute value's size in bytes."""
    ((kind, content),) = value.items()
    match kind:
        case "S":
            size = len(content.encode())
        case "N":
            size = _number_size(content)
        case "B":
            size = len(base64.b64decode(content))
        case "BOOL" | "NULL":
            size = 1
        case "SS" | "NS" | "BS":
            size = sum(value_size({kind[0]: element}) for element in content)
        case "L":
            size = 3 + sum(1 + value_size(element) for element in content)
        case "M":
            size = 3 + sum(1 + len(name.encode()) + value_size(content[name]) for name in content)
        case _:
            raise ValueError(f"no type of DynamoDB: {kind}")
    return size


def _number_size(number: str) -> int:
    # One byte per two significant digits, plus one.
    return (len(Decimal(number).normalize().as_tuple().digits) + 1) // 2 + 1
