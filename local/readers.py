"""Which functions depend on background work, derived from their roles.

With `FaultOptions.on_demand` background work is deferred: it is half of a request's cost, and most
tests do not use its results. Before a function is called, the work whose results it could read is
done.
"""

from __future__ import annotations

from collections.abc import Callable

from local.aws.roles import Grant, Roles
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template


def readers(template: Template, resources: Resources, roles: Roles) -> frozenset[str]:
    """Functions that read the results of background work: an index, or a table without a stream,
    which is filled from another one's.
    """
    made = {
        f"table/{resources.physical(table.name).ref}"
        for table in template.of_type("AWS::DynamoDB::Table")
        if "StreamSpecification" not in table.properties
    }
    return _allowed(roles, lambda one: "/index/" in one.resource or one.resource in made)


def mailers(roles: Roles) -> frozenset[str]:
    """Functions that send mail, whose results no other function reads."""
    return _allowed(roles, lambda one: one.action == "ses:SendEmail")


def _allowed(roles: Roles, what: Callable[[Grant], bool]) -> frozenset[str]:
    able = {grant.role for grant in roles.grants if what(grant)}
    return frozenset(function for function, role in roles.of.items() if role in able)
