"""What template.yaml promises: its size, its permissions, its paths, its words."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.apigateway.exceptions import InvalidResourcePathException
from moto.apigateway.models import APIGatewayBackend
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

from dialects.admin.denied import words
from helpdesk.storage.keys import INDEXES
from local.aws.clients import Clients
from local.cloud import PARAMETERS, ROOT, STACK, LocalCloud
from local.cloudformation.intrinsics import Physical
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from local.gateway.routes import read_apis
from local.gateway.throttles import Rate
from local.sign_in import SignIn
from tools.emulator import BUILT, HOST
from tools.sam import compact

MOST_RESOURCES = 450
"""Of the 500 that CloudFormation takes (docs/aws.md m4)."""

MOST_OF_TEMPLATE = 1_000_000
"""Bytes of the transformed template, of the 1 MB that CloudFormation takes."""

LONGEST_URI = len("s3://") + 63 + len("/deskless-production/") + 32
"""Characters of the address that SAM gives a folder of code: bucket, prefix, hash."""

MOST_OF_ROLE = 10_240
"""Characters of a role's own policies that IAM takes, not counting white space."""

LONGEST_ARN = "arn:aws-us-gov:lambda:ap-southeast-2:123456789012:function:" + "n" * 64
"""What the ARN of a function may come to."""

GATEWAY_RESPONSES = {
    "ACCESS_DENIED",
    "API_CONFIGURATION_ERROR",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
}
"""All that API Gateway can answer by itself (docs/aws.md m9)."""


def sections(lines: list[str]) -> dict[str, str]:
    """The banner under which each resource stands."""
    found: dict[str, str] = {}
    section = ""
    for line in lines:
        if banner := re.match(r"  # ([A-Z]+)(?:: .*)?$", line):
            section = banner[1]
        elif resource := re.match(r"  ([A-Za-z0-9]+):", line):
            found[resource[1]] = section
    return found


