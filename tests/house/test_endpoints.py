"""Template, folders, docstrings, events and tests agree: a half-made endpoint fails here."""

from __future__ import annotations

import ast
import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from local.cloud import ROOT
from tools import events

FOLDERS = sorted(file.parent for file in ROOT.glob("functions/*/*/app.py"))


def logical_id(folder: Path) -> str:
    words = [word for part in folder.parts[-2:] for word in part.split("_")]
    return "".join(word.capitalize() for word in words)


def functions(source: dict[str, Any]) -> dict[str, Any]:
    return {
        name: resource
        for name, resource in source["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def routes(function: dict[str, Any]) -> list[tuple[str, str, str]]:
    """API, method and path of each route of a function."""
    return [
        (event["Properties"]["RestApiId"]["Ref"], event["Properties"]["Method"], path)
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
        for path in [event["Properties"]["Path"]]
    ]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return dict(events.events())


def test_each_folder_is_a_function_and_each_function_a_folder(source: dict[str, Any]) -> None:
    folders = {logical_id(folder): str(folder.relative_to(ROOT)) for folder in FOLDERS}
    code = {name: found["Properties"]["CodeUri"] for name, found in functions(source).items()}
    assert code == folders


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_description_is_the_first_line_of_the_docstring(
    folder: Path, source: dict[str, Any]
) -> None:
    written = ast.get_docstring(ast.parse((folder / "app.py").read_text())) or ""
    described = functions(source)[logical_id(folder)]["Properties"]["Description"]
    assert described == written.partition("\n")[0]


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_description_names_a_route_that_the_function_serves(
    folder: Path, source: dict[str, Any]
) -> None:
    function = functions(source)[logical_id(folder)]
    served = routes(function)
    described = function["Properties"]["Description"]
    if folder.name == "refuse":
        assert {method for _, method, _ in served} == {"ANY"}
    elif served:
        assert tuple(described.split()[:2]) in {(method, path) for _, method, path in served}
        assert described.split()[2] == "-"


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_handler_is_a_function_of_event_and_context(folder: Path) -> None:
    tree = ast.parse((folder / "app.py").read_text())
    assert "handler" in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_events_are_those_that_make_events_would_write(made: dict[str, Any]) -> None:
    written = {
        str(file.relative_to(events.EVENTS).with_suffix("")): file.read_text(encoding="utf-8")
        for file in events.EVENTS.rglob("*.json")
    }
    assert written == {path: events.text(event) for path, event in made.items()}


def test_each_function_has_an_event(made: dict[str, Any]) -> None:
    assert set(made) == {"/".join(folder.parts[-2:]) for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_each_function_is_tested(folder: Path, source: dict[str, Any]) -> None:
    """A test names the function or asks for one of its routes, or its family's tests call it."""
    paths = {path for _, _, path in routes(functions(source)[logical_id(folder)])}
    family, operation = folder.parts[-2:]
    wanted = [f"{family}/{operation}", logical_id(folder)]
    # A parameter of the path stands for anything, also for what the test puts together.
    wanted += [
        r"/".join("[^/\"']+" if part[:1] == "{" else re.escape(part) for part in path.split("/"))
        for path in paths
        if path not in {"/", "/{proxy+}"}
    ]
    anywhere = re.compile("|".join(rf"{one}\b" for one in wanted))
    at_home = re.compile(rf"""["']{operation}["']""")
    tests = {
        file: file.read_text(encoding="utf-8")
        for file in (ROOT / "tests").rglob("*.py")
        if Path(__file__).parent not in file.parents
    }
    assert any(
        anywhere.search(text) or (file.parent.name in {family, "tests"} and at_home.search(text))
        for file, text in tests.items()
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_the_readme_names_each_endpoint(folder: Path, source: dict[str, Any]) -> None:
    function = functions(source)[logical_id(folder)]
    if routes(function) and folder.name != "refuse":
        path = function["Properties"]["Description"].split()[1]
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        assert path.partition("/{")[0] in readme


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_entry_has_the_usual_keys_in_the_usual_order(folder: Path, source: dict[str, Any]) -> None:
    usual = [
        "Description",
        "CodeUri",
        "Role",
        "MemorySize",
        "Timeout",
        "ReservedConcurrentExecutions",
        "DeadLetterQueue",
        "Environment",
        "Events",
    ]
    entry = functions(source)[logical_id(folder)]
    keys = list(entry["Properties"])
    assert keys[:3] == usual[:3]
    assert keys == [key for key in usual if key in keys]
    if routes(entry):
        assert keys == ["Description", "CodeUri", "Role", "Events"]


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_a_function_of_a_family_goes_and_comes_with_its_api(
    folder: Path, source: dict[str, Any]
) -> None:
    entry = functions(source)[logical_id(folder)]
    apis = {api for api, _, _ in routes(entry)}
    conditions = {source["Resources"][api]["Condition"] for api in apis}
    assert conditions == ({entry["Condition"]} if "Condition" in entry else set())


def test_every_path_of_a_family_refuses_the_methods_it_does_not_know(
    source: dict[str, Any],
) -> None:
    served: dict[str, set[str]] = {}
    refused: dict[str, set[str]] = {}
    for function in functions(source).values():
        for api, method, path in routes(function):
            (refused if method == "ANY" else served).setdefault(api, set()).add(path)
    assert refused == {api: paths | {"/", "/{proxy+}"} for api, paths in served.items()}


@pytest.mark.parametrize(
    "folder", [folder for folder in FOLDERS if folder.name == "refuse"], ids=logical_id
)
def test_what_refuses_names_the_methods_that_the_template_serves(
    folder: Path, source: dict[str, Any]
) -> None:
    apis = {api for api, _, _ in routes(functions(source)[logical_id(folder)])}
    served: dict[str, set[str]] = {}
    for function in functions(source).values():
        for api, method, path in routes(function):
            if api in apis and method != "ANY":
                served.setdefault(path, set()).add(method)
    named = runpy.run_path(str(folder / "app.py"))["ALLOWED"]
    assert {path: set(methods) for path, methods in named.items()} == served


def test_only_the_explorer_and_what_answers_unknown_paths_are_open(source: dict[str, Any]) -> None:
    open_paths = {
        (name, event["Properties"]["Path"])
        for name, function in functions(source).items()
        for event in function["Properties"].get("Events", {}).values()
        if event["Properties"].get("Auth", {}).get("Authorizer") == "NONE"
    }
    explorer = {(name, path) for name, path in open_paths if name.endswith("Explore")}
    assert {path for _, path in explorer} == {"/docs", "/docs/{file}"}
    assert {path for _, path in open_paths - explorer} == {"/", "/{proxy+}"}
    assert all(name.endswith("Refuse") for name, _ in open_paths - explorer)


def test_examples_hold_no_real_key() -> None:
    for file in events.EVENTS.rglob("*.json"):
        headers = json.loads(file.read_text(encoding="utf-8")).get("headers", {})
        assert headers.get("X-API-Key", events.KEY) == events.KEY
