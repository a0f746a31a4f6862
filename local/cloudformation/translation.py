"""Translates a SAM template to plain CloudFormation with SAM's own translator.

Loading the translator takes longer than most of the local cloud's start, so
local/cloudformation/template.py caches the result.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from samtranslator.parser.parser import Parser  # type: ignore[import-untyped]
from samtranslator.translator.translator import Translator  # type: ignore[import-untyped]
from samtranslator.utils.py27hash_fix import (  # type: ignore[import-untyped]
    to_py27_compatible_template,
    undo_mark_unicode_str_in_template,
)
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from local.cloudformation.intrinsics import REGION

# It warns of a feature toggle service that only AWS itself has.
logging.getLogger("samtranslator").setLevel(logging.ERROR)


def translate(text: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """Translate a template.

    Args:
        text: the template, YAML.
        parameters: values that replace the parameters' defaults.

    Returns:
        `parameters`: the parameters' definitions; `layers`: the folders of the layers; `folders`:
        the folder of each function; `template`: the result, without layers. All of it is JSON.
    """
    source: dict[str, Any] = yaml_parse(text)
    definitions = source.get("Parameters", {})
    layers, folders = _take_code(source)
    # Like samtranslator's transform(), which however gets a region from the user's AWS profile.
    values = dict(parameters)
    to_py27_compatible_template(source, values)
    translator = Translator({}, Parser(), boto_session=SimpleNamespace(region_name=REGION))
    template = undo_mark_unicode_str_in_template(
        translator.translate(source, parameter_values=values)
    )
    made = {
        "parameters": definitions,
        "layers": layers,
        "folders": folders,
        "template": template,
    }
    # YAML parses an unquoted date as a date, which JSON cannot store.
    plain: dict[str, Any] = json.loads(json.dumps(made, default=str))
    return plain


def _take_code(source: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    # SAM accepts code only from S3. Folders are noted and replaced; layers are on sys.path
    # instead of in /opt, so they are removed from the template.
    layers: list[str] = []
    folders: dict[str, str] = {}
    source.get("Globals", {}).get("Function", {}).pop("Layers", None)
    for name, resource in list(source["Resources"].items()):
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            layers.append(properties["ContentUri"])
            del source["Resources"][name]
        elif resource["Type"] == "AWS::Serverless::Function":
            properties.pop("Layers", None)
            folders[name] = properties["CodeUri"]
            properties["CodeUri"] = f"s3://local/{name}"
    return layers, folders
