"""A built function under the Lambda runtime emulator, without Docker.

`sam build` writes the artefacts; the emulator is a program inside the aws-sam-cli wheel; a virtual
environment with awslambdaric and boto3 replaces Lambda's own Python. So the code that runs here is
the code that would be deployed: the same files, import paths and bytecode, in its own process.
"""

from __future__ import annotations

import json
import os
import platform
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent

HOST = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
"""This machine's processor, as AWS and `make build` name it."""

BUILT = ROOT / ".aws-sam"
"""Where `make build` writes the artefacts, one folder per processor."""

LAYERS = ("VendorLayer", "HelpdeskLayer", "DialectsLayer")
"""Logical ids of the layers of all functions, in the order in which Lambda unpacks them."""

EXPLORER = "ExplorerLayer"
"""The layer that only functions with an API explorer have, after the others."""

TOKENS = "TokensLayer"
"""The authorizer's last layer, on desks where people can sign in."""

ALIVE = 20.0
"""Seconds within which a started emulator must listen."""

PYTHON = ROOT / ".venv-lambda/bin/python"
"""The replacement for Lambda's own Python."""

_INVOKE = "/2015-03-31/functions/function/invocations"


class Emulator:
    """One built function, started when the block is entered and ended when it is left.

    Args:
        function: its logical id.
        environment: its environment variables, except those that Lambda sets.
        memory: the memory size reported to it, in MB.
        timeout: seconds after which the emulator ends an invocation.
        folder: where its code is, if it is not one of the built functions.
        built: where `make build` wrote functions and layers, in this or another checkout.

    Raises:
        FileNotFoundError: nothing has been built yet.
    """

    def __init__(
        self,
        function: str,
        environment: Mapping[str, str],
        memory: int = 1769,
        timeout: int = 29,
        folder: Path | None = None,
        *,
        built: Path = BUILT,
    ) -> None:
        self._folder = folder or built / HOST / function
        if not self._folder.is_dir():
            raise FileNotFoundError(f"{self._folder}: run `make build` first")
        self._port, api_port = _free_ports(2)
        self._command = [
            str(_emulator()),
            "--log-level",
            "error",
            "--runtime-interface-emulator-address",
            f"127.0.0.1:{self._port}",
            "--runtime-api-address",
            f"127.0.0.1:{api_port}",
            # Absolute, and not resolved: a virtual environment's Python is a link.
            str(PYTHON),
            "-m",
            "awslambdaric",
            "app.handler",
        ]
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": python_path(self._folder, built),
            # The layers contain their bytecode, and are read-only in Lambda.
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(self._folder),
            "_HANDLER": "app.handler",
            "AWS_LAMBDA_FUNCTION_NAME": function,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            **environment,
        }
        self._timeout = timeout
        self.log = ""
        """The output of the function and the emulator, set when the block is left."""

    def __enter__(self) -> Self:
        # A file, not a pipe: nothing reads while the function writes, so a pipe would fill up.
        self._output = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(  # noqa: S603 - a command of our own
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=ALIVE)
        with self._output as output:
            output.seek(0)
            self.log = output.read()

    def invoke(self, event: object) -> Any:
        """The function's result for an event; the first call includes its cold start.

        Raises:
            FunctionError: it could not be imported, raised, or took too long.
        """
        connection = self._connect()
        try:
            connection.request("POST", _INVOKE, body=json.dumps(event))
            answer = connection.getresponse().read()
        finally:
            connection.close()
        try:
            said = json.loads(answer)
        except ValueError as error:
            # A timeout is reported as plain text.
            raise FunctionError(answer.decode(errors="replace")) from error
        if isinstance(said, dict) and "errorType" in said:
            raise FunctionError(json.dumps(said, indent=1))
        return said

    def _connect(self) -> HTTPConnection:
        give_up = time.monotonic() + ALIVE
        while True:
            if self._process.poll() is not None:
                # Another process may have taken its port: do not send the event to it.
                raise FunctionError("the emulator has ended")
            connection = HTTPConnection("127.0.0.1", self._port, timeout=self._timeout + ALIVE)
            try:
                connection.connect()
            except ConnectionRefusedError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.002)
            else:
                return connection


class FunctionError(Exception):
    """The function failed; the message is the error that Lambda would return to the caller."""


def python_path(folder: Path, built: Path = BUILT) -> str:
    """The module search path of a function in this folder: the folder, then the built layers."""
    own = {"Explore": (EXPLORER,), "Authorize": (TOKENS,)}
    mine = LAYERS + next((more for end, more in own.items() if folder.name.endswith(end)), ())
    layers = (built / HOST / name / "python" for name in mine)
    return os.pathsep.join(str(part) for part in (folder, *layers))


def _emulator() -> Path:
    name = f"aws-lambda-rie-{HOST}"
    for found in ROOT.glob(f".venv-sam/lib/python3*/site-packages/samcli/local/rapid/{name}"):
        return found
    raise FileNotFoundError(f"{name}: run `make build` first")


def _free_ports(count: int) -> list[int]:
    # All stay bound until all are known, or the same port could be returned twice.
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [server.getsockname()[1] for server in held]
    finally:
        for server in held:
            server.close()
