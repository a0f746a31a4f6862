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


def sorting(values: Bag, column: str = "id", direction: str = "asc") -> list[tuple[str, bool]]:
    """The columns to sort by, and whether each falls: this `column` where none is named. One
    without a direction of its own is left out; without any, the first one has this `direction`.

    Raises:
        Refusal: 422, for another direction than `asc` and `desc`.
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
    """The refusal of a column that nothing is sorted by."""
    return Refusal(422, f"Found invalid column '{column[:LONGEST_REFERENCE]}' for sorting.")


def order(records: Sequence[Record], values: Bag) -> list[Record]:
    """The records in the order that `sort_by` and `order_by` ask for; by id, as a rule.

    Raises:
        Refusal: 422, for a column that there is not and for another direction.
    """
    return _ordered(records, sorting(values))


def order_found(records: Sequence[Record], values: Bag) -> list[Record]:
    """What a search has found, in the order that is asked for; as a rule, what is active first,
    then what was changed last (docs/zammad.md 17.16).

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


def found(
    values: Bag,
    records: Sequence[Record],
    total: int,
    *,
    names: Callable[[Record], Mapping[str, Any]],
    assets: Callable[[Sequence[Record]], Assets],
    labelled: Callable[[Record], Record],
) -> Response:
    """A page of what a search has found, in the shape that is asked for; `full` goes before
    `expand` here (docs/zammad.md 1.1).

    Args:
        values: The parameters.
        records: The page.
        total: How many there are in all.
        names: What `expand` adds to a record.
        assets: The records of a page with all that they refer to.
        labelled: A record as `label` and `term` ask for it.
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
    """A record with a name as a field that completes names takes it."""
    return {"id": row["id"], "label": row["name"], "value": row["name"]}
