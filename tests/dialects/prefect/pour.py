"""Emits many events with the real client: says when it begins, and ends when it has let go of all.

    pour.py <how many> <the beginning of their names>
"""

import json
import sys

from prefect.events import emit_event
from prefect.events.worker import EventsWorker

number, prefix = int(sys.argv[1]), sys.argv[2]
# The first one connects.
emit_event(f"{prefix}.first", {"prefect.resource.id": "bench.first"})
EventsWorker.instance().wait_until_empty()
print(json.dumps({"began": number}), flush=True)
for count in range(number):
    emit_event(f"{prefix}.poured", {"prefect.resource.id": f"bench.{count % 100}"}, payload={"number": count})
EventsWorker.instance().drain()
