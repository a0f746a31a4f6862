"""Which functions depend on others: what must have happened before they are called, by their roles.

With `FaultOptions.on_demand` nothing happens by itself: that is half of what a request costs, and
most tests look at none of it. What a function would read of it happens before the function is
called.
"""

from __future__ import annotations

from collections.abc import Callable

from local.aws.roles import Grant, Roles
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template


def readers(template: Template, resources: Resources, roles: Roles) -> frozenset[str]:
    """Functions that read what others make in the background: an index, or a table without a
    stream of its own, which follows another's.
    """
    made = {
        f"table/{resources.physical(table.name).ref}"
        for table in template.of_type("AWS::DynamoDB::Table")
        if "StreamSpecification" not in table.properties
    }
    return _allowed(roles, lambda one: "/index/" in one.resource or one.resource in made)


def mailers(roles: Roles) -> frozenset[str]:
    """Functions that send mail, which none of the others reads."""
    return _allowed(roles, lambda one: one.action == "ses:SendEmail")


def _allowed(roles: Roles, what: Callable[[Grant], bool]) -> frozenset[str]:
    able = {grant.role for grant in roles.grants if what(grant)}
    return frozenset(function for function, role in roles.of.items() if role in able)
