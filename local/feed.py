"""`python -m local.feed FILE`: sends a raw mail to the desk that `python -m local` serves.

The envelope is taken from the mail: its first From, and its first recipient that the desk accepts.
Environment: HOST (127.0.0.1), SMTP_PORT (2525), SUPPORT_ADDRESS (support@desk.example).
"""

from __future__ import annotations

import os
import re
import sys
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path
from smtplib import SMTP, SMTPRecipientsRefused

from local.settings import SettingError, read_host, read_port

SUPPORT = "support@desk.example"


def feed(raw: bytes, host: str, port: int, support: str) -> None:
    """Sends one mail, with CRLF line endings and otherwise unchanged.

    Raises:
        OSError: nothing listens there.
    """
    header = message_from_bytes(raw)
    named = getaddresses([str(value) for value in header.get_all("From", [])])
    sender = next((address for _, address in named if address.isascii()), "")
    to = getaddresses([str(v) for name in ("To", "Cc") for v in header.get_all(name, [])])
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    with SMTP(host, port) as server:
        for address in (*(address for _, address in to if address.isascii()), support):
            try:
                server.sendmail(sender, [address], lines)
            except SMTPRecipientsRefused:
                continue
            return


def main() -> int:
    """Returns the exit status."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        print("Which mail? make mail FILE=some.eml", file=sys.stderr)
        return 2
    try:
        port = read_port(os.environ, "SMTP_PORT")
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    host = read_host(os.environ)
    try:
        raw = Path(sys.argv[1]).read_bytes()
        feed(raw, host, port, os.environ.get("SUPPORT_ADDRESS", SUPPORT))
    except OSError as error:
        print(f"No desk takes mail at {host}:{port} ({error}). make run?", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
