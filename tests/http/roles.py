"""What a function asks of AWS against what its role allows it (docs/aws.md m6).

moto enforces no policy, so a permission that is missing would first be missed in a deployment, and
one too many never. Both are found here, down to the resource and the condition of a statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.cloudformation.intrinsics import TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template

Context = frozenset[tuple[str, str]]
Condition = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Ask:
    """One action that a function needed. `resource` is an ARN without its first five parts, and
    `context` what conditions can look at.
    """

    function: str
    action: str
    resource: str
    context: Context = frozenset()


@dataclass(frozen=True)
class Grant:
    """One action on one pattern of resources that a role allows. `conditions` are triples of
    operator, key and the values of which one must fit; all of them must hold.
    """

    role: str
    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()

    def covers(self, ask: Ask) -> bool:
        """Whether it allows this. Errors: TemplateError for an operator that is not known here."""
        return (
            self.action == ask.action
            and _like(ask.resource, self.resource)
            and all(_holds(condition, ask.context) for condition in self.conditions)
        )


@dataclass(frozen=True)
class Excuse:
    """Grants that no function is seen to use, and why a role has them all the same."""

    action: str
    resource: str
    reason: str
    role: str = "*"

    def covers(self, grant: Grant) -> bool:
        """Whether it speaks of this grant."""
        pairs = (
            (grant.role, self.role),
            (grant.action, self.action),
            (grant.resource, self.resource),
        )
        return all(_like(value, pattern) for value, pattern in pairs)


@dataclass(frozen=True)
class Roles:
    """The role of each function, and all that roles allow."""

    of: Mapping[str, str]
    grants: tuple[Grant, ...]

    def missing(self, asks: Iterable[Ask]) -> set[Ask]:
        """What functions have asked for and their roles do not allow."""
        return {
            ask
            for ask in asks
            if not any(g.covers(ask) for g in self.grants if g.role == self.of[ask.function])
        }

    def idle(self, asks: Iterable[Ask]) -> set[Grant]:
        """What roles allow and none of their functions has asked for."""
        asked = list(asks)
        return {
            grant
            for grant in self.grants
            if not any(grant.covers(ask) for ask in asked if self.of[ask.function] == grant.role)
        }


def read_roles(template: Template, resources: Resources) -> Roles:
    """The roles of a template's functions, the managed policies that they name included.

    Errors: TemplateError for what cannot be compared: wildcards in actions, denials, policies that
    are not the template's own.
    """
    of = {
        function.name: str(function.properties["Role"]["Fn::GetAtt"][0])
        for function in template.of_type("AWS::Lambda::Function")
    }
    grants = [
        grant
        for role in sorted(set(of.values()))
        for document in _documents(template, role)
        for statement in resources.resolve(document)["Statement"]
        for grant in _grants(role, statement)
    ]
    return Roles(of, tuple(grants))


def _documents(template: Template, role: str) -> Iterator[Any]:
    properties = template.resources[role].properties
    for policy in properties.get("Policies", ()):
        yield policy["PolicyDocument"]
    for named in properties.get("ManagedPolicyArns", ()):
        if not isinstance(named, dict) or "Ref" not in named:
            raise TemplateError(f"{role} has a policy that is not written out: {named}")
        yield template.resources[named["Ref"]].properties["PolicyDocument"]


def _grants(role: str, statement: Mapping[str, Any]) -> Iterator[Grant]:
    if statement["Effect"] != "Allow":
        raise TemplateError(f"{role} denies something: that is not compared here")
    conditions = tuple(
        (operator, key, tuple(_listed(value)))
        for operator, tests in statement.get("Condition", {}).items()
        for key, value in tests.items()
    )
    for action in _listed(statement["Action"]):
        if "*" in action:
            raise TemplateError(f"{role} allows {action}")
        for resource in _listed(statement["Resource"]):
            yield Grant(role, action, tail(resource), conditions)


def tail(arn: str) -> str:
    """What of an ARN names the resource within its service, region and account."""
    return arn.split(":", 5)[5] if arn.startswith("arn:") else arn


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _like(value: str, pattern: str) -> bool:
    # IAM's wildcards are * and ?; they cross slashes.
    parts = (re.escape(part) for part in re.split(r"([*?])", pattern))
    expression = "".join({r"\*": ".*", r"\?": "."}.get(part, part) for part in parts)
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": _like,
}


def _holds(condition: Condition, context: Context) -> bool:
    operator, key, good = condition
    if operator not in _OPERATORS:
        raise TemplateError(f"condition {operator} is not known here")
    # A key that the request does not have makes the condition fail, as in IAM.
    values = [value for name, value in context if name.lower() == key.lower()]
    return any(_OPERATORS[operator](value, wanted) for value in values for wanted in good)
