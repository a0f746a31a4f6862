"""Items written to DynamoDB and read back, and pages of them."""

from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.storage import table, transact
from helpdesk.storage.attributes import pack, packed, unpack
from helpdesk.storage.keys import Key, padded
from tests.desk import Desk
from tests.faults import How

values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63)
    | st.text()
    | st.binary()
    | st.sets(st.text(), min_size=1)
    | st.sets(st.integers(min_value=0, max_value=2**31), min_size=1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(values)
def test_a_value_comes_back_as_it_went(value: Any) -> None:
    assert unpack({"a": packed(value)}) == {"a": value}


@given(values)
def test_a_value_goes_as_boto3_would_send_it(value: Any) -> None:
    theirs: Any = TypeSerializer().serialize(value)
    assert canonical(packed(value)) == canonical(theirs)


def canonical(packed: Any) -> Any:
    """What a packed value means: sets have no order, and boto3 wraps bytes."""
    meant = TypeDeserializer().deserialize(packed)
    return [packed.keys(), plain(meant)]


def plain(value: Any) -> Any:
    if isinstance(value, Binary):
        return value.__dict__["value"]
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("digits", ["-1.5", "1E+37"])
def test_a_number_that_the_desk_writes_never_goes_as_it_came(digits: str) -> None:
    written = pack(unpack({"n": {"N": digits}}))["n"]["N"]
    assert float(written) == float(digits)


def test_an_item_leaves_out_what_is_empty() -> None:
    packed = pack({"a": None, "b": "", "c": set(), "d": [], "e": {}, "f": 0, "g": False})
    assert packed.keys() == {"d", "e", "f", "g"}


def test_ids_in_keys_sort_as_numbers() -> None:
    assert sorted(map(padded, (10, 9, 2**31))) == list(map(padded, (9, 10, 2**31)))


@pytest.mark.parametrize("more", [0, 1])
def test_the_newest_of_a_kind_end_where_there_are_no_more(desk: Desk, more: int) -> None:
    for number in range(2 + more):
        listed = {"p11": "kind", "s11": f"{number}a", "n": number}
        transact.write(transact.put(Key(f"K#{number}", "A"), listed))
    found, after = table.newest("kind", "", 2)
    assert [item["n"] for item in found.values()] == [1 + more, more]
    assert after == ("0a" if more else None)


def test_a_query_goes_on_after_a_megabyte(desk: Desk) -> None:
    for number in range(4):
        transact.write(transact.put(Key("LONG", str(number)), {"text": "x" * 350_000}))
    with desk.injector.fault(How.BEFORE, nth=1000) as watched:
        assert [item["sk"] for item in table.query("LONG")] == ["0", "1", "2", "3"]
    assert watched.calls == ["Query", "Query"]
