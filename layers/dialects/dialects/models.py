"""Bodies that pydantic models describe: from values to a model, from pydantic's errors to Invalid.

Only a family's `bodies` imports this: pydantic costs a cold start some 140 ms.
"""

from collections.abc import Callable
from copy import copy
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import ErrorDetails

from dialects.json_reading import without_mark
from helpdesk.errors import Invalid, Problem

M = TypeVar("M", bound=BaseModel)


def validate(model: type[M], values: object, problem: Callable[[ErrorDetails], Problem]) -> M:
    """The model of values that were decoded already.

    Args:
        model: The model of the values.
        values: A body's values, usually a map.
        problem: Translates pydantic's errors to the family's terms.

    Raises:
        Invalid: With one problem of each field that is wrong.
    """
    try:
        return model.model_validate(values)
    except ValidationError as bad:
        raise _invalid(_errors(bad), problem) from bad


def validate_json(model: type[M], body: bytes, problem: Callable[[ErrorDetails], Problem]) -> M:
    """The model of a JSON body, in pydantic's JSON mode: a strict model takes lists for tuples.

    Raises:
        NotJsonAt: The body is not JSON.
        Invalid: As for `validate`.
    """
    try:
        return model.model_validate_json(without_mark(body))
    except ValidationError as bad:
        found = _errors(bad)
        if found[0]["type"] == "json_invalid":
            raise NotJsonAt(found[0]["msg"]) from bad
        raise _invalid(found, problem) from bad


class NotJsonAt(ValueError):
    """A body is not JSON; the message tells the error, with line and column."""


def _errors(bad: ValidationError) -> list[ErrorDetails]:
    """The errors found by pydantic, without the input and without links to its documentation."""
    return bad.errors(include_url=False, include_context=False, include_input=False)


def _invalid(found: list[ErrorDetails], problem: Callable[[ErrorDetails], Problem]) -> Invalid:
    # One value may be wrong in as many ways as its field has types.
    problems: dict[tuple[str, str], Problem] = {}
    for one in map(problem, found):
        problems[one.field, one.label] = one
    return Invalid(*problems.values())


@cache
def partial(model: type[M]) -> type[M]:
    """The same model with every field optional, for PATCH."""
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        optional = copy(field)
        optional.default = None
        fields[name] = (field.annotation, optional)
    return create_model(f"{model.__name__}Changes", __base__=model, **fields)
