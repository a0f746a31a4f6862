"""`sam` as `make deploy` calls it: the template goes to CloudFormation as JSON without white space,
and an update is taken back where it sets an alarm off.

    .venv-sam/bin/python -m tools.sam deploy ...

CloudFormation takes templates of at most 1,000,000 bytes (docs/aws.md m4). SAM writes the built one
as YAML, with every alias written out and every level indented: 1.1 MB, of which a third is white
space. It has no option for less, since --use-json indents by four.

CloudFormation can watch alarms during an update and for a while after it, and roll the stack back
when one goes off (CloudFormation user guide, "Roll back your stack on alarm breach with rollback
triggers", read on 2026-11-29). A template cannot ask for that and SAM has no option for it, so the
change set does. A stack that has yet to be made has no alarms.
"""

from __future__ import annotations

import json
import os
from functools import wraps
from typing import Any

WATCHED = ("FaultsAlarm", "LoggedErrorsAlarm")
"""How the logical ids of alarms end that tell of a bad release; CloudFormation watches five."""

WATCH_MINUTES = 10
"""How long they are watched once everything is deployed: an alarm takes five to go off."""


def compact(template: Any) -> str:
    """A template as JSON, in as few characters as there can be. YAML's dates are words again."""
    return json.dumps(template, separators=(",", ":"), ensure_ascii=False, default=str)


def rollback(client: Any, stack: str) -> dict[str, Any]:
    """The rollback configuration of a stack: which of its alarms take an update back.

    Args:
        client: of CloudFormation.
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
    # In a virtual environment of its own, where nothing else of this project runs.
    from samcli.cli.main import cli  # noqa: PLC0415
    from samcli.commands.package import package_context  # noqa: PLC0415
    from samcli.lib.deploy.deployer import Deployer  # noqa: PLC0415

    if not hasattr(package_context, "yaml_dump") or not hasattr(Deployer, "_create_change_set"):
        raise SystemExit("SAM works otherwise by now: go over tools/sam.py.")
    package_context.yaml_dump = compact
    _guard(Deployer)
    cli(prog_name="sam")


def _guard(deployer: Any) -> None:
    """Lets SAM's change sets of updates name the alarms, unless ROLLBACK is off."""
    plain = deployer._create_change_set  # noqa: SLF001 - SAM has no other way in

    @wraps(plain)
    def guarded(self: Any, stack_name: str, changeset_type: str, **asked: Any) -> Any:
        if changeset_type == "UPDATE":
            watched = rollback(self._client, stack_name)
            off = {"RollbackTriggers": [], "MonitoringTimeInMinutes": 0}
            asked["RollbackConfiguration"] = off if os.environ.get("ROLLBACK") == "off" else watched
        return plain(self, stack_name=stack_name, changeset_type=changeset_type, **asked)

    deployer._create_change_set = guarded  # noqa: SLF001


if __name__ == "__main__":
    main()
