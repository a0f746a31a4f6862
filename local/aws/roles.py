"""What a function asks of AWS against what its role allows it (docs/aws.md m6).

moto enforces no policy, so a permission that is missing would first be missed in a deployment, and
one too many never. Both are found here, down to the resource and the condition of a statement: the
tests compare, and the endpoint refuses where it is strict.
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
    """One action that a function needed. `resource` is an ARN without its first five parts, and
    `context` what conditions can look at.
    """

    function: str
    action: str
    resource: str
    context: Context = frozenset()


@dataclass(frozen=True)
class Grant:
    """One action on one pattern of resources that a role allows or denies. `conditions` are triples
    of operator, key and the values of which one must fit; all of them must hold.
    """

    role: str
    action: str
    resource: str
    conditions: tuple[Condition, ...] = ()

    def covers(self, ask: Ask) -> bool:
        """Whether it speaks of this.

        Raises:
            TemplateError: an operator that is not known here.
        """
        return (
            like(ask.action, self.action)
            and like(ask.resource, self.resource)
            and all(_holds(condition, ask.context) for condition in self.conditions)
        )


@dataclass(frozen=True)
class Roles:
    """The role of each function, and all that roles allow and deny."""

    of: Mapping[str, str]
    grants: tuple[Grant, ...]
    denials: tuple[Grant, ...] = ()
    _known: dict[tuple[str, Action], bool] = field(default_factory=dict, compare=False, repr=False)

    def allow(self, ask: Ask) -> bool:
        """Whether a function's role lets it do this: a denial beats any permission."""
        role = self.of[ask.function]
        return any(one.covers(ask) for one in self.grants if one.role == role) and not any(
            one.covers(ask) for one in self.denials if one.role == role
        )

    def permit(self, function: str, action: Action) -> bool:
        """The same of an action as the endpoint has it; what was asked before is remembered."""
        known = self._known.get((function, action))
        if known is None:
            ask = Ask(function, action.name, tail(action.resource), action.context)
            known = self.allow(ask)
            if len(self._known) < _MOST_KNOWN:
                self._known[function, action] = known
        return known

    def missing(self, asks: Iterable[Ask]) -> set[Ask]:
        """What functions have asked for and their roles do not allow."""
        return {ask for ask in asks if not self.allow(ask)}

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

    Raises:
        TemplateError: what cannot be compared: wildcards in what is allowed, policies that are not
            the template's own.
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
    """What of an ARN names the resource within its service, region and account."""
    return arn.split(":", 5)[5] if arn.startswith("arn:") else arn


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def like(value: str, pattern: str) -> bool:
    """Whether a text fits a pattern of IAM's."""
    # IAM's wildcards are * and ?; they cross slashes.
    parts = (re.escape(part) for part in re.split(r"([*?])", pattern))
    expression = "".join({r"\*": ".*", r"\?": "."}.get(part, part) for part in parts)
    return re.fullmatch(expression, value, re.DOTALL) is not None


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda value, wanted: value == wanted,
    "StringEqualsIgnoreCase": lambda value, wanted: value.lower() == wanted.lower(),
    "StringLike": like,
    # Of a key with several values one is enough, as everywhere here.
    "ForAnyValue:StringLike": like,
}


def _holds(condition: Condition, context: Context) -> bool:
    operator, key, good = condition
    if operator not in _OPERATORS:
        raise TemplateError(f"condition {operator} is not known here")
    # A key that the request does not have makes the condition fail, as in IAM.
    values = [value for name, value in context if name.lower() == key.lower()]
    return any(_OPERATORS[operator](value, wanted) for value in values for wanted in good)
