"""Writes the desk to its folder: every few seconds where something changed, and at the end."""

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
"""Between two looks at whether something has changed: what a crash may cost at most."""

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
"""How the names of operations begin that change nothing which is kept."""


class Saver:
    """Keeps a folder up to date from a thread.

    Args:
        folder: where to write; closed at the end.
        state: what to write.
        at_rest: a block in which nothing moves: no request, no function, no write.
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
        """Write what there is, and go on with what changes.

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
        """Write the last state and close the folder. Nothing else runs any more."""
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
