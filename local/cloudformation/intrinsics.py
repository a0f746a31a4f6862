"""CloudFormation's intrinsic functions, as far as template.yaml uses them.

Rules: the CloudFormation reference, "Intrinsic functions" and "Pseudo parameters". An unsupported
function is an error, never ignored.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"

PSEUDO_PARAMETERS: Mapping[str, str] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::URLSuffix": "amazonaws.com",
}

_NO_VALUE = object()
_VARIABLE = re.compile(r"\$\{([^}]+)\}")


class TemplateError(Exception):
    """template.yaml contains something that the local cloud does not support."""


@dataclass(frozen=True)
class Physical:
    """A resource that exists: its `Ref` value, and its `GetAtt` values by attribute."""

    ref: str
    attributes: Mapping[str, str] = field(default_factory=dict)


def _nothing(name: str) -> Physical:
    raise TemplateError(f"a condition depends on resource {name}")


class Intrinsics:
    """Resolves values of one template.

    Args:
        parameters: every parameter with its value, pseudo parameters too; lists as lists.
        mappings: the template's section.
        conditions: the template's section, unevaluated.
        physical: returns the resource of a logical id, creating it if needed.
    """

    def __init__(
        self,
        parameters: Mapping[str, str | list[str]],
        mappings: Mapping[str, Any],
        conditions: Mapping[str, Any],
        physical: Callable[[str], Physical] = _nothing,
    ) -> None:
        self._parameters = parameters
        self._mappings = mappings
        self._conditions = conditions
        self._physical = physical
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Join": self._join,
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": self._base64,
            "Fn::Equals": self._equals,
            "Fn::And": lambda argument: all(self.resolve(argument)),
            "Fn::Or": lambda argument: any(self.resolve(argument)),
            "Fn::Not": lambda argument: not self.resolve(argument)[0],
        }

    def resolve(self, value: Any) -> Any:
        """A value with every function in it replaced by its result, at any depth."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in self._functions:
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                raise TemplateError(f"the local cloud does not know {name}")
            if name == "Condition" and isinstance(argument, str):
                return self.holds(argument)
        resolved = {name: self.resolve(item) for name, item in value.items()}
        return {name: item for name, item in resolved.items() if item is not _NO_VALUE}

    def holds(self, condition: str) -> bool:
        """Whether a named condition of the template is true."""
        return bool(self.resolve(self._conditions[condition]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in self._parameters:
            return self._parameters[name]
        return self._physical(name).ref

    def _get_att(self, argument: str | list[str]) -> str:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        try:
            return self._physical(name).attributes[attribute]
        except KeyError as error:
            raise TemplateError(f"the local cloud knows no {name}.{attribute}") from error

    def _sub(self, argument: str | list[Any]) -> str:
        text, values = (argument, {}) if isinstance(argument, str) else argument
        known = self.resolve(values)

        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in known:
                return str(known[name])
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _VARIABLE.sub(replace, text)

    def _if(self, argument: list[Any]) -> Any:
        condition, then, otherwise = argument
        return self.resolve(then if self.holds(condition) else otherwise)

    def _join(self, argument: list[Any]) -> str:
        separator, parts = argument
        return str(separator).join(str(part) for part in self.resolve(parts))

    def _select(self, argument: list[Any]) -> Any:
        index, items = argument
        return self.resolve(items)[int(self.resolve(index))]

    def _split(self, argument: list[Any]) -> list[str]:
        separator, text = argument
        return str(self.resolve(text)).split(separator)

    def _find_in_map(self, argument: list[Any]) -> Any:
        name, first, second = self.resolve(argument)
        return self._mappings[name][first][second]

    def _equals(self, argument: list[Any]) -> bool:
        left, right = self.resolve(argument)
        return str(left) == str(right)

    def _base64(self, argument: Any) -> str:
        return base64.b64encode(str(self.resolve(argument)).encode()).decode()
