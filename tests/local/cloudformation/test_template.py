"""The transformed template: values, conditions, resources, code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.cloud import LocalCloud
from local.cloudformation import translation
from local.cloudformation.intrinsics import Intrinsics, Physical, TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.functions import FunctionFailed, Functions
from local.gateway.routes import read_apis

SAMPLE = Path(__file__).parents[1] / "sample" / "template.yaml"


def intrinsics() -> Intrinsics:
    return Intrinsics(
        parameters={"Name": "desk", "List": ["a", "b"], "AWS::Region": "us-east-1"},
        mappings={"Sizes": {"small": {"memory": 128}}},
        conditions={
            "Yes": {"Fn::Equals": [{"Ref": "Name"}, "desk"]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
        },
        physical=lambda name: Physical(f"{name}-1", {"Arn": f"arn:{name}", "A.B": "nested"}),
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Name"}, "desk"),
        ({"Ref": "List"}, ["a", "b"]),
        ({"Ref": "Table"}, "Table-1"),
        ({"Fn::GetAtt": ["Table", "Arn"]}, "arn:Table"),
        ({"Fn::GetAtt": "Table.A.B"}, "nested"),
        ({"Fn::Sub": "${Name}/${Table.Arn}/${!Literal}/${AWS::Region}"}, None),
        ({"Fn::Sub": ["${Name}-${X}", {"X": {"Ref": "Table"}}]}, "desk-Table-1"),
        ({"Fn::If": ["Yes", 1, 2]}, 1),
        ({"Fn::If": ["No", 1, {"Ref": "Name"}]}, "desk"),
        ([1, {"Ref": "AWS::NoValue"}, 2], [1, 2]),
        ({"a": {"Fn::If": ["No", 1, {"Ref": "AWS::NoValue"}]}, "b": 1}, {"b": 1}),
        ({"Fn::Join": [",", [{"Ref": "Name"}, 1]]}, "desk,1"),
        ({"Fn::Select": ["1", {"Fn::Split": ["|", "a|b|c"]}]}, "b"),
        ({"Fn::FindInMap": ["Sizes", "small", "memory"]}, 128),
        ({"Fn::Base64": "ü"}, "w7w="),
        ({"Fn::And": [{"Condition": "Yes"}, {"Condition": "No"}]}, False),
        ({"Fn::Or": [{"Condition": "Yes"}, {"Condition": "No"}]}, True),
        ({"Condition": {"StringEquals": "a policy's own word"}, "b": 1}, None),
    ],
)
def test_intrinsic_functions(value: Any, expected: Any) -> None:
    got = intrinsics().resolve(value)
    if "Fn::Sub" in value and expected is None:
        expected = "desk/arn:Table/${Literal}/us-east-1"
    assert got == (value if expected is None else expected)


def test_an_unknown_function_is_an_error() -> None:
    with pytest.raises(TemplateError, match="Fn::Cidr"):
        intrinsics().resolve({"Fn::Cidr": ["10.0.0.0/8", 1, 8]})
    with pytest.raises(TemplateError, match="Colour"):
        intrinsics().resolve({"Fn::GetAtt": ["Table", "Colour"]})


def test_conditions_take_resources_away() -> None:
    assert "SecondApi" in Template(SAMPLE, {}, "s").resources
    assert "SecondApi" not in Template(SAMPLE, {"Second": "off"}, "s").resources


def test_a_parameter_that_is_not_there_is_an_error() -> None:
    with pytest.raises(TemplateError, match="Thrid"):
        Template(SAMPLE, {"Thrid": "on"}, "s")


def test_a_translation_is_kept_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    translated: list[str] = []

    monkeypatch.setattr("local.cloudformation.template.ROOT", tmp_path)
    monkeypatch.setattr("local.cloudformation.template.KEPT", tmp_path / "kept")
    real = translation.translate

    def translate(text: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        translated.append(text)
        return real(text, parameters)

    monkeypatch.setattr(translation, "translate", translate)
    path = tmp_path / "template.yaml"
    path.write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    first, again = Template(path, {}, "s"), Template(path, {}, "s")
    assert len(translated) == 1
    assert first.resources == again.resources
    assert first.functions == again.functions
    Template(path, {"Second": "off"}, "s")
    assert len(translated) == 2
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    Template(path, {}, "s")
    assert len(translated) == 3


def write(folder: Path, body: str) -> Template:
    path = folder / "template.yaml"
    path.write_text("Transform: AWS::Serverless-2016-10-31\n" + body, encoding="utf-8")
    return Template(path, {}, "s")


FUNCTION = """
  {name}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: app.handler
      Runtime: python3.13
      Environment: {{Variables: {{X: {value}}}}}
"""


def test_two_functions_cannot_want_two_values(tmp_path: Path, sample: LocalCloud) -> None:
    text = "Resources:" + FUNCTION.format(name="A", value=1) + FUNCTION.format(name="B", value=2)
    with pytest.raises(TemplateError, match="B wants another X"):
        Resources(write(tmp_path, text), sample.clients, None).environment()
    same = "Resources:" + FUNCTION.format(name="A", value=1) + FUNCTION.format(name="B", value=1)
    assert Resources(write(tmp_path, same), sample.clients, None).environment() == {"X": "1"}


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/a/{number}.json", "{number}.json"),
        ("/a b", "a b"),
        ("/a/{ref}", None),
        ("/a.b-c_d", None),
    ],
)
def test_a_path_that_cannot_be_deployed_is_an_error(
    tmp_path: Path, sample: LocalCloud, path: str, refused: str | None
) -> None:
    event = f'      Events: {{Get: {{Type: Api, Properties: {{Method: GET, Path: "{path}"}}}}}}\n'
    template = write(tmp_path, "Resources:" + FUNCTION.format(name="A", value=1) + event)
    resources = Resources(template, sample.clients, None)
    if refused is None:
        (api,) = read_apis(template, resources)
        assert [route.resource for route in api.routes] == [path]
    else:
        with pytest.raises(TemplateError, match="no path part"):
            read_apis(template, resources)


def test_functions_with_equal_file_names_stay_apart(sample: LocalCloud) -> None:
    modules = [sample.functions.module(name) for name in ("Echo", "Tick")]
    assert [module.__name__ for module in modules] == ["lambda_Echo", "lambda_Tick"]


def test_an_event_is_json_and_so_is_an_answer(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(
        "def handler(event, context):\n"
        "    event['list'].append(context.function_name)\n"
        "    assert 0 < context.get_remaining_time_in_millis() <= 3000\n"
        "    assert len(context.aws_request_id) == 36\n"
        "    return {1: event['list']} if event['good'] else {'set': {1}}\n",
        encoding="utf-8",
    )
    functions = Functions(write(tmp_path, "Resources:" + FUNCTION.format(name="Json", value=1)))
    event = {"list": [1], "good": True}
    assert functions.invoke("Json", event) == {"1": [1, "Json"]}
    assert event["list"] == [1]
    with pytest.raises(FunctionFailed, match="Json: TypeError"):
        functions.invoke("Json", {"list": [], "good": False})
