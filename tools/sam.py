"""`sam` as `make deploy` calls it: the template goes to CloudFormation as JSON without white space.

    .venv-sam/bin/python -m tools.sam deploy ...

CloudFormation takes templates of at most 1,000,000 bytes (docs/aws.md m4). SAM writes the built one
as YAML, with every alias written out and every level indented: 1.1 MB, of which a third is white
space. It has no option for less, since --use-json indents by four.
"""

from __future__ import annotations

import json
from typing import Any


def compact(template: Any) -> str:
    """A template as JSON, in as few characters as there can be. YAML's dates are words again."""
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False, default=str)


def main() -> None:
    """Runs SAM with the arguments of this process."""
    # In a virtual environment of its own, where nothing else of this project runs.
    from samcli.cli.main import cli  # noqa: PLC0415
    from samcli.commands.package import package_context  # noqa: PLC0415

    if not hasattr(package_context, "yaml_dump"):
        raise SystemExit("SAM writes templates elsewhere by now: go over tools/sam.py.")
    package_context.yaml_dump = compact
    cli(prog_name="sam")


if __name__ == "__main__":
    main()
