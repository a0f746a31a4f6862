"""Files: as they come in, as uploads, as attachments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that came with a request, not stored yet; or the name of one that was uploaded.

    `upload` is the id of such an upload. Its type and `uploaded`, its size in bytes, are known once
    it has been looked at, if there is any. Without `limited` it may be of any type and one of any
    number.
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
    """A place for one file: a form that takes it, to be sent to `url` with these `fields`."""

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
