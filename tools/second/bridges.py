"""Adds what the second cloud lacks: all bridges are in this file, each with its reason.

    .venv-second/bin/python tools/second/bridges.py

runs the emulator (ministack) in this process, patched with the bridges. It is a separate program in
a separate environment: nothing here imports the desk. Settings are the emulator's variables, and
`SECOND_DECISIONS`, the file for IAM's decisions.

A bridge that is no longer needed fails when it is installed, with a message that names it.
"""

from __future__ import annotations

import io
import json
import os
import string
import sys
import tempfile
import zipfile
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from email.utils import getaddresses, parseaddr
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

if TYPE_CHECKING:
    from local.aws.clients import Clients
    from local.mail.smtp import SmtpListener

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Enforce = Callable[..., Any]
"""Evaluates an IAM request; returns None if it is allowed."""
Made = tuple[str, dict[str, Any]]
"""The values for Ref and for GetAtt."""
Create = Callable[[str, dict[str, Any], str], Made]
"""Creates a resource from its logical id, its properties and the stack's name."""

DESK = "localhost"
"""The host that serves the desk's custom domain; AWS itself is 127.0.0.1."""

NAMES_ONLY = (
    # The emulator supports none of these. Rules of SES and of a domain are stored as deployed, and
    # applied below; a WAF association has no effect, since nothing is blocked here.
    "AWS::ApiGatewayV2::RoutingRule",
    "AWS::SES::ReceiptRule",
    "AWS::SES::ReceiptRuleSet",
    "AWS::WAFv2::WebACLAssociation",
)

_kept: dict[str, list[dict[str, Any]]] = {kind: [] for kind in NAMES_ONLY}


def _replace(module: ModuleType, name: str, put: Callable[[Any], Any]) -> None:
    """Replaces a function; `put` receives the original.

    Raises:
        SystemExit: there is no such function: the emulator is a new version, so review the bridges.
    """
    was = getattr(module, name, None)
    if was is None:
        sys.exit(f"The bridge over {module.__name__}.{name} leads nowhere: another ministack?")
    setattr(module, name, put(was))


# --- CloudFormation -------------------------------------------------------------------------


def keep_unknown_types() -> None:
    """Resource types that the emulator rejects: stores their properties by name."""
    from ministack.services import ses  # noqa: PLC0415

    def create(kind: str) -> Create:
        def made(logical: str, properties: dict[str, Any], stack: str) -> Made:
            _kept[kind].append(properties)
            physical = f"{stack}-{logical}"
            if kind == "AWS::SES::ReceiptRuleSet":  # the emulator has its API, which set-up calls
                ses._create_receipt_rule_set({"RuleSetName": [physical]})  # noqa: SLF001
            return physical, {}

        return made

    handlers = _handlers()
    for kind in NAMES_ONLY:
        if kind in handlers:
            sys.exit(f"The emulator knows {kind} by now: its bridge can go.")
        handlers[kind] = {
            "create": create(kind),
            "delete": lambda _physical, _properties: None,
        }


def make_as_cloudformation_does() -> None:
    """Resources that the emulator creates differently from CloudFormation, or incompletely."""
    handlers = _handlers()
    for kind, put in (
        ("AWS::CloudWatch::Alarm", _alarm),
        ("AWS::Lambda::EventSourceMapping", _mapping),
        ("AWS::SecretsManager::Secret", _secret),
        ("AWS::SES::EmailIdentity", _identity),
    ):
        handlers[kind] = {**handlers[kind], "create": put(handlers[kind]["create"])}


def _alarm(create: Create) -> Create:
    def made(logical: str, properties: dict[str, Any], stack: str) -> Made:
        # Metric math is rejected. No alarm goes off here, so any metric will do.
        if "Metrics" in properties:
            plain = {name: value for name, value in properties.items() if name != "Metrics"}
            metric = {"MetricName": "Math", "Namespace": stack, "Statistic": "Sum", "Period": 60}
            properties = {**plain, **metric}
        return create(logical, properties, stack)

    return made


def _mapping(create: Create) -> Create:
    def made(logical: str, properties: dict[str, Any], stack: str) -> Made:
        # A parameter of type Number remains a string, which the poller cannot compare.
        scaling = properties.get("ScalingConfig", {})
        numbers = {name: int(value) for name, value in scaling.items()}
        return create(logical, {**properties, "ScalingConfig": numbers}, stack)

    return made


