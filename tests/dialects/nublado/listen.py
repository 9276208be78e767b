"""The client of the original: httpx and httpx-sse, as its spawner uses them. Listens at argv[1] as argv[2] with the
token argv[3], and prints each event on a line; the last line says how it ended."""

import json
import sys

import httpx
from httpx_sse import connect_sse

url, _, token = sys.argv[1:4]
headers = {"Authorization": f"Bearer {token}"}
end = {"end": "eof"}
with httpx.Client(timeout=60) as client:
    try:
        with connect_sse(client, "GET", url, headers=headers) as source:
            if source.response.status_code != 200:
                source.response.read()
                print(json.dumps({"status": source.response.status_code, "body": source.response.json()}))
                sys.exit()
            for sse in source.iter_sse():
                one = {"event": sse.event, "data": sse.data, "id": sse.id, "retry": sse.retry}
                print(json.dumps(one), flush=True)
    except httpx.HTTPError as error:
        end = {"end": type(error).__name__}
print(json.dumps(end))
