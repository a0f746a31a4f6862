"""Caches how moto parses and validates DynamoDB expressions.

A condition is parsed once and takes its values from each request; the ten traversals of an update's
tree find the handler of a node only once per class. moto still decides what an expression means.
"""

from __future__ import annotations

import pickle
from copy import deepcopy
from functools import cache, lru_cache
from typing import Any

from moto.dynamodb.comparisons import AttributeValue, ConditionExpressionParser
from moto.dynamodb.parsing.ast_nodes import (  # type: ignore[attr-defined]
    DepthFirstTraverser,
    Node,
    UpdateExpression,
)
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined]
    UpdateExpressionParser,
)
from moto.dynamodb.parsing.validators import ActionCountValidator

_parse = ConditionExpressionParser.parse
_check_node = ConditionExpressionParser._assert_no_redundant_parentheses  # noqa: SLF001 - the same
_make_operand = ConditionExpressionParser._make_operand  # noqa: SLF001 - moto has no other way in
_make_tree = UpdateExpressionParser.make
_no_hook = DepthFirstTraverser.pre_processing_of_child

_MOST = 10_000
"""Most cached conditions; random tests create more than the desk ever uses."""

_conditions: dict[tuple[str, str], tuple[Any, list[str], list[str]]] = {}
"""By expression and names: the root of the tree, and the names and values it uses."""


def _parse_condition(parser: ConditionExpressionParser) -> Any:
    if not parser.condition_expression:
        return _parse(parser)
    key = (parser.condition_expression, repr(parser.expression_attribute_names))
    known = _conditions.get(key)
    if known is None:
        made = _parse(parser)
        if len(_conditions) >= _MOST:
            _conditions.clear()
        root: Any = parser.__dict__["local_root"]
        names, values = parser.expr_attr_names_found, parser.expr_attr_values_found
        _conditions[key] = (root, list(names), list(values))
        return made
    root, names, values = known
    parser.expr_attr_names_found.extend(names)
    parser.expr_attr_values_found.extend(values)
    return parser._make_op_condition(root)  # noqa: SLF001 - moto has no other way in


def _check(parser: ConditionExpressionParser, node: Any, parent_kind: str | None = None) -> None:
    # The first node to be checked is the root, which moto does not expose.
    parser.__dict__.setdefault("local_root", node)
    _check_node(parser, node, parent_kind)


def _operand(parser: ConditionExpressionParser, node: Any) -> Any:
    # The tree may be from an earlier request: its values must come from this one.
    if node.kind == parser.Kind.EXPRESSION_ATTRIBUTE_VALUE:
        return AttributeValue(parser._lookup_expression_attribute_value(node.text))  # noqa: SLF001
    return _make_operand(parser, node)


@lru_cache(1000)
def _tree(expression: str) -> UpdateExpression:
    made: UpdateExpression = _make_tree(expression)
    made.local_expression = expression
    # A call parses this tree three times, and makes up to two copies; only the copies are modified.
    made.local_copy = pickle.dumps(made)
    return made


def copy_tree(part: Any, *args: Any) -> Any:
    """`deepcopy`, for a parsed tree from the pickle made when it was parsed."""
    known = getattr(part, "local_copy", None)
    return pickle.loads(known) if known else deepcopy(part, *args)  # noqa: S301 - made by _tree


def _count(counter: ActionCountValidator, root: Any) -> Any:
    """Count the clauses of an update; once per expression."""
    expression: str = getattr(root, "local_expression", "")
    if expression not in _counted:
        _traverse(counter, root)
        if expression:
            _counted.add(expression)
    return root


_counted: set[str] = set()


def _traverse(traverser: DepthFirstTraverser, root: Any) -> Any:
    """Walk a tree in post-order.

    For each node, moto checks by abstract base classes whether it is a node, and which of the
    traverser's methods handles it.
    """
    methods = traverser._processing_map()  # noqa: SLF001 - moto has no other way in
    kinds = tuple(methods)
    hooked = type(traverser).pre_processing_of_child is not _no_hook

    def walk(node: Any, place: int) -> Any:
        parent = node.parent
        for i, child in enumerate(node.children or ()):
            if hooked:
                traverser.pre_processing_of_child(node, i)
            if _is_node(child.__class__):
                walk(child, i)
        kind = _first(kinds, node.__class__)
        if kind is None:
            return node
        made = methods[kind](node)
        made.parent = parent
        if parent:
            parent.children[place] = made
        return made

    return walk(root, -1)


@cache
def _is_node(kind: Any) -> bool:
    return issubclass(kind, Node)


@cache
def _first(kinds: tuple[type, ...], kind: Any) -> Any:
    return next((one for one in kinds if issubclass(kind, one)), None)


REPLACED: tuple[tuple[type, str, Any], ...] = (
    (ConditionExpressionParser, "parse", _parse_condition),
    (ConditionExpressionParser, "_assert_no_redundant_parentheses", _check),
    (ConditionExpressionParser, "_make_operand", _operand),
    (DepthFirstTraverser, "traverse", _traverse),
    (ActionCountValidator, "traverse", _count),
    (UpdateExpressionParser, "make", staticmethod(_tree)),
)
"""moto's methods and their replacements."""
