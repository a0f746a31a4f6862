"""Serves events with a built function, and reports the processor time of each in milliseconds.

Reads events as lines of JSON. Run by `bench.against` with the function and the layers on the path.
"""

import json
import sys
import time

import app  # type: ignore[import-not-found]

for line in sys.stdin:
    event = json.loads(line)
    started = time.process_time()
    answer = app.handler(event, None)
    taken = (time.process_time() - started) * 1000
    if answer.get("statusCode", 200) >= 300:
        sys.exit(str(answer))
    print(taken, flush=True)
