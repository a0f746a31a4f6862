"""The folder that keeps a desk: whole or not at all, and nothing that is damaged is taken."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.data.folder import FORMAT, NAME, DataError, DataFolder, Row, RowKey

ROWS = [Row("item", f'["T", {number}]', '{"n": 1}') for number in range(200)]
ROWS += [Row("object", "a", "{}", bytes(range(256)) * 40), Row("object", "b", "{}", b"")]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder that was written to and closed."""
    write(tmp_path, ROWS)
    return tmp_path


def write(path: Path, rows: list[Row], gone: Collection[RowKey] = (), whole: str = "") -> None:
    folder = DataFolder(path)
    folder.write(rows, gone, whole.split())
    folder.close()


def read(path: Path) -> list[Row]:
    folder = DataFolder(path)
    rows = [*folder.rows("item"), *folder.rows("object")]
    folder.close()
    return rows


def state(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.iterdir()}


def refused(path: Path, match: str) -> None:
    """It is refused with these words, and is as it was."""
    before = state(path)
    with pytest.raises(DataError, match=match) as refusal:
        DataFolder(path)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert state(path) == before


def test_what_was_written_is_read(kept: Path) -> None:
    assert sorted(read(kept), key=str) == sorted(ROWS, key=str)
    assert [file.name for file in kept.iterdir()] == [NAME]
    assert (kept / NAME).stat().st_mode & 0o077 == 0


def test_a_new_folder_is_made_and_is_empty_until_something_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b"
    assert read(path) == []
    assert list(path.iterdir()) == []


def test_changes_are_written_and_what_is_gone_goes(kept: Path) -> None:
    changed = Row("object", "a", '{"new": true}', b"x")
    write(kept, [changed], gone={ROWS[0].name, ROWS[1].name})
    rows = read(kept)
    assert changed in rows
    assert len(rows) == len(ROWS) - 2
    write(kept, [Row("object", "c", "{}", b"")], whole="object")
    assert [row.key for row in read(kept) if row.kind == "object"] == ["c"]
    write(kept, [], whole="object item")
    assert read(kept) == []


def test_a_write_that_fails_changes_nothing(kept: Path) -> None:
    folder = DataFolder(kept)
    bad = Row("item", "bad", "{}", body=object())  # type: ignore[arg-type]
    with pytest.raises((sqlite3.Error, TypeError)):
        folder.write([Row("item", "new", "{}"), bad], {ROWS[0].name}, ["object"])
    assert len(list(folder.rows("item"))) == 200
    # And the next one is written as if there had been none.
    folder.write([Row("item", "new", "{}")], {ROWS[0].name}, [])
    folder.close()
    assert len(read(kept)) == len(ROWS)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_off_is_refused(kept: Path, share: float) -> None:
    file = kept / NAME
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    refused(kept, "is damaged")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_changed_byte_is_refused_or_does_not_matter(
    kept: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("changed")
    content = bytearray((kept / NAME).read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    (path / NAME).write_bytes(content)
    try:
        rows = read(path)
    except DataError:
        assert (path / NAME).read_bytes() == content
    else:
        # Unused bytes of a page, a counter of SQLite's own.
        assert sorted(rows, key=str) == sorted(ROWS, key=str)
    shutil.rmtree(path)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM rows WHERE key = 'a'",
        "UPDATE rows SET value = '{\"n\": 2}' WHERE kind = 'item' AND key = '[\"T\", 7]'",
        "UPDATE rows SET body = x'00' WHERE key = 'a'",
        "UPDATE rows SET key = 'c' WHERE key = 'a'",
        "UPDATE total SET digest = digest + 1",
        "DELETE FROM total",
        "DROP TABLE total",
        "DROP TABLE rows",
        "PRAGMA application_id = 1",
    ],
)
def test_what_was_changed_behind_its_back_is_refused(kept: Path, statement: str) -> None:
    with sqlite3.connect(kept / NAME) as connection:
        connection.execute(statement)
    connection.close()
    refused(kept, "is damaged")


def test_a_newer_version_is_refused(kept: Path) -> None:
    with sqlite3.connect(kept / NAME) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
        connection.execute("DROP TABLE total")
    connection.close()
    refused(kept, f"newer version of Deskless .format {FORMAT + 1}, this one reads {FORMAT}")


def test_another_file_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("a letter to my aunt " * 100)
    refused(tmp_path, "is damaged")


def test_a_journal_without_its_file_is_refused(kept: Path) -> None:
    (kept / NAME).rename(kept / f"{NAME}-journal")
    refused(kept, "is damaged")


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match=r"must be a folder .*\.$"):
        DataFolder(tmp_path / "file")


@pytest.fixture
def other_process(kept: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has the folder open."""
    code = (
        f"from local.data.folder import *; f = DataFolder(Path({str(kept)!r})); print(1); input()"
    )
    with subprocess.Popen(  # noqa: S603 - our own code
        [sys.executable, "-uc", code],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "1\n"
        yield process
        process.kill()


def test_one_process_has_it_until_it_ends(kept: Path, other_process: subprocess.Popen[str]) -> None:
    refused(kept, "is open in another process")
    other_process.kill()
    other_process.wait()
    assert len(read(kept)) == len(ROWS)
