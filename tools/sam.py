"""`sam` as `make deploy` calls it: uploads the template as JSON without white space, rolls back an
update that sets off an alarm, and refuses to create a desk under the example's domain.

    .venv-sam/bin/python -m tools.sam deploy ...

CloudFormation accepts templates of at most 1,000,000 bytes (docs/aws.md m4). SAM writes the built
template as YAML, with every alias expanded and every level indented: 1.1 MB, of which a third is
white space. No option of SAM makes it smaller: --use-json indents by four.

CloudFormation can watch alarms during an update and for a while after it, and roll the stack back
when one goes off (CloudFormation user guide, "Roll back your stack on alarm breach with rollback
triggers", read on 2026-11-29). Neither a template nor a SAM option can request that, so it is set
in the change set. A stack that is yet to be created has no alarms.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from functools import wraps
from typing import Any

WATCHED = ("FaultsAlarm", "LoggedErrorsAlarm")
"""Suffixes of the logical ids of alarms that indicate a bad release (CloudFormation: 5 at most)."""

WATCH_MINUTES = 10
"""How long they are watched after the deployment: an alarm takes five minutes to go off."""


def compact(template: Any) -> str:
    """A template as JSON without white space. Dates that YAML parsed become strings again."""
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False, default=str)


EXAMPLE = "desk.example"
"""The domain of the desk of `make run`, and of the parameters' placeholder defaults."""


def examples(parameters: Iterable[Mapping[str, Any]]) -> list[str]:
    """The mail parameters that still have the example's values.

    Args:
        parameters: those of a change set that creates a stack.
    """
    given = {one["ParameterKey"]: str(one.get("ParameterValue", "")) for one in parameters}
    needed = ("MailDomain", "SupportAddress", "FromAddress")
    return [name for name in needed if given.get(name, EXAMPLE).lower().endswith(EXAMPLE)]


def rollback(client: Any, stack: str) -> dict[str, Any]:
    """The rollback configuration of a stack: which of its alarms roll back an update.

    Args:
        client: a CloudFormation client.
        stack: the stack's name.
    """
    (found,) = client.describe_stacks(StackName=stack)["Stacks"]
    # arn:aws:cloudformation:REGION:ACCOUNT:stack/...
    _, partition, _, region, account, _ = found["StackId"].split(":", 5)
    alarms = [
        f"arn:{partition}:cloudwatch:{region}:{account}:alarm:{resource['PhysicalResourceId']}"
        for page in client.get_paginator("list_stack_resources").paginate(StackName=stack)
        for resource in page["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::CloudWatch::Alarm"
        and resource["LogicalResourceId"].endswith(WATCHED)
        and resource["ResourceStatus"] != "DELETE_COMPLETE"
    ]
    return {
        "RollbackTriggers": [{"Arn": arn, "Type": "AWS::CloudWatch::Alarm"} for arn in alarms],
        "MonitoringTimeInMinutes": WATCH_MINUTES,
    }


def main() -> None:
    """Runs SAM with the arguments of this process."""
    # Only the separate virtual environment has SAM; other modules must not need it.
    from samcli.cli.main import cli  # noqa: PLC0415
    from samcli.commands.package import package_context  # noqa: PLC0415
    from samcli.lib.deploy.deployer import Deployer  # noqa: PLC0415

    if not hasattr(package_context, "yaml_dump") or not hasattr(Deployer, "_create_change_set"):
        raise SystemExit("SAM works otherwise by now: go over tools/sam.py.")
    package_context.yaml_dump = compact
    _guard(Deployer)
    cli(prog_name="sam")


def _guard(deployer: Any) -> None:
    """Adds the alarms to SAM's change sets of updates, unless ROLLBACK is off, and refuses to
    create a stack with the example's parameters. Emulators are exempt from both.
    """
    plain = deployer._create_change_set  # noqa: SLF001 - SAM has no other hook

    @wraps(plain)
    def guarded(self: Any, stack_name: str, changeset_type: str, **asked: Any) -> Any:
        real = "AWS_ENDPOINT_URL" not in os.environ
        if real and changeset_type == "CREATE" and (left := examples(asked["Parameters"])):
            raise SystemExit(
                f"{', '.join(left)}: still the example's. `make deploy FLAGS=--guided` asks for "
                "them; samconfig.toml may have them as parameter_overrides."
            )
        if real and changeset_type == "UPDATE":
            off = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
            watched = os.environ.get("ROLLBACK") != "off"
            asked["RollbackConfiguration"] = rollback(self._client, stack_name) if watched else off
        return plain(self, stack_name=stack_name, changeset_type=changeset_type, **asked)

    deployer._create_change_set = guarded  # noqa: SLF001


if __name__ == "__main__":
    main()
