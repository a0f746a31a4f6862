from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from local.cloud import PARAMETERS, ROOT, STACK
from local.cloudformation.template import Template
from local.sign_in import PARAMETERS as SIGN_IN
from local.testing import cloud

__all__ = ["cloud"]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def source() -> dict[str, Any]:
    """template.yaml as it is written."""
    parsed: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    return parsed


@pytest.fixture(scope="session")
def lines() -> list[str]:
    return (ROOT / "template.yaml").read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="session")
def transformed() -> Template:
    """The same as CloudFormation gets it, with every condition that can hold made to hold."""
    switched_on = {
        "CustomDomain": "desk.example",
        "HostedZoneId": "Z1",
        "AccessLogs": "own-role",
        **SIGN_IN,
        "AuthorizerConcurrency": "5",
        "RequestsPerAddress": "1000",
        "AlarmAddress": "ops@desk.example",
        "NoMailHours": "12",
        "FunctionsAtOnce": "100",
    }
    return Template(ROOT / "template.yaml", {**PARAMETERS, **switched_on}, STACK)
