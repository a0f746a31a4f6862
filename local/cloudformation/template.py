"""template.yaml as seen by CloudFormation: transformed by SAM, conditions evaluated, code located.

The transformation is SAM's own (aws-sam-translator), so routes, authorizers, binary types, gateway
responses, event source mappings and schedules are the same as in a deployment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any
from uuid import uuid4

from local.cloudformation.intrinsics import (
    ACCOUNT,
    PSEUDO_PARAMETERS,
    REGION,
    Intrinsics,
    Physical,
    TemplateError,
)
from local.version import commit, version

ROOT = Path(__file__).resolve().parents[2]

KEPT = ROOT / ".local" / "templates"
"""Cached translations of templates, by a hash of their inputs."""

Document = dict[str, Any]
"""A piece of a template: JSON in CloudFormation's format, not typed further here."""


@dataclass(frozen=True)
class Resource:
    """One resource of the transformed template, its properties unresolved."""

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
        TemplateError: an unknown parameter.
    """

    def __init__(self, path: Path, parameters: Mapping[str, str], stack: str) -> None:
        self.path = path
        self.stack = stack
        translation = _translation(path, parameters)
        definitions: Document = translation["parameters"]
        self.parameters: dict[str, str | list[str]] = {
            **PSEUDO_PARAMETERS,
            "AWS::StackName": stack,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/local",
        }
        unknown = set(parameters) - set(definitions)
        if unknown:
            raise TemplateError(f"{path.name} has no parameter {', '.join(sorted(unknown))}")
        for name, definition in definitions.items():
            self.parameters[name] = _parameter_value(definition, parameters.get(name))
        self.layers = [path.parent / folder for folder in translation["layers"]]
        self._folders = {
            name: path.parent / folder for name, folder in translation["folders"].items()
        }
        transformed: Document = translation["template"]
        self._mappings: Document = transformed.get("Mappings", {})
        if "Build" in self._mappings:  # set by `make deploy`
            built = {"Version": version(path.parent), "Commit": commit(path.parent)}
            self._mappings["Build"] = {"This": built}
        self._conditions: Document = transformed.get("Conditions", {})
        # Their conditions are ignored: they define how the APIs share a host, here as on AWS.
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
        """The resolver of this template's values, given its resources."""
        return Intrinsics(self.parameters, self._mappings, self._conditions, physical)


def _translation(path: Path, parameters: Mapping[str, str]) -> Document:
    """The translation of a template, cached for each of its versions."""
    text = path.read_text(encoding="utf-8")
    translator = Path(__file__).with_name("translation.py").read_text(encoding="utf-8")
    made_of = [text, dict(parameters), translator, metadata.version("aws-sam-translator")]
    name = sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    kept = KEPT / f"{name}.json"
    with suppress(FileNotFoundError):
        found: Document = json.loads(kept.read_text(encoding="utf-8"))
        return found
    from local.cloudformation.translation import translate  # noqa: PLC0415 - loading it takes most of the time

    made = translate(text, parameters)
    if path.is_relative_to(ROOT):
        KEPT.mkdir(parents=True, exist_ok=True)
        # Several processes may start at once: each must see either no file or a complete one.
        part = KEPT / f"{uuid4()}.part"
        part.write_text(json.dumps(made), encoding="utf-8")
        part.replace(kept)
        _forget_old()
    return made


def _forget_old(most: int = 20) -> None:
    by_age = sorted(KEPT.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in by_age[most:]:
        file.unlink(missing_ok=True)


def _parameter_value(definition: Document, given: str | None) -> str | list[str]:
    value = str(definition.get("Default", "")) if given is None else given
    is_list = definition["Type"] == "CommaDelimitedList" or definition["Type"].startswith("List<")
    return [part.strip() for part in value.split(",")] if is_list else value
