"""The settings of `python -m local` from its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.options import KEY_LAG, FaultOptions


class SettingError(Exception):
    """A variable has an invalid value; the text is a sentence for the user who set it."""


@dataclass(frozen=True)
class Settings:
    """The addresses to listen on, the admin key, the data folder.

    `first_key` is None if a key is to be generated, `data` if nothing is to be stored.
    """

    host: str
    port: int
    smtp_port: int
    first_key: str | None
    data: Path | None
    sign_in: bool
    options: FaultOptions

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """The settings from PORT, SMTP_PORT, ...; unset or empty ones have their default.

        Raises:
            SettingError: a variable has an invalid value.
        """
        port, smtp_port = read_port(environment, "PORT"), read_port(environment, "SMTP_PORT")
        if port and port == smtp_port:
            raise SettingError(f"PORT and SMTP_PORT are both {port}: each needs a port of its own.")
        data = environment.get("DATA", "")
        elsewhere = sorted(
            name for name in environment if name.startswith("AWS_ENDPOINT_URL_") and data
        )
        if elsewhere:
            raise SettingError(
                f"DATA keeps what is in this process, and {elsewhere[0]} puts a part elsewhere: "
                "set one of them."
            )
        strict = environment.get("LOCAL_STRICT", "") == "1"
        return cls(
            host=read_host(environment),
            port=port,
            smtp_port=smtp_port,
            first_key=_key(environment),
            data=Path(data).expanduser() if data else None,
            sign_in=environment.get("LOCAL_SIGN_IN", "") == "1",
            options=FaultOptions(
                index_lag=_number(environment, "LOCAL_INDEX_LAG", 86_400),
                conflict_rate=_number(environment, "LOCAL_CONFLICT_RATE", 1),
                duplicate_rate=_number(environment, "LOCAL_DUPLICATE_RATE", 1),
                stage_prefix=environment.get("LOCAL_STAGE_PREFIX", "") == "1",
                strict=strict,
                key_lag=KEY_LAG if strict else 0.0,
                source_header=environment.get("LOCAL_SOURCE_HEADER", ""),
                **_ses(environment),
            ),
        )


def _ses(environment: Mapping[str, str]) -> dict[str, Any]:
    """The options for SES's limits; in the sandbox, limits that are not set default to the
    sandbox's.
    """
    sandbox = environment.get("LOCAL_SES_SANDBOX", "") == "1"
    usual = {"LOCAL_SES_RATE": "1", "LOCAL_SES_QUOTA": "200"} if sandbox else {}
    given = {name: value for name, value in environment.items() if value}
    verified = environment.get("LOCAL_SES_VERIFIED", "").lower().replace(",", " ").split()
    return {
        "ses_sandbox": sandbox,
        "ses_verified": frozenset({"desk.example", *verified}),
        "ses_rate": _number({**usual, **given}, "LOCAL_SES_RATE", 100_000),
        "ses_quota": int(_number({**usual, **given}, "LOCAL_SES_QUOTA", 1e9)),
    }


_PORTS = {"PORT": 8080, "SMTP_PORT": 2525}


def read_host(environment: Mapping[str, str]) -> str:
    """The address in HOST, or the loopback address."""
    return environment.get("HOST") or "127.0.0.1"


def read_port(environment: Mapping[str, str], name: str) -> int:
    """The port in PORT or SMTP_PORT, or its default; 0 selects a free one.

    Raises:
        SettingError: it is not a port.
    """
    text = environment.get(name) or str(_PORTS[name])
    # int() accepts more: signs, spaces, underscores, digits of other scripts.
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535):
        raise SettingError(f"{name} must be a port, a number from 0 to 65535, and not {text!r}.")
    return int(text)


def _key(environment: Mapping[str, str]) -> str | None:
    key = environment.get("LOCAL_API_KEY", "")
    if not all("!" <= character <= "~" for character in key):
        raise SettingError(
            "LOCAL_API_KEY must be of ASCII letters, digits and signs, without spaces: "
            "it is sent in a header."
        )
    return key or None


def _number(environment: Mapping[str, str], name: str, most: float) -> float:
    text = environment.get(name) or "0"
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    # NaN fails every comparison.
    if not 0 <= value <= most:
        raise SettingError(f"{name} must be a number from 0 to {most}, and not {text!r}.")
    return value
