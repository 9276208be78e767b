"""Emits many events with the real client, and says their ids when it has let go of all."""

import json
import sys

from prefect.events import emit_event
from prefect.events.worker import EventsWorker

ids = []
for number in range(int(sys.argv[1])):
    resource = {"prefect.resource.id": f"flood.{number % 7}"}
    ids.append(str(emit_event("flood.drop", resource, payload={"number": number}).id))
EventsWorker.instance().drain()
print(json.dumps(ids))
