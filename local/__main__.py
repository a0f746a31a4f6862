"""`python -m local`: serves the whole desk on this machine.

Environment variables: local/settings.py, docs/local.md.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from threading import Event

from local.cloud import PARAMETERS, LocalCloud
from local.data.folder import DataError
from local.serving import CannotListen
from local.settings import SettingError, Settings
from local.sign_in import PARAMETERS as SIGN_IN


def main() -> int:
    """Serve until interrupted; returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        settings = Settings.from_environment(os.environ)
        cloud = LocalCloud(
            options=settings.options,
            host=settings.host,
            port=settings.port,
            smtp_port=settings.smtp_port,
            first_key=settings.first_key,
            data=settings.data,
            parameters={**PARAMETERS, **(SIGN_IN if settings.sign_in else {})},
        ).start()
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    except CannotListen as error:
        print(f"{error} Set HOST, PORT or SMTP_PORT.", file=sys.stderr)
        return 1
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        print(f"Deskless is up at {cloud.url}")
        print(f"Admin key: {cloud.key}")
        print(f"Mail for the desk: SMTP on port {cloud.smtp.port}")
        if settings.data:
            print(f"Kept in {settings.data}")
        print(f"Routes, key and mail: {cloud.url}/local", flush=True)
        stop.wait()
    finally:
        cloud.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