def statements(source: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role and managed policy, under the resource's name."""
    for name, resource in source["Resources"].items():
        properties = resource.get("Properties", {})
        policies = [policy["PolicyDocument"] for policy in properties.get("Policies", ())]
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            policies.append(properties["PolicyDocument"])
        for policy in policies:
            for statement in policy["Statement"]:
                yield name, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_the_stack_stays_below_what_cloudformation_takes(
    transformed: Template, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    where = sections(lines)
    names = sorted(where, key=len, reverse=True)
    # What SAM makes of a resource begins with that resource's name.
    used = Counter(
        where[next(name for name in names if made.startswith(name))]
        for made in transformed.resources
    )
    layers = sum(1 for name, section in where.items() if section == "LAYERS")
    used["LAYERS"] = layers
    total = len(transformed.resources) + layers
    table_of_use = "\n".join(f"{section:<12} {count:>4}" for section, count in used.items())
    with capsys.disabled():
        print(f"\n{table_of_use}\n{'all':<12} {total:>4} of {MOST_RESOURCES}")  # noqa: T201
    assert total == sum(used.values())
    text = (ROOT / "docs/aws.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z]+)` \| ([0-9]+) \|", text, re.MULTILINE)
    told = {section: int(count) for section, count in rows}
    assert told.keys() == used.keys(), "docs/aws.md, Resources by section"
    # Not to the last one, or every new endpoint would be a change there.
    assert abs(total - sum(told.values())) <= total // 20, "docs/aws.md, Resources by section"
    assert total <= MOST_RESOURCES


def test_the_transformed_template_is_no_larger_than_cloudformation_takes(
    transformed: Template,
) -> None:
    whole = [(found.name, found.type, found.properties) for found in transformed.resources.values()]
    assert len(json.dumps(whole)) <= MOST_OF_TEMPLATE


def test_the_template_that_is_deployed_is_no_larger_than_cloudformation_takes(
    source: dict[str, Any],
) -> None:
    """`make deploy` sends it as tools/sam.py writes it, with an address for each folder."""
    folders = sum(
        name in found.get("Properties", {})
        for found in source["Resources"].values()
        for name in ("CodeUri", "ContentUri")
    )
    assert folders > 100
    assert len(compact(source).encode()) + folders * LONGEST_URI <= MOST_OF_TEMPLATE


def test_the_roles_of_the_apis_name_no_more_functions_than_iam_takes(
    source: dict[str, Any],
) -> None:
    for found in source["Resources"].values():
        policies = found.get("Properties", {}).get("Policies")
        if found["Type"] == "AWS::IAM::Role" and "lambda:InvokeFunction" in json.dumps(policies):
            written = json.dumps(policies, separators=(",", ":"))
            named = re.sub(r'\{"Fn::GetAtt":\["\w+","Arn"\]\}', json.dumps(LONGEST_ARN), written)
            assert named.count(LONGEST_ARN) > 1
            assert len(named) <= MOST_OF_ROLE


def test_every_switch_of_the_template_was_on(source: dict[str, Any], transformed: Template) -> None:
    conditional = {
        name
        for name, found in source["Resources"].items()
        if "Condition" in found and found["Type"] != "AWS::Serverless::LayerVersion"
    }
    assert conditional <= set(transformed.resources)


class Anything(dict[str, str]):
    """The attributes of a resource, whichever are asked for."""

    def __missing__(self, name: str) -> str:
        return name


def test_a_stack_that_uses_restored_tables_refers_to_its_own_nowhere() -> None:
    restored = {
        "DeskTableName": "restored",
        "DeskStreamArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/restored/stream/1",
        "IndexTableName": "empty",
        "RestoredAt": "2026-01-31T12:00:00Z",
    }
    template = Template(ROOT / "template.yaml", {**PARAMETERS, **restored}, STACK)
    asked: set[str] = set()

    def physical(name: str) -> Physical:
        asked.add(name)
        return Physical(name, Anything())

    intrinsics = template.intrinsics(physical)
    written = json.dumps(
        [intrinsics.resolve(one.properties) for one in template.resources.values()]
    )
    assert "FilesBucket" in asked
    assert asked.isdisjoint({"DeskTable", "IndexTable"})
    assert "table/restored/index/g06" in written
    assert "table/empty" in written


def deploy(paths: Iterable[str]) -> None:
    """Makes the resources of an API, as API Gateway does when it takes in its body."""
    gateway = APIGatewayBackend("us-east-1", "123456789012")
    api = gateway.create_rest_api("api", "").id
    known = {"/": next(iter(gateway.get_rest_api(api).resources))}
    for path in paths:
        parent = "/"
        for part in path.strip("/").split("/"):
            whole = f"{parent.rstrip('/')}/{part}"
            if part and whole not in known:
                known[whole] = gateway.create_resource(api, known[parent], part).id
            parent = whole


def test_api_gateway_takes_every_path(transformed: Template) -> None:
    apis = list(read_apis(transformed, Resources(transformed, Clients(), None)))
    assert apis
    for api in apis:
        deploy(route.resource for route in api.routes)


def test_api_gateway_refuses_a_parameter_within_a_path_part() -> None:
    # sam validate takes it, and the deployment fails: this is why the test above is there.
    with pytest.raises(InvalidResourcePathException):
        deploy(["/api/tickets-get.php/{number}.json"])


def test_every_family_words_all_that_the_gateway_answers_by_itself(
    transformed: Template,
) -> None:
    apis = list(read_apis(transformed, Resources(transformed, Clients(), None)))
    assert apis
    for api in apis:
        assert set(api.responses) == GATEWAY_RESPONSES
        shapes = set()
        for kind, response in api.responses.items():
            said = json.loads(response.templates["application/json"])
            # Notific's words are ASP.NET's.
            error = said["Message" if api.name == "NotificApi" else "error"]
            # Zammad's words are the error itself.
            words = tuple(error) if isinstance(error, dict) else error
            shapes.add((tuple(said), str if isinstance(words, str) else words))
            # The two defaults stand in for others, and keep the status of what they stand in for.
            assert (response.status is None) == kind.startswith("DEFAULT_")
        assert len(shapes) == 1


@pytest.mark.parametrize("explorers", ["on", "off"])
def test_every_path_without_a_key_has_a_rate_and_no_other_has(explorers: str) -> None:
    # The usage plan counts by key: without one nothing else holds a flood off the functions.
    template = Template(ROOT / "template.yaml", {**PARAMETERS, "Explorers": explorers}, STACK)
    apis = list(read_apis(template, Resources(template, Clients(), None)))
    for api in apis:
        served = {
            (route.resource, name)
            for route in api.routes
            for name, method in route.methods.items()
            if method.authorizer is None and name != "OPTIONS"  # a MOCK, of every path
        }
        assert set(api.rates) == served, api.name
        assert set(api.rates.values()) <= {Rate(20, 40)}
        assert any("/docs" in path for path, _ in served) == (explorers == "on")


def test_no_path_takes_in_all_that_are_unknown(transformed: Template) -> None:
    # API Gateway itself answers those, without a function (docs/decisions/0019).
    for api in read_apis(transformed, Resources(transformed, Clients(), None)):
        assert [route.resource for route in api.routes if "+}" in route.resource] == []


def test_every_api_packs_large_answers(transformed: Template) -> None:
    for api in read_apis(transformed, Resources(transformed, Clients(), None)):
        assert api.compresses == 1400


def test_a_missing_key_and_a_bad_one_are_refused_alike(transformed: Template) -> None:
    for api in transformed.of_type("AWS::ApiGateway::RestApi"):
        if api.name == "ZammadApi":
            continue  # tells them apart, as Zammad does (docs/zammad.md 2)
        body = transformed.intrinsics(pytest.fail).resolve(
            api.properties["Body"]["x-amazon-apigateway-gateway-responses"]
        )
        if api.name == "AdminApi":
            # People who have signed in are told why; a bad key is not (dialects/admin/denied.py).
            denied = body["ACCESS_DENIED"]["responseTemplates"]
            bad_key = words("unknown", signed_in=False)
            (template,) = denied.values()
            denied["application/json"] = template.replace("$context.authorizer.words", bad_key)
        assert body["UNAUTHORIZED"] == body["ACCESS_DENIED"]
        assert body["UNAUTHORIZED"]["statusCode"] == "401"


@pytest.mark.parametrize("signs_in", [True, False])
def test_people_sign_in_only_where_a_pool_is_named(signs_in: bool, transformed: Template) -> None:
    template = transformed if signs_in else Template(ROOT / "template.yaml", PARAMETERS, STACK)
    issuer, pages, client = (
        template.intrinsics(pytest.fail).resolve(
            template.resources[name].properties["Environment"]["Variables"][variable]
        )
        for name, variable in (
            ("AuthorizerAuthorize", "SIGN_IN_ISSUER"),
            ("AdminConsole", "SIGN_IN_URL"),
            ("AuthorizerAuthorize", "SIGN_IN_CLIENT"),
        )
    )
    if not signs_in:
        assert (issuer, pages, client) == ("", "", "")
        return
    assert issuer == "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Local"
    assert pages == "https://sign-in.desk.example"
    here = SignIn("http://localhost:8080")
    led = {"SIGN_IN_ISSUER": here.here(issuer), "SIGN_IN_URL": here.here(pages)}
    assert {**led, "SIGN_IN_CLIENT": client} == here.environment()


def test_only_the_authorizer_has_what_verifies_tokens(source: dict[str, Any]) -> None:
    layers = {
        name: found["Properties"]["Layers"]
        for name, found in source["Resources"].items()
        if "TokensLayer" in json.dumps(found.get("Properties", {}).get("Layers", ()))
    }
    conditional = {"Fn::If": ["SignsIn", {"Ref": "TokensLayer"}, {"Ref": "AWS::NoValue"}]}
    assert layers == {"AuthorizerAuthorize": [conditional]}
    assert source["Resources"]["TokensLayer"]["Condition"] == "SignsIn"


def test_roles_allow_exact_actions_and_no_scan(source: dict[str, Any]) -> None:
    for name, statement in statements(source):
        if statement["Effect"] == "Deny":
            # What is denied, to whom: tests/http/test_permissions.py.
            assert source["Resources"][name]["Type"] == "AWS::IAM::ManagedPolicy"
            continue
        for action in listed(statement["Action"]):
            assert "*" not in action, name
            assert action not in {"dynamodb:Scan", "dynamodb:PartiQLSelect"}, name


def test_roles_name_their_resources(source: dict[str, Any]) -> None:
    services = {
        action.partition(":")[0]
        for _, statement in statements(source)
        if statement["Resource"] == "*"
        for action in listed(statement["Action"])
    }
    # X-Ray has nothing to name, SES no name for the one set of rules that is active, and neither it
    # nor Lambda one for the account.
    assert services == {"xray", "ses", "lambda"}


def test_every_permission_says_what_it_is_for(lines: list[str]) -> None:
    start = next(at for at, line in enumerate(lines) if line.startswith("  # PERMISSIONS"))
    end = next(at for at, line in enumerate(lines) if line.startswith("  # APIS"))
    silent = [
        at + 1
        for at in range(start, end)
        if lines[at].strip().startswith("- Effect:")
        and "#" not in lines[at]
        and "#" not in lines[at - 1]
        and "sts:AssumeRole" not in "".join(lines[at : at + 3])
    ]
    assert not silent


def test_every_function_has_one_of_the_roles_and_every_role_a_function(
    source: dict[str, Any],
) -> None:
    trusted = {
        name
        for name, found in source["Resources"].items()
        if found["Type"] == "AWS::IAM::Role"
        if "lambda.amazonaws.com" in json.dumps(found["Properties"]["AssumeRolePolicyDocument"])
    }
    taken = {
        found["Properties"]["Role"]["Fn::GetAtt"][0]
        for found in source["Resources"].values()
        if found["Type"] == "AWS::Serverless::Function"
    }
    assert taken == trusted


def test_indexes_are_those_that_the_table_asks(source: dict[str, Any]) -> None:
    written = {
        index["IndexName"]: tuple(key["AttributeName"] for key in index["KeySchema"])
        for index in source["Resources"]["DeskTable"]["Properties"]["GlobalSecondaryIndexes"]
    }
    assert written == INDEXES


BUILD_FOLDERS = [
    pytest.param(ROOT, id="as written"),
    *(
        pytest.param(BUILT / arch, id=arch, marks=pytest.mark.built)
        for arch in dict.fromkeys((HOST, "arm64"))
    ),
]


@pytest.mark.parametrize("folder", BUILD_FOLDERS)
def test_make_deploy_writes_version_and_commit_and_nothing_else(
    folder: Path, tmp_path: Path
) -> None:
    template = (folder / "template.yaml").read_text(encoding="utf-8")
    # A commit of digits that YAML would read as a number.
    done = stamp(tmp_path, template, commit="012345678901")

    assert done.returncode == 0, done.stderr
    before = yaml_parse(template)
    after = yaml_parse((tmp_path / "deployed.yaml").read_text(encoding="utf-8"))
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    assert before["Mappings"]["Build"] == {"This": {"Version": "unknown", "Commit": "unknown"}}
    assert after["Mappings"]["Build"] == {"This": {"Version": version, "Commit": "012345678901"}}
    del before["Mappings"]["Build"], after["Mappings"]["Build"]
    # The layers are built for one processor: the other would be taken and no function would start.
    for parsed, allowed in ((before, ["arm64", "x86_64"]), (after, ["arm64"])):
        assert parsed["Parameters"].pop("Architectures").pop("AllowedValues") == allowed
    assert before == after


@pytest.mark.parametrize("arch", ["arm64", "x86_64"])
@pytest.mark.parametrize("dumped", [False, True])
def test_make_deploy_lets_nobody_choose_what_was_not_built(
    arch: str, *, dumped: bool, tmp_path: Path
) -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    if dumped:  # as SAM writes the built one
        template = template.replace("[arm64, x86_64]", "\n    - arm64\n    - x86_64", 1)
    stamp(tmp_path, template, commit="abc", arch=arch)

    after = yaml_parse((tmp_path / "deployed.yaml").read_text(encoding="utf-8"))
    chosen = after["Parameters"]["Architectures"]
    assert (chosen["AllowedValues"], chosen["Default"]) == ([arch], arch)
    assert after["Parameters"]["OsticketFamily"]["AllowedValues"] == ["on", "off"]


@pytest.mark.parametrize("name", ["Version", "Commit"])
def test_make_deploy_says_where_a_placeholder_has_moved(name: str, tmp_path: Path) -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    done = stamp(tmp_path, template.replace(f"{name}: unknown", f"{name}: none"), commit="abc")

    assert done.returncode != 0
    assert f"no place for {name}" in done.stderr


def stamp(
    folder: Path, template: str, *, commit: str, arch: str = "arm64"
) -> subprocess.CompletedProcess[str]:
    """What `make deploy` does to a built template before it deploys it."""
    (folder / "template.yaml").write_text(template, encoding="utf-8")
    # Where a make runs the tests, this one is none of its own.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(  # noqa: S603 - our own arguments
        ["make", "stamp", f"BUILD={folder}", f"COMMIT={commit}", f"ARCH={arch}"],  # noqa: S607 - as users call it
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_holds_data_outlives_the_stack(source: dict[str, Any]) -> None:
    kinds = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"}
    for name, found in source["Resources"].items():
        if found["Type"] in kinds:
            # What a failed creation leaves goes with it, but for what AWS would refuse to delete.
            protected = found["Properties"].get("DeletionProtectionEnabled", False)
            policies = (found["DeletionPolicy"], found["UpdateReplacePolicy"])
            assert policies == ("Retain" if protected else "RetainExceptOnCreate", "Retain"), name
            assert protected == (found["Type"] == "AWS::DynamoDB::Table"), name


def test_no_resource_has_a_fixed_name(source: dict[str, Any]) -> None:
    # A retained table of a fixed name would stand in the way of the next stack.
    for name, found in source["Resources"].items():
        kind = found["Type"].rsplit("::", 1)[-1]
        own = {f"{kind}Name", "Name"}
        if kind not in {"Api", "DomainName", "RecordSet"}:
            assert not own & set(found.get("Properties", {})), name


def test_every_queue_of_events_has_dead_letters_and_alarms(source: dict[str, Any]) -> None:
    resources = source["Resources"]
    queues = {name for name, found in resources.items() if found["Type"] == "AWS::SQS::Queue"}
    read = {
        event["Properties"]["Queue"]["Fn::GetAtt"][0]
        for found in resources.values()
        if found["Type"] == "AWS::Serverless::Function"
        for event in found["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
    }
    for name in read:
        redrive = resources[name]["Properties"]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in queues - read
    watched = {
        dimension["Value"]["Fn::GetAtt"][0]
        for found in resources.values()
        if found["Type"] == "AWS::CloudWatch::Alarm"
        for dimension in found["Properties"].get("Dimensions", ())
        if dimension["Name"] == "QueueName"
    }
    assert watched == queues


def alarms(source: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = source["Resources"].items()
    return {name: one["Properties"] for name, one in found if one["Type"].endswith("::Alarm")}


def test_every_alarm_is_heard_and_operate_md_says_what_to_do(source: dict[str, Any]) -> None:
    text = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`((?:\.\.\.)?\w+Alarm)`", text))
    families = r"(Osticket|Zammad|Notific|Admin)(?=Faults|Slow)"
    names = {re.sub(families, "...", name) for name in alarms(source)}
    assert told == names
    for name, found in alarms(source).items():
        assert found["AlarmActions"] == [{"Ref": "Alarms"}], name
        assert found["AlarmDescription"], name
        assert len([one for one in found.get("Metrics", ()) if "MetricStat" in one]) <= 10, name


def test_the_hot_partitions_of_the_indexes_are_watched(source: dict[str, Any]) -> None:
    watched = {
        (metric["MetricName"], dimension["Value"])
        for found in alarms(source).values()
        for one in found.get("Metrics", ())
        if "MetricStat" in one
        for metric in [one["MetricStat"]["Metric"]]
        for dimension in metric.get("Dimensions", ())
        if dimension["Name"] == "GlobalSecondaryIndexName"
    }
    properties = source["Resources"]["DeskTable"]["Properties"]
    used = {
        index["IndexName"]
        for index in properties["GlobalSecondaryIndexes"]
        # Spare, and one that has the partitions of another.
        if index["IndexName"] not in {"g03", "g12", "g13"}
    }
    kinds = ("ReadThrottleEvents", "WriteThrottleEvents")
    assert watched == {(kind, index) for kind in kinds for index in used}


def test_dead_letters_that_come_besides_set_off_an_alarm_of_their_own(
    source: dict[str, Any],
) -> None:
    properties = alarms(source)["MoreDeadLettersAlarm"]
    expression = next(one for one in properties["Metrics"] if "Expression" in one)
    assert expression["Expression"] == "DIFF(SUM(METRICS()))"
    summed = {
        one["MetricStat"]["Metric"]["Dimensions"][0]["Value"]["Fn::GetAtt"][0]
        for one in properties["Metrics"]
        if "MetricStat" in one
    }
    queues = {name for name, one in source["Resources"].items() if one["Type"].endswith("::Queue")}
    assert summed == {name for name in queues if name.endswith(("DeadLetters", "FailedCalls"))}


def test_a_queue_waits_longer_than_what_reads_it(source: dict[str, Any]) -> None:
    for found in source["Resources"].values():
        if found["Type"] != "AWS::Serverless::Function":
            continue
        for event in found["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                queue = source["Resources"][event["Properties"]["Queue"]["Fn::GetAtt"][0]]
                visible = queue["Properties"]["VisibilityTimeout"]
                assert visible >= 6 * found["Properties"]["Timeout"]


def test_the_stream_loses_nothing_and_holds_nothing_up(source: dict[str, Any]) -> None:
    relay = source["Resources"]["BackgroundRelayEvents"]["Properties"]
    mapping = relay["Events"]["Stream"]["Properties"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] == 5
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    # Only S3 gets the whole batch: a queue would hear of sequence numbers (docs/aws.md m2).
    assert mapping["DestinationConfig"]["OnFailure"]["Type"] == "S3"


def test_the_console_is_told_where_each_api_is(cloud: LocalCloud, transformed: Template) -> None:
    names = ("OSTICKET_URL", "ZAMMAD_URL", "NOTIFIC_URL")
    environment = cloud.template.resources["AdminGetMe"].properties["Environment"]
    variables = cloud.resources.resolve(environment)["Variables"]
    hosts = {variables[name] for name in names}
    assert len(hosts) == len(names)
    assert all(re.fullmatch(r"https://\w+\.execute-api\.[^/]+/desk", host) for host in hosts)
    environment = transformed.resources["AdminGetMe"].properties["Environment"]
    for name in names:
        told = transformed.intrinsics(pytest.fail).resolve(environment["Variables"][name])
        assert told == "https://desk.example"
