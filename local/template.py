"""template.yaml as CloudFormation sees it: transformed by SAM, conditions decided, code found.

The transformation is SAM's own (aws-sam-translator), so routes, authorizers, binary types, gateway
responses, event source mappings and schedules are those that would be deployed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.utils.py27hash_fix import (  # type: ignore[import-untyped]
    to_py27_compatible_template,
    undo_mark_unicode_str_in_template,
)
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from local.intrinsics import (
    ACCOUNT,
    PSEUDO_PARAMETERS,
    REGION,
    Intrinsics,
    Physical,
    TemplateError,
)

# It warns of a feature toggle service that only AWS itself runs.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

Document = dict[str, Any]
"""A piece of a template: JSON whose shape CloudFormation knows and no type of ours does."""


@dataclass(frozen=True)
class Resource:
    """One resource of the transformed template, its properties not yet resolved."""

    name: str
    type: str
    properties: Document


@dataclass(frozen=True)
class Function:
    """One Lambda: its folder, its handler (`app.handler`), memory in MB, time-out in seconds."""

    name: str
    folder: Path
    handler: str
    memory: int
    timeout: int


class Template:
    """A SAM template on disk, transformed.

    Args:
        path: template.yaml; code folders are relative to its folder.
        parameters: values that replace the parameters' defaults.
        stack: name of the stack; physical names begin with it.

    Raises:
        TemplateError: a parameter that the template does not have.
    """

    def __init__(self, path: Path, parameters: Mapping[str, str], stack: str) -> None:
        self.path = path
        self.stack = stack
        source: Document = yaml_parse(path.read_text(encoding="utf-8"))
        unknown = set(parameters) - set(source.get("Parameters", {}))
        if unknown:
            raise TemplateError(f"{path.name} has no parameter {', '.join(sorted(unknown))}")
        self.parameters: dict[str, str | list[str]] = {
            **PSEUDO_PARAMETERS,
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/local",
        }
        for name, definition in source.get("Parameters", {}).items():
            self.parameters[name] = _parameter_value(definition, parameters.get(name))
        self.layers: list[Path] = []
        self._folders: dict[str, Path] = {}
        self._take_code(source)
        transformed: Document = _transform(source, parameters)
        self._mappings: Document = transformed.get("Mappings", {})
        self._conditions: Document = transformed.get("Conditions", {})
        # Conditions do not matter for these: they tell how families share a host, here as there.
        self.routing_rules: list[Document] = [
            resource["Properties"]
            for resource in transformed["Resources"].values()
            if resource["Type"] == "AWS::ApiGatewayV2::RoutingRule"
        ]
        undecided = Intrinsics(self.parameters, self._mappings, self._conditions)
        self.resources = {
            name: Resource(name, resource["Type"], resource.get("Properties", {}))
            for name, resource in transformed["Resources"].items()
            if "Condition" not in resource or undecided.holds(resource["Condition"])
        }

    def _take_code(self, source: Document) -> None:
        # SAM takes code from S3 only. Folders are noted and replaced; layers are on sys.path
        # instead of in /opt, so they leave the template.
        source.get("Globals", {}).get("Function", {}).pop("Layers", None)
        for name, resource in list(source["Resources"].items()):
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Serverless::LayerVersion":
                self.layers.append(self.path.parent / properties["ContentUri"])
                del source["Resources"][name]
            elif resource["Type"] == "AWS::Serverless::Function":
                properties.pop("Layers", None)
                self._folders[name] = self.path.parent / properties["CodeUri"]
                properties["CodeUri"] = f"s3://local/{name}"

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The Lambdas by logical id."""
        return {
            resource.name: Function(
                resource.name,
                self._folders[resource.name],
                resource.properties["Handler"],
                int(resource.properties.get("MemorySize", 128)),
                int(resource.properties.get("Timeout", 3)),
            )
            for resource in self.of_type("AWS::Lambda::Function")
        }

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types, in the template's order."""
        return (resource for resource in self.resources.values() if resource.type in types)

    def intrinsics(self, physical: Callable[[str], Physical]) -> Intrinsics:
        """What resolves this template's values, given its resources."""
        return Intrinsics(self.parameters, self._mappings, self._conditions, physical)


def _transform(source: Document, parameters: Mapping[str, str]) -> Document:
    # As samtranslator's transform() does, which however asks the user's AWS profile for a region.
    values = dict(parameters)
    to_py27_compatible_template(source, values)
    translator = Translator({}, Parser(), boto_session=SimpleNamespace(region_name=REGION))
    transformed: Document = undo_mark_unicode_str_in_template(
        translator.translate(source, parameter_values=values)
    )
    return transformed


def _parameter_value(definition: Document, given: str | None) -> str | list[str]:
    value = str(definition.get("Default", "")) if given is None else given
    is_list = definition["Type"] == "CommaDelimitedList" or definition["Type"].startswith("List<")
    return [part.strip() for part in value.split(",")] if is_list else value
