"""Template, folders, docstrings, events and tests agree: a half-made endpoint fails here."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local.cloud import ROOT
from tools import events

CALLED = re.compile(r"\$\{(\w+)\.Arn\}/invocations")
"""The function of an integration's URI."""

OWN = {
    f"admin/{name}": ["Environment"]
    for name in (
        *("get_me", "list_queues", "list_dead_letters", "put_aside"),
        *("redrive_queue", "stop_redrive", "get_setup", "confirm_setup", "get_attention"),
        "console",
    )
}
"""What the entry of an endpoint has beside what all have."""

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


@dataclass(frozen=True)
class Written:
    """One method of one path as an API's DefinitionBody has it."""

    api: str
    method: str
    path: str
    function: str
    security: Any
    integration: dict[str, Any]


def methods(source: dict[str, Any]) -> list[Written]:
    """Every method of every path of every API; `function` is empty for a mock."""
    return [
        Written(
            api=name,
            method="ANY" if verb == "x-amazon-apigateway-any-method" else verb.upper(),
            path=path,
            function=called[1] if (called := CALLED.search(str(integration.get("uri")))) else "",
            security=method["security"],
            integration=integration,
        )
        for name, resource in source["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Api"
        for path, verbs in resource["Properties"]["DefinitionBody"]["paths"].items()
        # One that a parameter can take away stands in an !If.
        for verb, method in verbs.get("Fn::If", [None, verbs])[1].items()
        for integration in [method["x-amazon-apigateway-integration"]]
    ]


def routes(source: dict[str, Any], function: str) -> list[tuple[str, str, str]]:
    """API, method and path of each route of a function."""
    return [
        (written.api, written.method, written.path)
        for written in methods(source)
        if written.function == function
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
    served = routes(source, logical_id(folder))
    described = functions(source)[logical_id(folder)]["Properties"]["Description"]
    if served:
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


@cache
def all_tests() -> Mapping[Path, str]:
    """The text of each file of tests, but for those of this folder."""
    return {
        file: file.read_text(encoding="utf-8")
        for file in (ROOT / "tests").rglob("*.py")
        if Path(__file__).parent not in file.parents
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_each_function_is_tested(folder: Path, source: dict[str, Any]) -> None:
    """A test names the function or asks for one of its routes; or a test of its family, or one of
    the desk's own, calls it.
    """
    paths = {path for _, _, path in routes(source, logical_id(folder))}
    family, operation = folder.parts[-2:]
    wanted = [f"{family}/{operation}", logical_id(folder)]
    # A parameter of the path stands for anything, also for what the test puts together.
    wanted += [
        r"/".join("[^/\"']+" if part[:1] == "{" else re.escape(part) for part in path.split("/"))
        for path in paths
    ]
    anywhere = re.compile("|".join(rf"{one}\b" for one in wanted))
    at_home = re.compile(rf"""["']{operation}["']""")
    # Files beside these folders are what several of them share.
    homes = {"tests", "helpdesk", family}
    assert any(
        anywhere.search(text)
        or (
            (not homes.isdisjoint(file.relative_to(ROOT / "tests").parts[:-1] or ("tests",)))
            and at_home.search(text)
        )
        for file, text in all_tests().items()
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_the_readme_names_each_endpoint(folder: Path, source: dict[str, Any]) -> None:
    if routes(source, logical_id(folder)):
        described = functions(source)[logical_id(folder)]["Properties"]["Description"]
        path = described.split()[1]
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
        "RecursiveLoop",
        "ReservedConcurrentExecutions",
        "DeadLetterQueue",
        "Layers",
        "Environment",
        "Events",
    ]
    entry = functions(source)[logical_id(folder)]
    keys = list(entry["Properties"])
    assert keys[:3] == usual[:3]
    assert keys == [key for key in usual if key in keys]
    if routes(source, logical_id(folder)):
        own = OWN.get("/".join(folder.parts[-2:]), ["Layers"] if folder.name == "explore" else [])
        assert keys == ["Description", "CodeUri", "Role", *own]


@pytest.mark.parametrize("folder", FOLDERS, ids=logical_id)
def test_a_function_of_a_family_goes_and_comes_with_its_api(
    folder: Path, source: dict[str, Any]
) -> None:
    entry = functions(source)[logical_id(folder)]
    apis = {api for api, _, _ in routes(source, logical_id(folder))}
    conditions = {source["Resources"][api]["Condition"] for api in apis}
    assert conditions == ({entry["Condition"]} if "Condition" in entry else set())


def test_every_path_refuses_the_methods_that_it_does_not_serve(source: dict[str, Any]) -> None:
    served: dict[tuple[str, str], set[str]] = {}
    named: dict[tuple[str, str], set[str]] = {}
    for written in methods(source):
        if written.method != "ANY":
            served.setdefault((written.api, written.path), set()).add(written.method)
            continue
        (response,) = written.integration["responses"].values()
        allow = response["responseParameters"]["method.response.header.Allow"].strip("'")
        named[written.api, written.path] = set(allow.split(", "))
        # The words name what does something of its own; v1's name nothing.
        words = allow.replace(", HEAD", "").removesuffix(", OPTIONS")
        body, *_ = response["responseTemplates"].values()
        if written.api == "NotificApi":
            # It names what ASP.NET does (docs/notific.md 1).
            served[written.api, written.path] -= {"HEAD", "OPTIONS"}
        else:
            assert words in body or written.path.startswith("/api/v1/")
    # In Zammad a wrong method is no route, as an unknown path is none.
    assert not [api for api, _ in named if api == "ZammadApi"]
    assert named == {one: known for one, known in served.items() if one[0] != "ZammadApi"}


def test_only_the_explorer_health_and_preflights_are_open(source: dict[str, Any]) -> None:
    keyed: list[dict[str, list[str]]] = [{"Gate": []}, {"api_key": []}]
    opened = {
        (written.function, written.path)
        for written in methods(source)
        if written.security != keyed and written.method != "OPTIONS"
    }
    assert opened == {
        ("OsticketExplore", "/docs"),
        ("OsticketExplore", "/docs/{file}"),
        ("ZammadExplore", "/api/v1/docs"),
        ("ZammadExplore", "/api/v1/docs/{file}"),
        ("AdminExplore", "/api/admin/docs"),
        ("AdminExplore", "/api/admin/docs/{file}"),
        ("", "/health"),
        ("", "/api/admin/health"),
        ("AdminConsole", "/console"),
        ("AdminConsole", "/console/{file}"),
        ("NotificShowUnsubscribe", "/unsubscribe"),
        ("NotificUnsubscribe", "/unsubscribe"),
        ("NotificShowStatus", "/status"),
        ("NotificShowStatusFeed", "/status.atom"),
        ("NotificExplore", "/api/docs"),
        ("NotificExplore", "/api/docs/{file}"),
    }


def test_every_path_answers_preflights_and_head_as_get(source: dict[str, Any]) -> None:
    found: dict[tuple[str, str], dict[str, Written]] = {}
    for written in methods(source):
        found.setdefault((written.api, written.path), {})[written.method] = written
    for served in found.values():
        assert served["OPTIONS"].security == []
        assert served["OPTIONS"].integration["type"] == "mock"
        assert ("HEAD" in served) == ("GET" in served)
        if "GET" in served:
            head, get = served["HEAD"], served["GET"]
            assert (head.function, head.security) == (get.function, get.security)
            assert head.integration == get.integration


def test_an_api_calls_its_own_functions_and_no_others(source: dict[str, Any]) -> None:
    """Each under the role of its API, which may call these, the authorizer, and nothing else."""
    for name, resource in source["Resources"].items():
        if resource["Type"] != "AWS::Serverless::Api":
            continue
        mine = [written for written in methods(source) if written.api == name and written.function]
        body = resource["Properties"]["DefinitionBody"]
        asked = body["components"]["securitySchemes"]["Gate"]["x-amazon-apigateway-authorizer"]
        roles = [written.integration["credentials"] for written in mine]
        roles.append(asked["authorizerCredentials"])
        (role,) = {role["Fn::GetAtt"][0] for role in roles}
        called = {written.function for written in mine} | set(CALLED.findall(str(asked)))
        family = name.removesuffix("Api")
        assert called - {"AuthorizerAuthorize"} == {
            one for one in functions(source) if one.startswith(family)
        }
        entry = source["Resources"][role]
        assert entry["Condition"] == resource["Condition"]
        trust = entry["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert [statement["Principal"] for statement in trust] == [
            {"Service": "apigateway.amazonaws.com"}
        ]
        (policy,) = entry["Properties"]["Policies"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == "lambda:InvokeFunction"
        named = [arn["Fn::GetAtt"] for arn in statement["Resource"]]
        assert sorted(named) == sorted([one, "Arn"] for one in called)


def test_examples_hold_no_real_key() -> None:
    for file in events.EVENTS.rglob("*.json"):
        headers = json.loads(file.read_text(encoding="utf-8")).get("headers", {})
        assert headers.get("X-API-Key", events.KEY) == events.KEY
