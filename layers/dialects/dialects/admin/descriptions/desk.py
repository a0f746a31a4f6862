"""What there is beside keys, rows and mail."""

from collections.abc import Mapping

from dialects.admin.describing import JSON
from dialects.describing import Operation, Words, path, text
from dialects.endpoint import UnknownPath

TAGS = {"Desk": "What there is beside all that."}
_DESK = next(iter(TAGS))

SCHEMAS: Mapping[str, Words] = {}

OPERATIONS = {
    "console": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["app-0123456789abcdef.js"])),),
        answers={200: {"text/html": text(), "text/css": text(), "text/javascript": text()}},
        refusals=(UnknownPath(),),
        description=(
            "With the two files that the page loads. 304 where the browser has the page already; "
            "503 where its files were not built (docs/console.md)."
        ),
    ),
    "explore": Operation(
        tag=_DESK,
        parameters=(path("file", text(examples=["openapi.json"])),),
        answers={
            200: {"text/html": text(), "text/css": text(), "text/javascript": text(), JSON: {}}
        },
        refusals=(UnknownPath(),),
        description="With the files that the page is made of, this document among them.",
    ),
}
