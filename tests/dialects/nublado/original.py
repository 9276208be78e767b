"""The events of argv[1] (JSON: [[type, message, progress], ...]) as the original sends them: sse-starlette behind
uvicorn. Says on which port; a ping comes every argv[2] seconds, the end after argv[3]."""

import asyncio
import json
import socket
import sys

import uvicorn
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.routing import Route

EVENTS = json.loads(sys.argv[1])
PING, END = int(sys.argv[2]), float(sys.argv[3])


def to_sse(kind: str, message: str, progress: int | None) -> ServerSentEvent:
    data: dict[str, str | int] = {"message": message}
    if progress:
        data["progress"] = progress
    return ServerSentEvent(data=json.dumps(data), event=kind)


async def events(_):
    async def generate():
        for event in EVENTS:
            yield to_sse(*event)
        await asyncio.sleep(END)

    return EventSourceResponse(generate(), ping=PING)


async def main() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    app = Starlette(routes=[Route("/nublado/spawner/v1/labs/{username}/events", events)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    await server.serve(sockets=[listening])


asyncio.run(main())
