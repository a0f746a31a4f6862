from typing import Any

import pytest

from bench.capacity import (
    Exchange,
    Index,
    Key,
    Place,
    Units,
    index_units,
    indexes_of,
    key_of,
    places,
    units,
    write_units,
    written_keys,
)
from local.aws.sizes import item_size, value_size

Item = dict[str, dict[str, Any]]

BY_CELL = Index("p1", "s1", frozenset({"pk", "sk", "p1", "s1"}))
WITH_CELL = Index("p4", "s1", frozenset({"pk", "sk", "p4", "s1", "p1"}), "g04")


def item(key: str = "a", **attributes: str) -> Item:
    return {"pk": {"S": key}, "sk": {"S": "A"}} | {
        name: {"S": text} for name, text in attributes.items()
    }


def of_size(size: int) -> Item:
    return {"pk": {"S": "a"}, "sk": {"S": "A"}, "b": {"S": "x" * (size - 7)}}


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "text"}, 4),
        ({"S": "für"}, 4),
        ({"S": "\U0001f600"}, 4),
        ({"N": "0"}, 2),
        ({"N": "7"}, 2),
        ({"N": "12"}, 2),
        ({"N": "123"}, 3),
        ({"N": "1000000"}, 2),
        ({"N": "0.00012"}, 2),
        ({"B": "AAEC"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["notify", "project"]}, 13),
        ({"NS": ["1", "234"]}, 5),
        ({"BS": ["AAEC", "AA=="]}, 4),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 8),
        ({"M": {}}, 3),
        ({"M": {"id": {"N": "5"}, "x": {"L": []}}}, 13),
    ],
)
def test_a_value_counts_what_is_documented(value: dict[str, Any], size: int) -> None:
    assert value_size(value) == size


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(ValueError, match="no type"):
        value_size({"X": 1})


def test_names_count_as_well() -> None:
    assert item_size(item(subject="Printer on fire")) == len("pkaskAsubjectPrinter on fire")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, of_size(1024), 1),
        (None, of_size(1025), 2),
        (of_size(3000), of_size(10), 3),
        (of_size(10), of_size(3000), 3),
        (of_size(2048), None, 2),
    ],
)
def test_a_write_costs_the_larger_of_before_and_after(
    before: Item | None, after: Item | None, expected: int
) -> None:
    assert write_units(before, after) == expected


def test_writing_nothing_costs_one() -> None:
    assert write_units(None, None) == 1


def in_cell(cell: str, at: str = "1", **more: str) -> Item:
    return item(p1=cell, s1=at, **more)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, in_cell("open"), 1, id="comes"),
        pytest.param(in_cell("open"), None, 1, id="goes"),
        pytest.param(in_cell("open"), in_cell("closed"), 2, id="moves to another partition"),
        pytest.param(in_cell("open", "1"), in_cell("open", "2"), 2, id="moves within it"),
        pytest.param(in_cell("open"), item(s1="1"), 1, id="leaves by losing a key attribute"),
        pytest.param(in_cell("open"), in_cell("open", text="new"), 0, id="stays, not held there"),
        pytest.param(item(s1="1"), item(s1="2"), 0, id="was never in"),
        pytest.param(None, in_cell("c" * 1100), 2, id="is large"),
    ],
)
def test_an_index_entry_costs_what_it_moves(
    before: Item | None, after: Item | None, expected: int
) -> None:
    assert index_units(before, after, [BY_CELL]) == expected


def test_a_held_value_that_changes_is_one_write() -> None:
    before, after = item(p4="ALL", s1="1", p1="open"), item(p4="ALL", s1="1", p1="closed")
    assert index_units(before, after, [WITH_CELL]) == 1
    assert index_units(before, after, [BY_CELL, WITH_CELL]) == 3


def test_indexes_are_read_from_a_description() -> None:
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    held = [{"AttributeName": "p4", "KeyType": "HASH"}, {"AttributeName": "s1", "KeyType": "RANGE"}]
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["p1"]}
    index = {"IndexName": "g04", "KeySchema": held, "Projection": projection}
    assert indexes_of({"KeySchema": keys, "GlobalSecondaryIndexes": [index]}) == [WITH_CELL]
    with pytest.raises(ValueError, match="g04"):
        indexes_of(
            {
                "KeySchema": keys,
                "GlobalSecondaryIndexes": [index | {"Projection": {"ProjectionType": "ALL"}}],
            }
        )


def write(operation: str, request: dict[str, Any], images: dict[str, Any]) -> Units:
    keys = written_keys(operation, request)
    before = {key: images.get(key.pk, (None, None))[0] for key in keys}
    after = {key: images.get(key.pk, (None, None))[1] for key in keys}
    return units(Exchange(operation, request, {}, before, after), {"desk": [BY_CELL]})


def test_a_put_costs_itself_and_its_index_entries() -> None:
    new = in_cell("open", text="x" * 2000)
    assert write("PutItem", {"TableName": "desk", "Item": new}, {"a": (None, new)}) == Units(
        write=3
    )


def test_a_transaction_writes_its_items_twice_and_perhaps_its_entries() -> None:
    new = in_cell("open")
    request = {
        "TransactItems": [
            {"Put": {"TableName": "desk", "Item": new}},
            {"Update": {"TableName": "desk", "Key": item("b")}},
            {"ConditionCheck": {"TableName": "other", "Key": item("c")}},
        ]
    }
    images = {"a": (None, new), "b": (of_size(1500), of_size(1500))}
    found = write("TransactWriteItems", request, images)
    assert found == Units(write=2 + 4 + 2 + 1, doubtful=1)
    assert found.written == 10


