"""The resources of the template, created through AWS's own APIs at the configured endpoint.

Each is created on the first reference to it, so order and dependencies follow from the template. A
type that no running code uses (roles, alarms, log groups, topics) only gets an id and an ARN.
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from local.aws.clients import Clients
from local.cloudformation.intrinsics import ACCOUNT, REGION, Physical, TemplateError
from local.cloudformation.template import Document, Resource, Template

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

FIRST_KEY = "FirstKey"
"""Logical id of the secret with the first admin key."""


class Resources:
    """Creates the template's resources, once each.

    Args:
        template: the template.
        clients: the clients to create them with.
        first_key: the value for the first admin key's secret; None generates one.
        kept_secrets: values of secrets by logical id, from an earlier start.
    """

    def __init__(
        self,
        template: Template,
        clients: Clients,
        first_key: str | None,
        kept_secrets: Mapping[str, str] | None = None,
    ) -> None:
        self._template = template
        self._clients = clients
        self._known_secrets = dict(kept_secrets or {})
        if first_key is not None:
            self._known_secrets[FIRST_KEY] = first_key
        self._made: dict[str, Physical] = {}
        self._intrinsics = template.intrinsics(self.physical)
        self._makers: Mapping[str, Callable[[str, Document], Physical]] = {
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::Bucket": self._bucket,
            "AWS::SQS::Queue": self._queue,
            "AWS::SES::EmailIdentity": self._identity,
            "AWS::SES::ConfigurationSet": self._configuration_set,
            "AWS::SES::ReceiptRuleSet": self._receipt_rule_set,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::ApiGateway::RestApi": self._rest_api,
            "AWS::ApiGateway::Stage": self._stage,
            "AWS::ApiGateway::UsagePlan": self._usage_plan,
            "AWS::ApiGateway::ApiKey": self._gateway_key,
            "AWS::ApiGateway::UsagePlanKey": self._usage_plan_key,
            "AWS::SNS::Topic": self._topic,
        }

    def make_all(self) -> None:
        """Create all resources of supported types; others follow when they are referred to."""
        for resource in self._template.resources.values():
            if resource.type in self._makers:
                self.physical(resource.name)

    def physical(self, name: str) -> Physical:
        """The resource of a logical id, created if needed."""
        if name not in self._made:
            try:
                resource = self._template.resources[name]
            except KeyError as error:
                raise TemplateError(f"the template has no resource {name}") from error
            maker = self._makers.get(resource.type)
            if maker:
                self._made[name] = maker(name, self.properties(resource))
            else:
                self._made[name] = _nominal(resource)
        return self._made[name]

    def set_attributes(self, name: str, physical: Physical) -> None:
        """Set the attributes returned by a custom resource's function."""
        self._made[name] = physical

    def properties(self, resource: Resource) -> Document:
        """A resource's properties, resolved."""
        resolved: Document = self.resolve(resource.properties)
        return resolved

    def resolve(self, value: Any) -> Any:
        """Any value of the template, resolved with the resources created so far."""
        return self._intrinsics.resolve(value)

    def environment(self) -> dict[str, str]:
        """The combined environment of all functions: one process has one os.environ.

        Raises:
            TemplateError: two functions need different values for one name.
        """
        merged: dict[str, str] = {}
        for function in self._template.of_type("AWS::Lambda::Function"):
            variables = self.resolve(function.properties.get("Environment", {}))
            for name, value in variables.get("Variables", {}).items():
                if merged.setdefault(name, str(value)) != str(value):
                    raise TemplateError(f"{function.name} wants another {name} than its neighbours")
        return merged

    def _table(self, name: str, properties: Document) -> Physical:
        client = self._clients.dynamodb
        table = f"{self._template.stack}-{name}"
        kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        request: Document = {key: properties[key] for key in kept if key in properties}
        if "StreamSpecification" in properties:
            request["StreamSpecification"] = {
                "StreamEnabled": True,
                **properties["StreamSpecification"],
            }
        try:
            # Deletion protection and backups protect a permanent desk; this one is temporary.
            client.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **request)
        except client.exceptions.ResourceInUseException:
            pass  # a user's own DynamoDB keeps its tables between runs
        else:
            client.get_waiter("table_exists").wait(
                TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )
            if "TimeToLiveSpecification" in properties:
                client.update_time_to_live(
                    TableName=table,
                    TimeToLiveSpecification=properties["TimeToLiveSpecification"],
                )
        made = client.describe_table(TableName=table)["Table"]
        attributes = {"Arn": made["TableArn"]}
        if "LatestStreamArn" in made:
            attributes["StreamArn"] = made["LatestStreamArn"]
        return Physical(table, attributes)

    def _bucket(self, name: str, _: Document) -> Physical:
        bucket = f"{self._template.stack}-{name.lower()}"
        client = self._clients.s3
        with suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(Bucket=bucket)
        return Physical(
            bucket,
            {
                "Arn": f"arn:aws:s3:::{bucket}",
                "DomainName": f"{bucket}.s3.amazonaws.com",
                "RegionalDomainName": f"{bucket}.s3.{REGION}.amazonaws.com",
            },
        )

    def _queue(self, name: str, properties: Document) -> Physical:
        client = self._clients.sqs
        queue = f"{self._template.stack}-{name}"
        attributes: dict[QueueAttributeNameType, str] = {}
        if "VisibilityTimeout" in properties:
            attributes["VisibilityTimeout"] = str(properties["VisibilityTimeout"])
        if "RedrivePolicy" in properties:
            attributes["RedrivePolicy"] = json.dumps(properties["RedrivePolicy"])
        url = client.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"]
        arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        return Physical(url, {"Arn": arn["QueueArn"], "QueueName": queue})

    def _identity(self, _: str, properties: Document) -> Physical:
        client = self._clients.sesv2
        identity = properties["EmailIdentity"]
        with suppress(client.exceptions.AlreadyExistsException):
            client.create_email_identity(EmailIdentity=identity)
        # DKIM records: names in the right form that are never looked up.
        tokens = {
            f"DkimDNSToken{part}{number}": f"local{number}.{end}"
            for number in (1, 2, 3)
            for part, end in (("Name", f"_domainkey.{identity}"), ("Value", "dkim.amazonses.com"))
        }
        return Physical(identity, tokens)

    def _configuration_set(self, name: str, _: Document) -> Physical:
        client = self._clients.sesv2
        configuration_set = f"{self._template.stack}-{name}"
        try:
            client.create_configuration_set(ConfigurationSetName=configuration_set)
        except client.exceptions.ClientError as error:
            # AlreadyExistsException; moto's class has a longer name.
            if "AlreadyExists" not in error.response["Error"]["Code"]:
                raise
        return Physical(configuration_set)

    def _receipt_rule_set(self, name: str, _: Document) -> Physical:
        client = self._clients.ses
        rule_set = f"{self._template.stack}-{name}"
        with suppress(client.exceptions.AlreadyExistsException):
            client.create_receipt_rule_set(RuleSetName=rule_set)
        return Physical(rule_set)

    def _secret(self, name: str, properties: Document) -> Physical:
        client = self._clients.secretsmanager
        value = properties.get("SecretString")
        if "GenerateSecretString" in properties:
            value = _random_string(properties["GenerateSecretString"])
        value = self._known_secrets.get(name, value)
        request: Document = {} if value is None else {"SecretString": value}
        try:
            arn = client.create_secret(Name=f"{self._template.stack}-{name}", **request)["ARN"]
        except client.exceptions.ResourceExistsException:
            arn = client.describe_secret(SecretId=f"{self._template.stack}-{name}")["ARN"]
        return Physical(arn, {"Id": arn})

    def _rest_api(self, name: str, _: Document) -> Physical:
        # moto stores APIs, but never serves them: the gateway does, under this id.
        return Physical(name.lower(), {"RootResourceId": "root"})

    def _stage(self, _: str, properties: Document) -> Physical:
        return Physical(properties["StageName"])

    def _usage_plan(self, name: str, properties: Document) -> Physical:
        client = self._clients.apigateway
        # Without stages, since moto would need to know the APIs; the gateway only looks up keys.
        plan = client.create_usage_plan(name=properties.get("UsagePlanName", name))
        return Physical(plan["id"], {"Id": plan["id"]})

    def _gateway_key(self, name: str, properties: Document) -> Physical:
        client = self._clients.apigateway
        value = properties.get("Value") or secrets.token_hex(16)
        try:
            made = client.create_api_key(
                name=properties.get("Name", name),
                value=value,
                enabled=properties.get("Enabled", False),
            )["id"]
        except client.exceptions.ConflictException:
            # Another cloud of this process has created it: they share moto's account.
            kept = client.get_api_keys(includeValues=True)["items"]
            made = next(key["id"] for key in kept if key["value"] == value)
        return Physical(made, {"APIKeyId": made})

    def _usage_plan_key(self, _: str, properties: Document) -> Physical:
        client = self._clients.apigateway
        made = client.create_usage_plan_key(
            usagePlanId=properties["UsagePlanId"],
            keyId=properties["KeyId"],
            keyType=properties["KeyType"],
        )
        return Physical(made["id"], {"Id": made["id"]})

    def _topic(self, name: str, _: Document) -> Physical:
        # No code publishes to a topic: SES does, and the local cloud in its place.
        arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{self._template.stack}-{name}"
        return Physical(arn, {"TopicArn": arn, "TopicName": f"{self._template.stack}-{name}"})


