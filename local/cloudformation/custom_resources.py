"""Custom resources: functions that CloudFormation calls while it deploys.

Rules: CloudFormation user guide, "Custom resource request objects" and "response objects". The
function sends its response to a URL that the local cloud serves under /local/cloudformation/.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from local.cloudformation.intrinsics import Physical, TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.functions import Functions

PATH = "/local/cloudformation/"


@dataclass
class CustomResources:
    """Creates the custom resources of a template.

    Args:
        template: the template.
        resources: stores their attributes.
        functions: the functions to call.
        url: address of the local cloud.
    """

    template: Template
    resources: Resources
    functions: Functions
    url: str
    _responses: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, path: str, body: bytes) -> None:
        """Receive a function's response, sent to the path it was given."""
        self._responses[path] = json.loads(body)

    def create(self) -> None:
        """Call each custom resource's function, in the template's order.

        Raises:
            TemplateError: the function failed, or did not respond.
        """
        for resource in self.template.resources.values():
            if not resource.type.startswith("Custom::"):
                continue
            properties = self.resources.properties(resource)
            path = f"{PATH}{uuid4()}"
            function = properties["ServiceToken"].rsplit(":", 1)[-1]
            event = {
                "RequestType": "Create",
                "ResponseURL": f"{self.url}{path}",
                "StackId": self.template.parameters["AWS::StackId"],
                "RequestId": str(uuid4()),
                "ResourceType": resource.type,
                "LogicalResourceId": resource.name,
                "ResourceProperties": _strings(properties),
            }
            self.functions.invoke(function, event)
            response = self._responses.pop(path, None)
            if response is None or response.get("Status") != "SUCCESS":
                reason = (response or {}).get("Reason", "no response")
                raise TemplateError(f"{resource.name} could not be created: {reason}")
            attributes = {name: str(value) for name, value in response.get("Data", {}).items()}
            self.resources.set_attributes(
                resource.name, Physical(response["PhysicalResourceId"], attributes)
            )


def _strings(value: Any) -> Any:
    # CloudFormation passes every number and boolean as text.
    if isinstance(value, dict):
        return {name: _strings(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_strings(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