def _secret(create: Create) -> Create:
    def made(logical: str, properties: dict[str, Any], stack: str) -> Made:
        # ExcludePunctuation is ignored; ExcludeCharacters is not.
        drawn = properties.get("GenerateSecretString", {})
        if drawn.get("ExcludePunctuation"):
            drawn = {**drawn, "ExcludeCharacters": string.punctuation}
        name, attributes = create(logical, {**properties, "GenerateSecretString": drawn}, stack)
        if name.startswith("arn:"):
            sys.exit("Ref of a secret is its ARN by now: its bridge can go.")
        return attributes["Id"], attributes  # Ref is the ARN

    return made


def _identity(create: Create) -> Create:
    def made(logical: str, properties: dict[str, Any], stack: str) -> Made:
        # GetAtt lacks the DKIM records, which are stack outputs.
        domain, attributes = create(logical, properties, stack)
        for number in range(1, 4):
            attributes[f"DkimDNSTokenName{number}"] = f"{number}._domainkey.{domain}"
            attributes[f"DkimDNSTokenValue{number}"] = f"{number}.dkim.amazonses.com"
        return domain, attributes

    return made


def _handlers() -> dict[str, dict[str, Any]]:
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    found: dict[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS  # noqa: SLF001
    return found


# --- IAM ------------------------------------------------------------------------------------

_SINGLE = {
    # A batch call needs the permission of its single call (SQS developer guide, "API permissions");
    # the emulator checks one with the batch call's own name.
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}

_sending: ContextVar[dict[str, Any]] = ContextVar("_sending")
"""The body of the SES call that is being authorized."""


def enforce_as_aws_does() -> None:
    """Corrects IAM checks that differ from AWS's, and records each decision about a role once: the
    emulator returns denials but does not store them.
    """
    from ministack.core import iam_evaluator  # noqa: PLC0415

    seen: set[str] = set()
    file = open(os.environ["SECOND_DECISIONS"], "a", encoding="utf-8")  # noqa: PTH123, SIM115

    def wrap(enforce: Enforce) -> Enforce:
        def enforced(key: str, action: str, service: str, region: str, **rest: Any) -> Any:
            action = _SINGLE.get(action, action)
            verdict = None
            for asked in _asked_of_ses(region, rest) if action == "ses:SendEmail" else [rest]:
                verdict = enforce(key, action, service, region, **asked)
                note(key, action, asked.get("resource_arn", "*"), allowed=verdict is None)
                if verdict is not None:
                    break
            return verdict

        return enforced

    def note(key: str, action: str, resource: str, *, allowed: bool) -> None:
        caller = iam_evaluator.resolve_principal(key or "", _account())
        if getattr(caller, "policies", None) is None:  # root, which deploys, or an anonymous caller
            return
        line = json.dumps(
            {"role": caller.arn, "action": action, "resource": resource, "allowed": allowed}
        )
        if line not in seen:
            seen.add(line)
            print(line, file=file, flush=True)

    _replace(iam_evaluator, "enforce", wrap)


def _asked_of_ses(region: str, rest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The emulator checks SendEmail on "*", without a condition key. AWS checks the identity and
    the configuration set, with the sender's address (service authorization reference, SES v2).
    """
    mail = _sending.get()
    sender = mail["FromEmailAddress"]
    domain = parseaddr(sender)[1].rpartition("@")[2]
    place = f"arn:aws:ses:{region}:{_account()}"
    for resource in (
        f"{place}:identity/{domain}",
        f"{place}:configuration-set/{mail['ConfigurationSetName']}",
    ):
        context = {"ses:FromAddress": parseaddr(sender)[1]}
        yield {**rest, "resource_arn": resource, "service_context": context}


def keep_what_ses_is_asked() -> None:
    """Keeps the body of a call to SES, for the check above."""
    from ministack import app  # noqa: PLC0415 - loaded no earlier than the application

    def wrap(enforce: Callable[..., Any]) -> Callable[..., Any]:
        def enforced(method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Any:
            if method == "POST" and path.endswith("/outbound-emails"):
                _sending.set(json.loads(body))
            return enforce(method, path, headers, body, *rest)

        return enforced

    _replace(app, "_enforce_ses_v2", wrap)


def _account() -> str:
    from ministack.core.responses import get_account_id  # noqa: PLC0415

    return str(get_account_id())


# --- S3 -------------------------------------------------------------------------------------


def hide_absent_objects() -> None:
    """S3 answers 403, not 404, for an absent object to a caller who may not list the bucket (S3 API
    reference, GetObject and HeadObject); the emulator always answers 404.
    """
    from ministack.core import iam_evaluator  # noqa: PLC0415
    from ministack.core.router import extract_access_key_id, extract_region  # noqa: PLC0415
    from ministack.services import s3  # noqa: PLC0415

    def wrap(handle: Callable[..., Any]) -> Callable[..., Any]:
        ask = iam_evaluator.enforce  # not recorded as a decision: nobody requested a listing

        async def handled(
            method: str, path: str, headers: Any, body: Any, query: Any, **rest: Any
        ) -> Any:
            answer = await handle(method, path, headers, body, query, **rest)
            if answer[0] != 404 or b"NoSuchBucket" in bytes(answer[2] or b""):
                return answer
            source = headers.get("x-amz-copy-source", path).lstrip("/")
            bucket, _, key = source.partition("/")
            if not key:
                return answer
            verdict = ask(
                extract_access_key_id(headers, query),
                "s3:ListBucket",
                "s3",
                extract_region(headers, query),
                resource_arn=f"arn:aws:s3:::{bucket}",
            )
            if verdict is None:
                return answer
            denied = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            return 403, {"Content-Type": "application/xml"}, b"" if method == "HEAD" else denied

        return handled

    _replace(s3, "handle_request", wrap)


# --- API Gateway ----------------------------------------------------------------------------


def know_the_callers_address() -> None:
    """Supports `context.identity.sourceIp` as an identity source: the emulator supports none of
    `context.*`, and never calls an authorizer with a missing source.
    """
    from ministack.services import apigateway_v1  # noqa: PLC0415

    def wrap(read: Callable[..., Any]) -> Callable[..., Any]:
        def sources(named: str, *rest: Any) -> Any:
            known = [one for one in named.split(",") if "context.identity.sourceIp" not in one]
            return read(",".join(known), *rest)

        return sources

    _replace(apigateway_v1, "_request_identity_sources", wrap)


def leave_keys_to_the_authorizer() -> None:
    """The emulator does not support `ApiKeySourceType: AUTHORIZER`: it would look up the caller's
    X-API-Key as a gateway key. So usage plans and their throttles are not tested here.
    """
    from ministack.services import apigateway_v1  # noqa: PLC0415

    _replace(apigateway_v1, "_check_api_key", lambda _: lambda *_arguments: (None, None))


def word_refusals() -> None:
    """Applies `x-amazon-apigateway-gateway-responses`: imports drop them, though the emulator has
    their API. A revoked key is ACCESS_DENIED, for which the desk's response is 401.
    """
    from ministack.services import apigateway_v1  # noqa: PLC0415

    def wrap(read: Callable[..., str]) -> Callable[..., str]:
        def imported(body: dict[str, Any], *rest: Any) -> str:
            api = read(body, *rest)
            responses = body.get("x-amazon-apigateway-gateway-responses", {})
            for kind, response in responses.items():
                parameters = response.get("responseParameters", {})
                said = {
                    **response,
                    "responseParameters": {
                        name: value for name, value in parameters.items() if value is not None
                    },
                }
                status, _, answer = apigateway_v1._put_gateway_response(api, kind, said)  # noqa: SLF001
                if status >= 300:
                    sys.exit(f"The emulator takes no gateway response {kind}: {answer!r}")
            return api

        return imported

    _replace(apigateway_v1, "_import_rest_api", wrap)


def flush_verdicts() -> None:
    """Adds FlushStageAuthorizersCache, which makes the revocation of a key effective at once."""
    from ministack.services import apigateway_v1  # noqa: PLC0415

    def wrap(handle: Callable[..., Any]) -> Callable[..., Any]:
        async def handled(method: str, path: str, *rest: Any) -> Any:
            if method == "DELETE" and path.endswith("/cache/authorizers"):
                apigateway_v1._authorizer_cache.clear()  # noqa: SLF001
                return 202, {}, b""
            return await handle(method, path, *rest)

        return handled

    _replace(apigateway_v1, "handle_request", wrap)


def serve_the_domain(aws: Application) -> Application:
    """Serves the custom domain, which the emulator does not route, by the deployed routing rules in
    order of priority. Also serves the mails sent, which the documents request from `make run`.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await aws(scope, receive, send)
            return
        # Treat loopback as TLS, which the bucket's policy requires (aws:SecureTransport).
        scope["scheme"] = "https"
        host = dict(scope["headers"]).get(b"host", b"").decode()
        if host.partition(":")[0] == DESK:
            path = scope["path"]
            if path == "/local/mail":
                await _answer(send, mails())
                return
            if path == "/local/rules":
                await _answer(send, _kept["AWS::SES::ReceiptRule"])
                return
            prefix = _base(path)
            scope["path"] = prefix + path
            scope["raw_path"] = prefix.encode() + scope.get("raw_path", path.encode())
        await aws(scope, receive, send)

    return application


def _base(path: str) -> str:
    """The emulator's base path of the API whose rule matches this path."""
    rules = sorted(_kept["AWS::ApiGatewayV2::RoutingRule"], key=lambda rule: int(rule["Priority"]))
    for rule in rules:
        bases = [
            base
            for condition in rule["Conditions"]
            for base in condition["MatchBasePaths"]["AnyOf"]
        ]
        if not bases or any(f"{path}/".startswith(f"/{base}/") for base in bases):
            to = rule["Actions"][0]["InvokeApi"]
            return f"/_aws/execute-api/{to['ApiId']}/{to['Stage']}"
    return ""


async def _answer(send: Send, value: object) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(value).encode()})


