"""The folder itself: one SQLite file of rows, each with a checksum.

SQLite makes each write atomic, even if the process or the machine is stopped. Its own checks detect
broken pages; the checksums detect values that were changed and rows that are missing. The meaning
of the rows: state.py.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from errno import EACCES
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

FORMAT = 1
"""Version of the rows' meaning. Older ones are read, newer ones refused."""

APPLICATION = 0x4465736B
"""SQLite's application id of these files: "Desk"."""

NAME = "desk.sqlite"

_SCHEMA = f"""BEGIN;
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
CREATE TABLE rows (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    body BLOB,
    digest INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE total (digest INTEGER NOT NULL);
INSERT INTO total VALUES (0);
COMMIT;
"""  # noqa: S608 - constants of ours

_PUT = "INSERT OR REPLACE INTO rows (kind, key, value, body, digest) VALUES (?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM rows WHERE kind = ? AND key = ?"
_MODULUS = 1 << 62


class DataError(Exception):
    """The folder cannot be used; the text is a sentence for the user who chose it."""


class RowKey(NamedTuple):
    """The key of a row: a kind, and a name that is unique within the kind."""

    kind: str
    key: str


class Row(NamedTuple):
    """One stored record: `value` is JSON, `body` the part better stored as bytes."""

    kind: str
    key: str
    value: str
    body: bytes | None = None

    @property
    def name(self) -> RowKey:
        """The row's key."""
        return RowKey(self.kind, self.key)

    @property
    def digest(self) -> int:
        """The row's checksum."""
        made = blake2b(digest_size=8)
        parts = (self.kind.encode(), self.key.encode(), self.value.encode(), self.body or b"")
        for part in parts:
            # Prefixed by its length, so that no byte can move to the next part unnoticed.
            made.update(len(part).to_bytes(8, "big") + part)
        return int.from_bytes(made.digest(), "big") % _MODULUS


class DataFolder:
    """A folder of the user, locked against other processes until it is closed.

    Args:
        path: the folder; created if needed.

    Raises:
        DataError: it is in use, damaged, or written by a newer version. It is left unchanged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path / NAME
        self._digests: dict[RowKey, int] = {}
        self._connection: sqlite3.Connection | None = None
        self._lock: int | None = _locked(path)
        try:
            self._check()
        except BaseException:
            self.close()
            raise

    def rows(self, kind: str) -> Iterator[Row]:
        """The stored rows of a kind, in the order of their keys."""
        if self._connection is None:
            return iter(())
        return self._select("WHERE kind = ? ORDER BY key", kind)

    def write(
        self, rows: Iterable[Row], gone: Collection[RowKey], complete: Collection[str]
    ) -> None:
        """Store a new state atomically.

        Args:
            rows: rows that may be new or changed.
            gone: keys of deleted rows.
            complete: kinds of which all rows not in `rows` are deleted, too.

        Raises:
            sqlite3.Error, OSError: it could not be written; the previous state is still there.
        """
        found = {row.name: row for row in rows}
        digests = {name: row.digest for name, row in found.items()}
        left = {name for name in self._digests if name.kind in complete and name not in found}
        left |= {name for name in gone if name in self._digests and name not in found}
        changed = [name for name in found if self._digests.get(name) != digests[name]]
        if not changed and not left:
            return
        now = {name: digest for name, digest in self._digests.items() if name not in left}
        now.update((name, digests[name]) for name in changed)
        if self._connection is None:
            self._create()
        assert self._connection is not None  # noqa: S101 - made above
        with self._connection as transaction:
            transaction.execute("BEGIN")
            transaction.executemany(_DELETE, left)
            for name in changed:
                row = found[name]
                transaction.execute(_PUT, (*row, digests[name]))
            transaction.execute("UPDATE total SET digest = ?", (_total(now.values()),))
        self._digests = now

    def damaged(self, error: Exception) -> DataError:
        """The error to raise for rows that cannot be read."""
        return self._refusal(f"{type(error).__name__}: {error}")

    def close(self) -> None:
        """Release the folder to other processes."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _create(self) -> None:
        """Create a file without rows; it gets its final name only when it is complete."""
        part = self.path / f"{NAME}.part"
        for old in (part, self.path / f"{NAME}.part-journal"):
            old.unlink(missing_ok=True)
        with closing(_connect(part, "rwc")) as made:
            made.executescript(_SCHEMA)
        # It contains the admin key, and mail.
        part.chmod(0o600)
        part.replace(self._file)
        folder = os.open(self.path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._connection = _connect(self._file)

    def _check(self) -> None:
        """Check the whole file before using any of it. Raises: DataError."""
        if not self._file.exists():
            journal = self.path / f"{NAME}-journal"
            if journal.exists():
                # SQLite would use it as the journal of a new file.
                raise self._refusal(f"{journal.name} is there, {NAME} is not")
            return
        try:
            self._connection = _connect(self._file)
            if self._pragma("application_id") != APPLICATION:
                raise self._refusal(f"{NAME} is no file of Deskless")
            version = int(self._pragma("user_version"))
            if version > FORMAT:
                raise DataError(
                    f"The desk in {self.path} was kept by a newer version of Deskless (format "
                    f"{version}, this one reads {FORMAT}). It is left as it is: use that version, "
                    "or another folder."
                )
            if (found := self._pragma("integrity_check")) != "ok":
                raise self._refusal(str(found).splitlines()[-1])
            self._digests = {row.name: row.digest for row in self._select("")}
            (total,) = self._execute("SELECT digest FROM total").fetchone()
            written = {
                RowKey(kind, key): digest
                for kind, key, digest in self._execute("SELECT kind, key, digest FROM rows")
            }
        except (sqlite3.Error, TypeError, ValueError, UnicodeError, AttributeError) as error:
            raise self._refusal(str(error)) from error
        if written != self._digests or total != _total(written.values()):
            raise self._refusal("its checksums do not agree with what it holds")

    def _refusal(self, why: str) -> DataError:
        return DataError(
            f"The desk in {self.path} is damaged ({why}). It is left as it is: put a copy in its "
            "place, or use another folder."
        )

    def _pragma(self, name: str) -> int | str:
        value: int | str = self._execute(f"PRAGMA {name}").fetchone()[0]
        return value

    def _select(self, rest: str, *values: str) -> Iterator[Row]:
        columns = "SELECT kind, key, value, body FROM rows"
        return (Row(*found) for found in self._execute(f"{columns} {rest}", *values))

    def _execute(self, statement: str, *values: str) -> sqlite3.Cursor:
        assert self._connection is not None  # noqa: S101 - callers have looked
        return self._connection.execute(statement, values)


def _total(digests: Iterable[int]) -> int:
    return sum(digests) % _MODULUS


def _connect(file: Path, mode: str = "rw") -> sqlite3.Connection:
    # Written from a separate thread and, at the end, from the main one: never from both at once.
    connection = sqlite3.connect(
        f"{file.resolve().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _locked(path: Path) -> int:
    """A descriptor that locks the folder until this process ends in any way."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        for place in (path, path / NAME):
            if place.exists() and not os.access(place, os.W_OK):
                raise PermissionError(EACCES, os.strerror(EACCES))
    except OSError as error:
        why = f"DATA must be a folder to write to, and {path} is none: {error.strerror}."
        raise DataError(why) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise DataError(f"The desk in {path} is open in another process.") from error
    return descriptor
