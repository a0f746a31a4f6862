"""Sends many creates at once and prints the answers: one process of a crowd.

python burst.py URL KEY FIRST COUNT [IDEMPOTENCY_KEY]
"""

import base64
import http.client
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit


def create(url: str, key: str, number: int, once: str) -> tuple[int, str]:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=180)
    data = base64.b64encode(b"contents of one file").decode()
    body = {
        "name": "Crowd",
        "email": "Crowd@Example.org",
        "subject": "All at once" if once else f"All at once {number}",
        "message": "Everybody writes.",
        "attachments": [{"a.txt": f"data:text/plain;base64,{data}"}],
    }
    headers = {"X-API-Key": key} | ({"Idempotency-Key": once} if once else {})
    connection.request("POST", "/api/tickets.json", json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def main() -> None:
    url, key, first, count, *once = sys.argv[1:]
    numbers = range(int(first), int(first) + int(count))
    with ThreadPoolExecutor(int(count)) as crowd:
        answers = crowd.map(lambda number: create(url, key, number, "".join(once)), numbers)
        sys.stdout.write(json.dumps(list(answers)))


if __name__ == "__main__":
    main()