# --- SES ------------------------------------------------------------------------------------


def mails() -> list[dict[str, str]]:
    """The mails passed to SES, oldest first, in the format of `make run`'s /local/mail."""
    from ministack.services import ses  # noqa: PLC0415

    found = []
    for entries in ses._sent_emails.to_dict().values():  # noqa: SLF001
        found += [_mail(entry) for entry in entries if isinstance(entry, Mapping)]
    return found


@contextmanager
def receipt_rules(url: str, clients: Clients, functions: Any) -> Iterator[SmtpListener]:
    """Receives mail, which the emulator's SES cannot, by the deployed rule as `make run` does: puts
    the mail into the bucket, then invokes the function. Runs in the process that tests the desk,
    not in the emulator's.

    Args:
        url: the desk's address.
        clients: clients of AWS, for the bucket.
        functions: a Lambda client.
    """
    from local.mail.smtp import SmtpListener  # noqa: PLC0415 - the emulator's environment has none
    from local.serving import listen  # noqa: PLC0415 - the same

    with urlopen(f"{url}/local/rules", timeout=10) as answer:  # noqa: S310 - loopback
        rules = json.load(answer)

    def deliver(name: str, event: object) -> None:
        payload = json.dumps(event).encode()
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=payload)

    template: Any = _Rules(rules)
    listener = SmtpListener(
        template, template, clients, deliver, listen("127.0.0.1", 0), nullcontext()
    )
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


