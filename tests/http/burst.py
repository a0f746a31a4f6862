"""Sends the given requests concurrently, and prints the responses: one process of a crowd.

python burst.py URL KEY < [{"method", "path", "body", "headers"}, ...]
"""

import http.client
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit


def send(url: str, key: str, request: dict[str, Any]) -> tuple[int, str]:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=180)
    body = json.dumps(request["body"]) if request.get("body") is not None else ""
    headers = {"X-API-Key": key, "Content-Type": "application/json", **request.get("headers", {})}
    connection.request(request["method"], request["path"], body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def main() -> None:
    url, key = sys.argv[1:]
    requests = json.load(sys.stdin)
    with ThreadPoolExecutor(len(requests)) as crowd:
        answers = crowd.map(lambda request: send(url, key, request), requests)
        sys.stdout.write(json.dumps(list(answers)))


if __name__ == "__main__":
    main()
