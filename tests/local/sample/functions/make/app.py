"""A custom resource: answers with what it was given, or does not answer."""

import json
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

asked: list[dict[str, Any]] = []
status = ["SUCCESS"]


def handler(event: dict[str, Any], context: object) -> None:
    asked.append(event)
    if not status[0]:
        return
    response = {
        "Status": status[0],
        "Reason": "because",
        "PhysicalResourceId": "made-1",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Data": {"Number": event["ResourceProperties"]["Number"]},
    }
    url = urlsplit(event["ResponseURL"])
    connection = HTTPConnection(str(url.hostname), url.port, timeout=60)
    connection.request("PUT", url.path, json.dumps(response))
    connection.getresponse().read()
    connection.close()