class _Rules:
    """The deployed rules, with the interface of the template that the listener expects."""

    def __init__(self, rules: list[dict[str, Any]]) -> None:
        self._rules = rules

    def of_type(self, *_types: str) -> list[dict[str, Any]]:
        """The rules."""
        return self._rules

    def properties(self, rule: dict[str, Any]) -> dict[str, Any]:
        """A rule's properties, as CloudFormation resolved them."""
        return rule


def _mail(entry: Mapping[str, Any]) -> dict[str, str]:
    to = ", ".join(address for _, address in getaddresses(entry["To"]))
    return {"to": to, "subject": entry["Subject"]}


# --- Lambda ---------------------------------------------------------------------------------


def unpack_layers_once() -> None:
    """Unpacks layers once. The emulator does it for each environment of a function: 30 MB in 1,800
    files, most of a cold start. Each environment gets a path entry for the unpacked layers instead,
    first in the path as the layer would be.
    """
    from ministack.services import lambda_svc  # noqa: PLC0415

    lines: dict[str, bytes] = {}

    def wrap(read: Callable[[Any], bytes | None]) -> Callable[[Any], bytes | None]:
        def line(layer: Any) -> bytes | None:
            name = json.dumps(layer, sort_keys=True)
            if name not in lines:
                packed = read(layer)
                if packed is None:
                    return None
                folder = tempfile.mkdtemp(prefix="layer-")
                with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                    archive.extractall(folder)
                made = io.BytesIO()
                with zipfile.ZipFile(made, "w") as archive:
                    archive.writestr(
                        f"python/lib/python{sys.version_info[0]}.{sys.version_info[1]}"
                        "/site-packages/layer.pth",
                        f"import sys; sys.path.insert(0, {folder + '/python'!r})\n",
                    )
                lines[name] = made.getvalue()
            return lines[name]

        return line

    _replace(lambda_svc, "_resolve_layer_zip", wrap)


# --- all of it ------------------------------------------------------------------------------


def main() -> None:
    """Installs the bridges, and serves until it is stopped."""
    hide_absent_objects()  # first: it uses IAM's unpatched evaluation
    enforce_as_aws_does()
    keep_unknown_types()
    make_as_cloudformation_does()
    know_the_callers_address()
    leave_keys_to_the_authorizer()
    word_refusals()
    flush_verdicts()
    unpack_layers_once()
    keep_what_ses_is_asked()
    from ministack import app  # noqa: PLC0415 - imports the replaced functions

    app.app = serve_the_domain(app.app)
    app.main()


if __name__ == "__main__":
    main()
