"""Which functions depend on others: what must have happened before they are called, by their roles.

With `FaultOptions.on_demand` nothing happens by itself: that is half of what a request costs, and
most tests look at none of it. What a function would read of it happens before the function is
called.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from local.cloudformation.resources import Resources
from local.cloudformation.template import Template


def readers(template: Template, resources: Resources) -> frozenset[str]:
    """Functions that read what others make in the background: an index, or a table without a
    stream of its own, which follows another's.
    """
    made = tuple(
        f":table/{resources.physical(table.name).ref}"
        for table in template.of_type("AWS::DynamoDB::Table")
        if "StreamSpecification" not in table.properties
    )
    return frozenset(
        function
        for function, grants in _grants(template, resources)
        if any("/index/" in where or where.endswith(made) for _, where in grants)
    )


def mailers(template: Template, resources: Resources) -> frozenset[str]:
    """Functions that send mail, which none of the others reads."""
    return frozenset(
        function
        for function, grants in _grants(template, resources)
        if any(action == "ses:SendEmail" for action, _ in grants)
    )


def _grants(
    template: Template, resources: Resources
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each function with the pairs of action and resource of its role's own policies."""
    for function in template.of_type("AWS::Lambda::Function"):
        role = template.resources.get(function.properties["Role"].get("Fn::GetAtt", [""])[0])
        policies = resources.resolve(role.properties.get("Policies", [])) if role else []
        yield (
            function.name,
            [
                (action, where)
                for policy in policies
                for statement in policy["PolicyDocument"]["Statement"]
                for action in _listed(statement["Action"])
                for where in _listed(statement["Resource"])
            ],
        )


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
