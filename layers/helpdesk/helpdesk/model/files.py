"""Files: new ones, uploads, attachments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file in a request, not stored yet; or a reference to an uploaded one.

    `upload` is the id of the upload. Its type and `uploaded`, its size in bytes, are set once the
    object has been checked. Without `limited`, the limits of type and number do not apply.
    """

    name: str
    type: str
    data: bytes
    inline: bool = False
    content_id: str = ""
    upload: str = ""
    uploaded: int | None = None
    limited: bool = True

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.data) if self.uploaded is None else self.uploaded


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload of one file: a form to be sent to `url` with these `fields`."""

    id: str
    url: str
    fields: Mapping[str, str]
    expires: datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file of an entry; `object` is its S3 key, `size` counts bytes."""

    id: int
    name: str
    type: str
    size: int
    object: str
    inline: bool = False
    content_id: str = ""