class _AnyArn(dict[str, str]):
    """Attributes of a resource that exists only by name: each is a plausible ARN or id."""

    def __init__(self, service: str, name: str) -> None:
        super().__init__()
        self._service = service
        self._name = name

    def __missing__(self, attribute: str) -> str:
        if attribute.endswith("Arn"):
            return f"arn:aws:{self._service}:{REGION}:{ACCOUNT}:{self._name}"
        return self._name


def _nominal(resource: Resource) -> Physical:
    if resource.type == "AWS::Lambda::Function":
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{resource.name}"
        return Physical(resource.name, {"Arn": arn})
    service = resource.type.split("::")[1].lower() if "::" in resource.type else "custom"
    return Physical(resource.name, _AnyArn(service, resource.name))


def _random_string(rules: Document) -> str:
    """Secrets Manager's GenerateSecretString, as far as the template uses it."""
    known = {"PasswordLength", "ExcludePunctuation"}
    if set(rules) - known:
        raise TemplateError(f"GenerateSecretString: only {sorted(known)} are known here")
    alphabet = string.ascii_letters + string.digits
    if not rules.get("ExcludePunctuation"):
        alphabet += string.punctuation
    return "".join(secrets.choice(alphabet) for _ in range(int(rules.get("PasswordLength", 32))))
