"""`python -m local`: serve the whole desk on this machine.

Environment: PORT (8080), SMTP_PORT (2525), HOST (127.0.0.1), LOCAL_API_KEY (value of the admin key,
else one is drawn), LOCAL_INDEX_LAG, LOCAL_CONFLICT_RATE, LOCAL_DUPLICATE_RATE, LOCAL_STAGE_PREFIX,
LOCAL_SOURCE_HEADER (see options.py), AWS_ENDPOINT_URL_<SERVICE> (a service of your own).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from threading import Event

from local.cloud import LocalCloud
from local.options import FaultOptions


def main() -> int:
    """Serve until told to stop; returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))
    smtp_port = int(os.environ.get("SMTP_PORT", "2525"))
    try:
        cloud = LocalCloud(
            options=FaultOptions.from_environment(os.environ),
            host=host,
            port=port,
            smtp_port=smtp_port,
            first_key=os.environ.get("LOCAL_API_KEY") or None,
        )
    except OSError as error:
        print(
            f"Cannot listen on {host}, {port} and {smtp_port}: {error.strerror}. "
            "Set PORT or SMTP_PORT.",
            file=sys.stderr,
        )
        return 1
    with cloud:
        print(f"Deskless is up at {cloud.url}")
        print(f"Admin key: {cloud.key}")
        print(f"Mail for the desk: SMTP on port {cloud.smtp.port}")
        print(f"Routes, key and mail: {cloud.url}/local", flush=True)
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
