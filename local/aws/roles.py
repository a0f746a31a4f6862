"""Compares the AWS actions that functions use with what their roles allow (docs/aws.md m6).

moto enforces no policies, so a missing permission would only show in a deployment, and an excessive
one never. Both are found here, down to the resource and the conditions of a statement: the tests
compare, and in strict mode the endpoint refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.calls import Action, Context
from local.cloudformation.intrinsics import TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template

_MOST_KNOWN = 100_000

Condition = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Ask:
    """One use of an action by a function. `resource` is an ARN without its first five parts;
    `context` has the values for conditions.
    """

    function: str
    action: str
    resource: str
    context: Context = frozenset()


@dataclass(frozen=True)
class Grant:
    """One action on one resource pattern that a role allows or denies. `conditions` are triples of
    operator, key and values: all conditions must match, each with any of its values.
    """

    role: str
    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()

    def covers(self, ask: Ask) -> bool:
        """Whether it applies to this use.

        Raises:
            TemplateError: an unsupported operator.
        """
        return (
            like(ask.action, self.action)
            and like(ask.resource, self.resource)
            and all(_holds(condition, ask.context) for condition in self.conditions)
        )


@dataclass(frozen=True)
class Roles:
    """The role of each function, and everything that roles allow and deny."""

    of: Mapping[str, str]
    grants: tuple[Grant, ...]
    denials: tuple[Grant, ...] = ()
    _known: dict[tuple[str, Action], bool] = field(default_factory=dict, compare=False, repr=False)

    def allow(self, ask: Ask) -> bool:
        """Whether a function's role allows this: a denial overrides any permission."""
        role = self.of[ask.function]
        return any(one.covers(ask) for one in self.grants if one.role == role) and not any(
            one.covers(ask) for one in self.denials if one.role == role
        )

    def permit(self, function: str, action: Action) -> bool:
        """The same for an action in the endpoint's form; results are cached."""
        known = self._known.get((function, action))
        if known is None:
            ask = Ask(function, action.name, tail(action.resource), action.context)
            known = self.allow(ask)
            if len(self._known) < _MOST_KNOWN:
                self._known[function, action] = known
        return known

    def missing(self, asks: Iterable[Ask]) -> set[Ask]:
        """Uses that the functions' roles do not allow."""
        return {ask for ask in asks if not self.allow(ask)}

    def idle(self, asks: Iterable[Ask]) -> set[Grant]:
        """Permissions that no function with the role has used."""
        asked = list(asks)
        return {
            grant
            for grant in self.grants
            if not any(grant.covers(ask) for ask in asked if self.of[ask.function] == grant.role)
        }


def read_roles(template: Template, resources: Resources) -> Roles:
    """The roles of a template's functions, including the managed policies they refer to.

    Raises:
        TemplateError: policies that cannot be compared: wildcards in allowed actions, policies
            outside the template.
    """
    of = {
        function.name: str(function.properties["Role"]["Fn::GetAtt"][0])
        for function in template.of_type("AWS::Lambda::Function")
    }
    said = [
        (statement["Effect"], grant)
        for role in sorted(set(of.values()))
        for document in _documents(template, role)
        for statement in resources.resolve(document)["Statement"]
        for grant in _grants(role, statement)
    ]
    grants = tuple(grant for effect, grant in said if effect == "Allow")
    return Roles(of, grants, tuple(grant for effect, grant in said if effect == "Deny"))


def _documents(template: Template, role: str) -> Iterator[Any]:
    properties = template.resources[role].properties
    for policy in properties.get("Policies", ()):
        yield policy["PolicyDocument"]
    for named in properties.get("ManagedPolicyArns", ()):
        if not isinstance(named, dict) or "Ref" not in named:
            raise TemplateError(f"{role} has a policy that is not written out: {named}")
        yield template.resources[named["Ref"]].properties["PolicyDocument"]


def _grants(role: str, statement: Mapping[str, Any]) -> Iterator[Grant]:
    conditions = tuple(
        (operator, key, tuple(_listed(value)))
        for operator, tests in statement.get("Condition", {}).items()
        for key, value in tests.items()
    )
    for action in _listed(statement["Action"]):
        if "*" in action and statement["Effect"] == "Allow":
            raise TemplateError(f"{role} allows {action}")
        for resource in _listed(statement["Resource"]):
            yield Grant(role, action, tail(resource), conditions)


def tail(arn: str) -> str:
    """The resource part of an ARN, without service, region and account."""
    return arn.split(":", 5)[5] if arn.startswith("arn:") else arn


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def like(value: str, pattern: str) -> bool:
    """Whether a text matches an IAM pattern."""
    # IAM's wildcards are * and ?; they match slashes, too.
    parts = (re.escape(part) for part in re.split(r"([*?])", pattern))
    expression = "".join({r"\*": ".*", r"\?": "."}.get(part, part) for part in parts)
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": like,
    # Of a key with several values, one match is enough, as everywhere here.
    "ForAnyValue:StringLike": like,
}


def _holds(condition: Condition, context: Context) -> bool:
    operator, key, good = condition
    if operator not in _OPERATORS:
        raise TemplateError(f"condition {operator} is not known here")
    # A key missing from the request makes the condition fail, as in IAM.
    values = [value for name, value in context if name.lower() == key.lower()]
    return any(_OPERATORS[operator](value, wanted) for value in values for wanted in good)