def test_a_refused_write_is_paid_for() -> None:
    request = {"TableName": "desk", "Key": item("a")}
    assert write("UpdateItem", request, {"a": (of_size(3000), of_size(3000))}) == Units(write=3)


def test_a_batch_of_writes_rounds_each_item_up() -> None:
    request = {
        "RequestItems": {
            "index": [{"PutRequest": {"Item": item("a")}}, {"DeleteRequest": {"Key": item("b")}}],
            "desk": [{"PutRequest": {"Item": in_cell("open") | {"pk": {"S": "c"}}}}],
        }
    }
    images = {"a": (None, item("a")), "c": (None, in_cell("open"))}
    assert write("BatchWriteItem", request, images) == Units(write=4)


def read(operation: str, request: dict[str, Any], answer: dict[str, Any]) -> float:
    return units(Exchange(operation, request, answer, {}, {}), {}).read


@pytest.mark.parametrize(
    ("consistent", "size", "expected"),
    [(True, 4096, 1), (True, 4097, 2), (False, 4096, 0.5), (False, 4097, 1)],
)
def test_a_get_costs_its_item(consistent: bool, size: int, expected: float) -> None:
    request = {"TableName": "desk", "Key": item(), "ConsistentRead": consistent}
    assert read("GetItem", request, {"Item": of_size(size)}) == expected


def test_a_get_of_nothing_costs_one() -> None:
    assert read("GetItem", {"TableName": "desk", "ConsistentRead": True}, {}) == 1


def test_a_query_rounds_up_the_sum() -> None:
    answer = {"Items": [of_size(1000)] * 5}
    assert read("Query", {"TableName": "desk", "ConsistentRead": True}, answer) == 2
    assert read("Query", {"TableName": "desk"}, answer) == 1
    assert read("Query", {"TableName": "desk"}, {"Items": []}) == 0.5


def test_a_query_that_keeps_things_back_cannot_be_told() -> None:
    request = {"TableName": "desk", "FilterExpression": "open = :yes"}
    with pytest.raises(ValueError, match="reads more"):
        read("Query", request, {"Items": [of_size(10)]})


def test_a_batch_of_reads_rounds_each_item_up_and_counts_the_absent() -> None:
    wanted = {"desk": {"Keys": [item("a"), item("b"), item("c")], "ConsistentRead": True}}
    answer = {"Responses": {"desk": [of_size(100), of_size(5000)]}, "UnprocessedKeys": {}}
    assert read("BatchGetItem", {"RequestItems": wanted}, answer) == 1 + 2 + 1


def test_a_batch_of_reads_does_not_count_what_it_left_undone() -> None:
    wanted = {"desk": {"Keys": [item("a"), item("b")], "ConsistentRead": True}}
    answer = {
        "Responses": {"desk": [of_size(100)]},
        "UnprocessedKeys": {"desk": {"Keys": [item("b")]}},
    }
    assert read("BatchGetItem", {"RequestItems": wanted}, answer) == 1


def test_what_has_no_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="Scan"):
        read("Scan", {"TableName": "desk"}, {})


def test_units_add_up() -> None:
    assert Units(1, 2, 3) + Units(0.5, 1, 1) == Units(1.5, 3, 4)


def test_an_item_names_its_key() -> None:
    assert key_of("desk", item("k")) == Key("desk", "k", "A")


def test_units_are_paid_by_partitions() -> None:
    index = Index("p1", "s1", frozenset({"pk", "sk", "p1", "s1"}), "g01")
    old, new = item("T#1", p1="a", s1="1"), item("T#1", p1="b", s1="1")
    key = Key("desk", "T#1", "A")
    put = {"Put": {"TableName": "desk", "Item": new}}
    moved = Exchange("TransactWriteItems", {"TransactItems": [put]}, {}, {key: old}, {key: new})
    paid = places(moved, {"desk": [index]})
    assert paid == {
        Place("desk", "", "T#1"): Units(write=2),
        Place("desk", "g01", "a"): Units(write=1, doubtful=1),
        Place("desk", "g01", "b"): Units(write=1, doubtful=1),
    }
    assert sum(paid.values(), Units()) == units(moved, {"desk": [index]})


@pytest.mark.parametrize(
    ("operation", "request_", "answer", "paid"),
    [
        (
            "GetItem",
            {"TableName": "desk", "Key": item("SEQ"), "ConsistentRead": True},
            {},
            {Place("desk", "", "SEQ"): Units(read=1)},
        ),
        (
            "Query",
            {
                "TableName": "desk",
                "IndexName": "g10",
                "KeyConditionExpression": "(p10 = :v0 AND s10 < :v1)",
                "ExpressionAttributeValues": {":v0": {"S": "TODO"}, ":v1": {"S": "x"}},
            },
            {"Items": []},
            {Place("desk", "g10", "TODO"): Units(read=0.5)},
        ),
        (
            "BatchGetItem",
            {
                "RequestItems": {
                    "desk": {"Keys": [item("CAT"), item("T#1")], "ConsistentRead": True}
                }
            },
            {"Responses": {"desk": [of_size(9000) | {"pk": {"S": "T#1"}}]}},
            {
                Place("desk", "", "CAT"): Units(read=1),
                Place("desk", "", "T#1"): Units(read=3),
            },
        ),
    ],
)
def test_reads_are_paid_by_partitions(
    operation: str, request_: dict[str, Any], answer: dict[str, Any], paid: dict[Place, Units]
) -> None:
    assert places(Exchange(operation, request_, answer, {}, {}), {}) == paid
