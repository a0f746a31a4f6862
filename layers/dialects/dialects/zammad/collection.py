"""Common parts of Zammad's generic resources (docs/zammad.md 9): sorted lists in pages, and record
shapes by flags.

A record is a dict that is shown unchanged; `expand` adds names to it, `full` lists it in assets.
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


def sorting(values: Bag, column: str = "id", direction: str = "asc") -> list[tuple[str, bool]]:
    """The columns to sort by, and whether each is descending; `column` if none is named. Columns
    without their own direction are dropped; without any directions, the first gets `direction`.

    Raises:
        Refusal: 422, for a direction other than `asc` and `desc`.
    """
    columns = values.listed("sort_by")[:MOST_COLUMNS] or [column]
    directions = [one.lower() for one in values.listed("order_by")] or [direction]
    for one in directions:
        if one not in {"asc", "desc"}:
            shown = one[:LONGEST_REFERENCE]
            text = f"Found invalid order by value {shown}. Please use 'asc' or 'desc'."
            raise Refusal(422, text)
    return [(name, one == "desc") for name, one in zip(columns, directions, strict=False)]


def unknown_column(column: str) -> Refusal:
    """The refusal for a column that cannot be sorted by."""
    return Refusal(422, f"Found invalid column '{column[:LONGEST_REFERENCE]}' for sorting.")


def order(records: Sequence[Record], values: Bag) -> list[Record]:
    """The records in the order of `sort_by` and `order_by`; by id by default.

    Raises:
        Refusal: 422, for an unknown column or direction.
    """
    return _ordered(records, sorting(values))


def order_found(records: Sequence[Record], values: Bag) -> list[Record]:
    """Search results in the requested order; by default active records first, then the most
    recently changed ones (docs/zammad.md 17.16).

    Raises:
        Refusal: As `order`.
    """
    columns = sorting(values, "updated_at", "desc")
    if values.listed("sort_by") or values.listed("order_by"):
        return _ordered(records, columns)
    last = sorted(records, key=lambda row: row["updated_at"] or "", reverse=True)
    return sorted(last, key=lambda row: not row["active"])


def _ordered(records: Sequence[Record], columns: Sequence[tuple[str, bool]]) -> list[Record]:
    ordered = list(records)
    for column, falls in reversed(columns):
        if records and not _sorts(records[0], column):
            raise unknown_column(column)
        ordered.sort(key=lambda row: _rank(row[column]), reverse=falls)
    return ordered


def _sorts(record: Record, column: str) -> bool:
    return column in record and not isinstance(record[column], list | dict)


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is None, value.casefold() if isinstance(value, str) else value or 0)


def page(records: Sequence[Record], values: Bag) -> list[Record]:
    """The requested page, of all records in their order."""
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
    """A page of records in the requested shape.

    Args:
        records: The page.
        values: The parameters.
        total: The number of all records; None if the list has no total.
        names: The names that `expand` adds to a record.
        assets: The records of a page with everything they refer to.
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
    """One record in the requested shape."""
    if values.flag("expand"):
        return show.answer({**record, **names(record)}, status)
    if values.flag("full"):
        return show.answer({"id": record["id"], "assets": assets([record])}, status)
    return show.answer(record, status)


def found(
    values: Bag,
    records: Sequence[Record],
    total: int,
    *,
    names: Callable[[Record], Mapping[str, Any]],
    assets: Callable[[Sequence[Record]], Assets],
    labelled: Callable[[Record], Record],
) -> Response:
    """A page of search results in the requested shape; here `full` takes precedence over `expand`
    (docs/zammad.md 1.1).

    Args:
        values: The parameters.
        records: The page.
        total: The number of all results.
        names: The names that `expand` adds to a record.
        assets: The records of a page with everything they refer to.
        labelled: The shape of a record for `label` and `term`.
    """
    if values.flag("only_total_count"):
        return show.answer({"total_count": total})
    if values.flag("full"):
        ids = [row["id"] for row in records]
        body: Any = {"record_ids": ids, "assets": assets(records), "total_count": total}
        return show.document(body, "records.json")
    rows = list(records)
    if values.flag("expand"):
        rows = [{**row, **names(row)} for row in records]
    elif "label" in values or "term" in values:
        rows = [labelled(row) for row in records]
    counted = values.flag("with_total_count")
    body = {"records": rows, "total_count": total} if counted else rows
    return show.document(body, "records.json")


def labelled(row: Record) -> Record:
    """A named record in the shape for autocompletion."""
    return {"id": row["id"], "label": row["name"], "value": row["name"]}
