"""Event patterns, as in the filter criteria of an event source mapping.

Rules: Lambda developer guide, "Event filtering": every key of the pattern must match; a list holds
alternatives. An unsupported rule is an error, never a match.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from local.cloudformation.intrinsics import TemplateError

_ABSENT = object()


class Filters:
    """The filter criteria of an event source mapping.

    Args:
        properties: of the AWS::Lambda::EventSourceMapping, resolved.
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        filters = properties.get("FilterCriteria", {}).get("Filters", ())
        self._patterns = [json.loads(entry["Pattern"]) for entry in filters]

    def let_pass(self, event: Mapping[str, Any]) -> bool:
        """Whether an event matches one of them, or there are none."""
        return not self._patterns or any(matches(pattern, event) for pattern in self._patterns)


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether an event matches a pattern.

    Raises:
        TemplateError: an unsupported rule.
    """
    for name, wanted in pattern.items():
        value = event.get(name, _ABSENT)
        if isinstance(wanted, Mapping):
            if not isinstance(value, Mapping) or not matches(wanted, value):
                return False
        elif not any(_fits(rule, value) for rule in wanted):
            return False
    return True


def _fits(rule: Any, value: Any) -> bool:
    if not isinstance(rule, Mapping):
        return bool(rule == value) or (isinstance(value, list) and rule in value)
    ((name, argument),) = rule.items()
    try:
        return _RULES[name](argument, value)
    except KeyError as error:
        raise TemplateError(f"the local cloud knows no filter rule {name}") from error


_RULES: Mapping[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda text, value: isinstance(value, str) and value.startswith(text),
    "suffix": lambda text, value: isinstance(value, str) and value.endswith(text),
    "exists": lambda wanted, value: wanted is (value is not _ABSENT),
    "anything-but": lambda values, value: (
        value is not _ABSENT and value not in (values if isinstance(values, list) else [values])
    ),
}
