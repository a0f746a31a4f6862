"""Writes the desk to its folder: every few seconds after changes, and at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Event, Thread

from local.aws.calls import Call
from local.data.folder import DataFolder
from local.data.state import State

_LOG = logging.getLogger("local.data")

SECONDS = 2.0
"""Seconds between two checks for changes: the most that a crash can lose."""

_READS = (
    "BatchGet",
    "Describe",
    "Get",
    "Head",
    "List",
    "Query",
    "Receive",
    "Scan",
    "TransactGet",
)
"""Prefixes of operations that change nothing in the stored state."""


class Saver:
    """Keeps a folder up to date from a background thread.

    Args:
        folder: where to write; closed at the end.
        state: what to write.
        at_rest: a context in which nothing runs: no request, no function, no write.
    """

    def __init__(
        self,
        folder: DataFolder,
        state: State,
        at_rest: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._folder = folder
        self._state = state
        self._at_rest = at_rest
        self._changed = True
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="saver", daemon=True)

    def start(self) -> None:
        """Write the current state, and then every change.

        Raises:
            sqlite3.Error, OSError: the folder cannot be written to.
        """
        self._save()
        self._thread.start()

    def hear(self, call: Call) -> None:
        """Note a call to AWS that succeeded."""
        if not call.operation.startswith(_READS):
            self._changed = True

    def stop(self) -> None:
        """Write the last state and close the folder, after everything else has stopped."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        self._changed = True
        self._try()
        self._folder.close()

    def _run(self) -> None:
        while not self._stopped.wait(SECONDS):
            self._try()

    def _try(self) -> None:
        try:
            self._save()
        except Exception:  # noqa: BLE001 - a disk that is full now may have room later
            _LOG.exception("the desk could not be written to its folder")

    def _save(self) -> None:
        if not self._changed:
            return
        with self._at_rest():
            self._changed = False
            changes = self._state.collect()
        try:
            self._folder.write(changes.rows, changes.gone, changes.complete)
        except BaseException:
            self._state.start_over()
            self._changed = True
            raise
