"""Lets in who has the key `good-...`; the rest of the key says how odd the answer is."""

from typing import Any

asked: list[str] = []


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    key = next(v for k, v in event["headers"].items() if k.lower() == "x-api-key")
    asked.append(key)
    if key == "raises":
        raise ValueError(key)
    if key == "raises-unauthorized":
        raise Exception("Unauthorized")  # noqa: TRY002 - as the docs of API Gateway say it
    if key == "malformed":
        return {"principalId": "x"}
    stage = "/".join(event["methodArn"].split("/")[:2])
    return {
        "principalId": "someone",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": "execute-api:Invoke",
                    "Effect": "Allow" if key.startswith("good") else "Deny",
                    "Resource": f"{stage}/*",
                }
            ],
        },
        "context": {"why": "bad key", "number": 7, "yes": True},
        "usageIdentifierKey": "unknown" if key == "good-unknown" else "shared-key-of-20-letters",
    }
