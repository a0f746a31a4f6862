#!/usr/bin/env python3
"""Hands a mail from standard input to the desk: for the aliases of postfix and sendmail.

    deskless_pipe.py --bucket BUCKET [--function FUNCTION]     as SES would; AWS credentials
    deskless_pipe.py --url URL --key-file FILE                 over HTTP; an API key

This file is all that a mail server needs, with Python 3.9 or later; the first way takes boto3 as
well. The mail goes into the bucket, where a job finds it within half an hour; the function, where
it is named, takes it at once. Over HTTP a mail may have 4.4 MB, by way of the bucket 40 MB.

Ends as sysexits.h says, so that the mail server knows what to do with the mail:

    0   it is the desk's now
    64  the command is written wrongly
    65  the desk does not take such a mail
    66  there is no mail, or no file with the key
    69  the desk is not where the command says, or boto3 is not here
    75  try again later
    77  the key or the credentials do not allow it, or the sender is banned
"""

import argparse
import hashlib
import json
import os
import sys
import urllib.request
import uuid
from http.client import HTTPException, HTTPResponse, InvalidURL
from typing import Any, NoReturn

USAGE, DATA, NO_INPUT, UNAVAILABLE, TRY_LATER, NO_PERMISSION = 64, 65, 66, 69, 75, 77

LARGEST = 40 * 1024 * 1024
"""Bytes of a mail that the desk reads: as many as SES takes."""

SECONDS = 60
"""How long an answer is waited for."""

TAKEN = 201
"""The only status that says so: whatever else answers well is not the desk."""

_BY_STATUS = {
    401: NO_PERMISSION,
    403: NO_PERMISSION,
    404: UNAVAILABLE,
    405: UNAVAILABLE,
    408: TRY_LATER,
    409: TRY_LATER,
    429: TRY_LATER,
}
_BY_CODE = {
    "AccessDenied": NO_PERMISSION,
    "InvalidAccessKeyId": NO_PERMISSION,
    "SignatureDoesNotMatch": NO_PERMISSION,
    "ExpiredToken": NO_PERMISSION,
    "NoSuchBucket": UNAVAILABLE,
    "PermanentRedirect": UNAVAILABLE,
}

_BY_FAULT = {
    "NoCredentialsError": NO_PERMISSION,
    "PartialCredentialsError": NO_PERMISSION,
    "ProfileNotFound": NO_PERMISSION,
    "ParamValidationError": UNAVAILABLE,
}


class Failed(Exception):
    """The mail is not the desk's yet."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


class Parser(argparse.ArgumentParser):
    """Ends as sysexits.h wants it."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong with the command."""
        self.print_usage(sys.stderr)
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(USAGE)


def main() -> int:
    """Reads the mail, hands it over, and tells how that went."""
    wish = _arguments()
    try:
        raw = _mail()
        if wish.url:
            post(raw, wish.url, _key(wish.key_file))
        else:
            put(raw, wish.bucket, wish.function, wish.sender, wish.recipient)
    except Failed as failed:
        print(f"deskless_pipe: {failed}", file=sys.stderr)
        return failed.status
    return 0


def _arguments() -> argparse.Namespace:
    parser = Parser(prog="deskless_pipe", description="Hands a mail to the desk.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--bucket", help="the desk's bucket (output FilesBucketName)")
    where.add_argument("--url", help="base URL of the osTicket API (output OsticketUrl)")
    parser.add_argument("--function", help="what takes it at once (output ReceiveMailName)")
    parser.add_argument("--key-file", help="file with the API key and nothing else")
    # Postfix and sendmail tell both in the environment.
    parser.add_argument("--sender", default=os.environ.get("SENDER", ""))
    parser.add_argument("--recipient", default=os.environ.get("RECIPIENT", ""))
    wish = parser.parse_args()
    if wish.url and not wish.key_file:
        parser.error("--url needs --key-file")
    return wish


def _mail() -> bytes:
    raw = sys.stdin.buffer.read(LARGEST + 1)
    # A mailbox's own line above a mail is no part of it.
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    if not raw.strip():
        raise Failed(NO_INPUT, "no mail")
    if len(raw) > LARGEST:
        raise Failed(DATA, "the mail is larger than 40 MB")
    return raw


