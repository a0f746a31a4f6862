"""Staged objects: put into S3 with an operation's first round trip, named by its transaction.

An object that no item names is harmless and is removed by the daily sweep; an item that names a
missing object would be a lost file. So objects are written first, and removed again only if it is
certain that the transaction was not committed (docs/aws.md m1).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.errors import DeskError, Unavailable
from helpdesk.files import uploads
from helpdesk.model.files import Attachment, NewFile
from helpdesk.storage import objects
from helpdesk.storage.entry_items import StoredBody


@dataclass(slots=True)
class StagedObjects:
    """The objects that one operation puts into S3, in its own folder."""

    folder: str
    files: list[NewFile]
    bodies: Sequence[StoredBody]
    put: list[str] = field(default_factory=list)

    @property
    def any(self) -> bool:
        """Whether the folder has objects, and so a reference must be written."""
        return bool(self.files) or any(body.object for body in self.bodies)

    def calls(self) -> list[Callable[[], None]]:
        """One call per object, for the first round trip."""
        return [
            *(
                self._copy(position, file)
                if file.upload
                else self._call(self.file_key(position), file.data, file.type)
                for position, file in enumerate(self.files)
            ),
            *(
                self._call(self.body_key(position), body.object, "application/zlib")
                for position, body in enumerate(self.bodies)
                if body.object
            ),
        ]

    def _call(self, key: str, data: bytes, content_type: str) -> Callable[[], None]:
        def call() -> None:
            # Noted before the call: a call that fails may have stored the object.
            self.put.append(key)
            objects.put(key, data, content_type)

        return call

    def _copy(self, position: int, file: NewFile) -> Callable[[], None]:
        def call() -> None:
            # The upload form can still be used: only the copy stays as it was checked (docs/aws.md
            # m7).
            key = self.file_key(position)
            self.put.append(key)
            self.files[position] = uploads.copy_upload(file, key)

        return call

    def file_key(self, position: int) -> str:
        """The object of the file at this position."""
        return f"{self.folder}{position}"

    def body_key(self, position: int) -> str:
        """The object of the body at this position."""
        return f"{self.folder}body-{position}"

    def keep(self, count: int) -> None:
        """Drops all files but the first `count`."""
        dropped = [self.file_key(position) for position in range(count, len(self.files))]
        self.files = self.files[:count]
        if dropped:
            objects.delete(dropped)

    def attachments(self, first_id: int) -> tuple[Attachment, ...]:
        """The files as attachments, numbered from `first_id`."""
        return tuple(
            Attachment(
                id=first_id + position,
                name=file.name,
                type=file.type,
                size=file.size,
                object=self.file_key(position),
                inline=file.inline,
                content_id=file.content_id,
            )
            for position, file in enumerate(self.files)
        )


@contextmanager
def stage_objects(
    files: Sequence[NewFile], bodies: Sequence[StoredBody], at: datetime
) -> Iterator[StagedObjects]:
    """Stages objects for one operation; removes them again if the operation is refused.

    Not after Unavailable: the transaction may have happened; if not, the sweep removes them.
    """
    stage = StagedObjects(objects.new_folder(at), list(files), bodies)
    try:
        yield stage
    except Unavailable:
        raise
    except DeskError:
        with suppress(DeskError):
            # Objects that cannot be removed now have no reference, and the sweep will remove them.
            if stage.put:
                objects.delete(stage.put)
        raise
