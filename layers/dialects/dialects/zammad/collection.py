"""What Zammad's generic resources have in common (docs/zammad.md 9): sorted lists in pages, and
records by flags.

A record is a dict that is shown as it is; `expand` adds names to it, `full` puts it among assets.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dialects.endpoint import Response
from dialects.zammad import read, show
from dialects.zammad.read import LONGEST_REFERENCE, Bag
from dialects.zammad.refuse import Refusal

Record = dict[str, Any]
Assets = dict[str, dict[str, Record]]

DEFAULT_PAGE, LARGEST_PAGE = 500, 1000
MOST_COLUMNS = 10


def order(records: Sequence[Record], values: Bag) -> list[Record]:
    """The records in the order that `sort_by` and `order_by` ask for; by id, as a rule.

    Raises:
        Refusal: 422, for a column that there is not and for another direction.
    """
    ordered = list(records)
    for column, direction in reversed(sorting(values)):
        if records and not _sorts(records[0], column):
            raise unknown_column(column)
        ordered.sort(key=lambda row: _rank(row[column]), reverse=direction == "desc")
    return ordered


def sorting(values: Bag) -> list[tuple[str, str]]:
    """The columns to sort by, each with `asc` or `desc`; by id, as a rule.

    Raises:
        Refusal: 422, for another direction.
    """
    columns = values.listed("sort_by")[:MOST_COLUMNS] or ["id"]
    directions = [one.lower() for one in values.listed("order_by")] or ["asc"]
    for direction in directions:
        if direction not in {"asc", "desc"}:
            shown = direction[:LONGEST_REFERENCE]
            text = f"Found invalid order by value {shown}. Please use 'asc' or 'desc'."
            raise Refusal(422, text)
    return list(zip(columns, directions, strict=False))


def unknown_column(column: str) -> Refusal:
    """The refusal to sort by a column that there is not."""
    return Refusal(422, f"Found invalid column '{column[:LONGEST_REFERENCE]}' for sorting.")


def _sorts(record: Record, column: str) -> bool:
    return column in record and not isinstance(record[column], list | dict)


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is None, value.casefold() if isinstance(value, str) else value or 0)


def page(records: Sequence[Record], values: Bag) -> list[Record]:
    """The page that is asked for, of all records in their order."""
    window = read.window(values, DEFAULT_PAGE, LARGEST_PAGE)
    return list(records[window.offset : window.offset + window.limit])


def listing(
    records: Sequence[Record],
    values: Bag,
    *,
    total: int | None = None,
    names: Callable[[Record], Mapping[str, Any]],
    assets: Callable[[Sequence[Record]], Assets],
) -> Response:
    """A page of records, in the shape that is asked for.

    Args:
        records: The page.
        values: The parameters.
        total: How many records there are in all; None for a list that does not tell.
        names: What `expand` adds to a record.
        assets: The records of a page with all that they refer to.
    """
    if values.flag("expand"):
        return show.document([{**row, **names(row)} for row in records], "records.json")
    if values.flag("full"):
        body: Record = {"record_ids": [row["id"] for row in records], "assets": assets(records)}
        if total is not None:
            body["total_count"] = total
        return show.document(body, "records.json")
    return show.document(list(records), "records.json")


def one(
    record: Record,
    values: Bag,
    *,
    status: int = 200,
    names: Callable[[Record], Mapping[str, Any]],
    assets: Callable[[Sequence[Record]], Assets],
) -> Response:
    """One record, in the shape that is asked for."""
    if values.flag("expand"):
        return show.answer({**record, **names(record)}, status)
    if values.flag("full"):
        return show.answer({"id": record["id"], "assets": assets([record])}, status)
    return show.answer(record, status)
