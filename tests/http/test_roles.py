"""The comparison of roles can fail: it reports every way of being too narrow or too wide."""

from pathlib import Path
from typing import Any

import pytest

from local.aws.clients import Clients
from local.aws.roles import Ask, Grant, Roles, read_roles
from local.cloudformation.intrinsics import TemplateError
from local.cloudformation.resources import Resources
from local.cloudformation.template import Template
from tests.http.roles import Excuse

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Traces:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{Effect: Allow, Action: "logs:PutLogEvents", Resource: "*"}]
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [MANAGED]
      Policies:
        - PolicyName: Reader
          PolicyDocument:
            Statement:
              - Effect: EFFECT
                Action: [ACTION, "dynamodb:Query"]
                Resource: "arn:aws:dynamodb:us-east-1:1:table/desk"
              - Effect: Allow
                Action: s3:ListBucket
                Resource: "arn:aws:s3:::files"
                Condition: {StringLike: {"s3:prefix": "files/*"}}
  Read:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/read
      Runtime: python3.13
      Handler: app.handler
      Role: !GetAtt Reader.Arn
"""

READ = Grant("Reader", "dynamodb:GetItem", "table/desk")


def asked(action: str, resource: str, **context: str) -> Ask:
    return Ask("Read", action, resource, frozenset(context.items()))


def read(folder: Path, **words: str) -> Roles:
    text = TEMPLATE
    given = {"MANAGED": "!Ref Traces", "EFFECT": "Allow", "ACTION": '"dynamodb:GetItem"'} | words
    for name, value in given.items():
        text = text.replace(name, value)
    path = folder / "template.yaml"
    path.write_text(text)
    template = Template(path, {}, "roles")
    return read_roles(template, Resources(template, Clients(), None))


def test_all_that_a_role_allows_is_read(tmp_path: Path) -> None:
    roles = read(tmp_path)
    assert roles.of == {"Read": "Reader"}
    assert set(roles.grants) == {
        READ,
        Grant("Reader", "dynamodb:Query", "table/desk"),
        Grant("Reader", "s3:ListBucket", "files", (("StringLike", "s3:prefix", ("files/*",)),)),
        Grant("Reader", "logs:PutLogEvents", "*"),
    }


@pytest.mark.parametrize(
    "words",
    [
        {"ACTION": '"dynamodb:*"'},
        {"MANAGED": '"arn:aws:iam::aws:policy/AdministratorAccess"'},
    ],
)
def test_what_cannot_be_compared_is_an_error(tmp_path: Path, words: dict[str, str]) -> None:
    with pytest.raises(TemplateError):
        read(tmp_path, **words)


@pytest.mark.parametrize(
    ("grant", "ask", "good"),
    [
        (READ, asked("dynamodb:GetItem", "table/desk"), True),
        (READ, asked("dynamodb:Query", "table/desk"), False),
        (READ, asked("dynamodb:GetItem", "table/index"), False),
        (READ, asked("dynamodb:GetItem", "table/desk/index/g10"), False),
        (READ, asked("dynamodb:GetItem", "table/desk-of-others"), False),
        (Grant("", "s3:GetObject", "b/files/*"), asked("s3:GetObject", "b/files/1/2/3"), True),
        (Grant("", "s3:GetObject", "b/files/*"), asked("s3:GetObject", "b/raw/1"), False),
        (Grant("", "s3:GetObject", "b/files/*"), asked("s3:GetObject", "b"), False),
        (Grant("", "s3:GetObject", "b/[f]/?"), asked("s3:GetObject", "b/[f]/1"), True),
        (Grant("", "s3:GetObject", "b/[f]/?"), asked("s3:GetObject", "b/f/1"), False),
    ],
)
def test_action_and_resource_must_both_fit(grant: Grant, ask: Ask, *, good: bool) -> None:
    assert grant.covers(ask) is good


@pytest.mark.parametrize(
    ("operator", "value", "good"),
    [
        ("StringLike", "files/2026", True),
        ("StringLike", "raw/2026", False),
        ("StringEquals", "files/*", True),
        ("StringEquals", "FILES/*", False),
        ("StringEqualsIgnoreCase", "FILES/*", True),
        ("StringEqualsIgnoreCase", "raw/*", False),
    ],
)
def test_a_condition_must_hold(operator: str, value: str, *, good: bool) -> None:
    grant = Grant("Reader", "s3:ListBucket", "b", ((operator, "s3:prefix", ("old/*", "files/*")),))
    assert (
        grant.covers(Ask("Read", "s3:ListBucket", "b", frozenset({("s3:Prefix", value)}))) is good
    )
    assert not grant.covers(Ask("Read", "s3:ListBucket", "b"))


def test_a_condition_nobody_knows_is_an_error() -> None:
    grant = Grant("Reader", "s3:ListBucket", "b", (("NumericLessThan", "s3:max-keys", ("10",)),))
    with pytest.raises(TemplateError):
        grant.covers(asked("s3:ListBucket", "b"))


def roles(*grants: Grant) -> Roles:
    return Roles({"Read": "Reader", "Write": "Writer"}, grants)


def test_what_is_used_and_not_granted_is_missing() -> None:
    query = asked("dynamodb:Query", "table/desk")
    assert roles(READ).missing([asked("dynamodb:GetItem", "table/desk"), query]) == {query}


def test_another_role_s_grant_does_not_help() -> None:
    ask = Ask("Write", "dynamodb:GetItem", "table/desk")
    assert roles(READ).missing([ask]) == {ask}


def test_what_is_granted_and_not_used_is_idle() -> None:
    wide: Any = Grant("Reader", "dynamodb:Query", "table/desk")
    asks = [asked("dynamodb:GetItem", "table/desk"), Ask("Write", "dynamodb:Query", "table/desk")]
    assert roles(READ, wide).idle(asks) == {wide}


def test_an_excuse_speaks_of_what_it_names_only() -> None:
    excuse = Excuse("dynamodb:Get*", "table/*", "because", role="Reader")
    assert excuse.covers(READ)
    assert not excuse.covers(Grant("Writer", "dynamodb:GetItem", "table/desk"))
    assert not excuse.covers(Grant("Reader", "dynamodb:Query", "table/desk"))
    assert not excuse.covers(Grant("Reader", "dynamodb:GetItem", "stream/desk"))