def _key(file: str) -> str:
    try:
        with open(file, encoding="ascii") as opened:  # noqa: PTH123 - one import less
            key = opened.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(NO_INPUT, f"the key cannot be read: {error}") from error
    if not key or not key.isprintable() or " " in key:
        raise Failed(NO_INPUT, "there is no key in its file, or more than one")
    return key


# --- over HTTP ------------------------------------------------------------------------------


class AsAnswered(urllib.request.HTTPErrorProcessor):
    """Raises nothing and follows nothing: a redirect would lose the mail and tell the key."""

    def http_response(
        self,
        request: urllib.request.Request,  # noqa: ARG002 - urllib gives both
        response: HTTPResponse,
    ) -> HTTPResponse:
        """The answer, whatever its status."""
        return response

    https_response = http_response


def post(raw: bytes, url: str, key: str) -> None:
    """Sends a mail to the desk's API. Sent again it is not taken twice. Errors: Failed."""
    headers = {
        "Content-Type": "message/rfc822",
        "X-API-Key": key,
        "Idempotency-Key": hashlib.sha256(raw).hexdigest(),
    }
    place = f"{url.rstrip('/')}/api/tickets.email"
    if not place.startswith(("http://", "https://")):
        raise Failed(UNAVAILABLE, f"{place}: no address of an API")
    try:
        request = urllib.request.Request(place, raw, headers)  # noqa: S310 - looked at above
        with urllib.request.build_opener(AsAnswered).open(request, timeout=SECONDS) as answer:
            status = answer.status
            words = "" if status == TAKEN else answer.read(500).decode(errors="replace")
    except (ValueError, InvalidURL) as error:
        # No address at all is nothing that time mends.
        raise Failed(UNAVAILABLE, f"{place}: {error}") from error
    except (OSError, HTTPException) as error:
        raise Failed(TRY_LATER, f"{place}: {error}") from error
    if status != TAKEN:
        raise Failed(_BY_STATUS.get(status) or _by_class(status), f"{status} {words}")


def _by_class(status: int) -> int:
    if status >= 500:
        return TRY_LATER
    return DATA if status >= 400 else UNAVAILABLE


# --- by way of the bucket -------------------------------------------------------------------


def put(raw: bytes, bucket: str, function: str, sender: str, recipient: str) -> None:
    """Puts a mail where SES would put it, and lets the function know. Once it lies there it is the
    desk's, whatever becomes of the rest: a job finds it. Errors: Failed.
    """
    try:
        import boto3  # noqa: PLC0415 - over HTTP nobody needs it
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        raise Failed(UNAVAILABLE, "boto3 is not installed") from error
    mail = uuid.uuid4().hex
    try:
        client = boto3.client("s3")
        client.put_object(Bucket=bucket, Key=f"incoming/{mail}", Body=_seen(sender) + raw)
    except ClientError as refused:
        code = refused.response.get("Error", {}).get("Code", "")
        raise Failed(_BY_CODE.get(code, TRY_LATER), str(refused)) from refused
    except BotoCoreError as error:
        raise Failed(_BY_FAULT.get(type(error).__name__, TRY_LATER), str(error)) from error
    if function:
        try:
            client = boto3.client("lambda")
            client.invoke(
                FunctionName=function,
                InvocationType="Event",
                Payload=_event(mail, sender, recipient),
            )
        except (BotoCoreError, ClientError) as error:
            print(f"deskless_pipe: taken in later, since {error}", file=sys.stderr)


def _seen(sender: str) -> bytes:
    """What stands above the mail: nobody has looked into it, whatever it says of itself."""
    clean = "".join(letter for letter in sender if letter.isprintable() and letter not in "<>")
    return (
        f"Return-Path: <{clean}>\r\n"
        "X-SES-Spam-Verdict: GRAY\r\n"
        "X-SES-Virus-Verdict: GRAY\r\n"
        "Authentication-Results: deskless-pipe; none\r\n"
    ).encode()


def _event(mail: str, sender: str, recipient: str) -> str:
    """What SES would tell the function."""
    recipients = [recipient] if recipient else []
    told: dict[str, Any] = {
        "mail": {"messageId": mail, "source": sender, "destination": recipients},
        "receipt": {"recipients": recipients},
    }
    for verdict in ("spam", "virus", "spf", "dkim", "dmarc"):
        told["receipt"][f"{verdict}Verdict"] = {"status": "GRAY"}
    return json.dumps({"Records": [{"eventSource": "aws:ses", "ses": told}]})


if __name__ == "__main__":
    sys.exit(main())
