"""Emits, follows and reads events with the real client; says as JSON lines what it sent and what it got."""

import asyncio
import datetime
import json
import sys
import uuid

from prefect.client.orchestration import get_client
from prefect.events import emit_event
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.worker import EventsWorker

FLOW_RUN = sys.argv[1]
TASK_RUN = sys.argv[2]
PREFIX = sys.argv[3]
PATIENCE = 30
NOW = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=50)


def say(what, value):
    print(json.dumps({what: value}), flush=True)


def at(seconds):
    return NOW + datetime.timedelta(seconds=seconds)


def flow_run(**labels):
    known = {"prefect.resource.id": f"prefect.flow-run.{FLOW_RUN}", "prefect.resource.name": "brave-otter"}
    return {**known, **labels}


def emit_all():
    flow = {"prefect.resource.id": f"prefect.flow.{uuid.uuid4()}", "prefect.resource.role": "flow"}
    run = {**flow_run(), "prefect.resource.role": "flow-run"}
    task = {"prefect.resource.id": f"prefect.task-run.{TASK_RUN}", "prefect.resource.name": "align-0"}
    first = emit_event(f"{PREFIX}.began", {"prefect.resource.id": "exec.1", "b": "2", "a": "1"}, occurred=at(0))
    yield first
    # Beyond five minutes the client does not say what an event follows.
    near, far = at(0) - datetime.timedelta(minutes=4, seconds=59), at(0) - datetime.timedelta(minutes=5)
    yield emit_event(f"{PREFIX}.near", {"prefect.resource.id": "exec.1"}, occurred=near, follows=first)
    yield emit_event(f"{PREFIX}.far", {"prefect.resource.id": "exec.1"}, occurred=far, follows=first)
    yield emit_event(
        f"{PREFIX}.rich",
        {"prefect.resource.id": "model.7", "prefect.resource.name": "模型"},
        occurred=at(1),
        related=[flow, run, {"prefect.resource.id": "u.1", "prefect.resource.role": "actor", "team": "x"}],
        payload={"big": 12345678901234567890123, "one": 1.0, "text": "é ## \"", "deep": [{"a": None}, True]},
    )
    for number, (state, kind) in enumerate(
        [("Pending", "PENDING"), ("Running", "RUNNING"), ("Completed", "COMPLETED")]
    ):
        labels = {"prefect.state-name": state, "prefect.state-type": kind}
        name = f"prefect.flow-run.{state}"
        yield emit_event(name, flow_run(**labels), occurred=at(2 + number), related=[flow])
    labels = {"prefect.state-type": "FAILED", "prefect.state-message": "no reads left"}
    yield emit_event("prefect.task-run.Failed", {**task, **labels}, occurred=at(3.5), related=[run])


async def follow(number):
    wanted = EventFilter(event=EventNameFilter(prefix=[f"{PREFIX}.", "prefect."]))
    got = []
    async with get_events_subscriber(filter=wanted) as subscriber:
        live = emit_event(f"{PREFIX}.live", {"prefect.resource.id": "exec.1"})
        await asyncio.to_thread(EventsWorker.instance().drain)
        say("live", live.model_dump(mode="json"))
        while len(got) < number:
            got.append((await asyncio.wait_for(anext(subscriber), PATIENCE)).model_dump(mode="json"))
    return got


async def read():
    wanted = EventFilter(event=EventNameFilter(prefix=[f"{PREFIX}.", "prefect."]))
    wanted.occurred.since = at(-3600)
    got, pages = [], 0
    async with get_client() as client:
        page = await client.read_events(filter=wanted, limit=3)
        while page is not None:
            got += [event.model_dump(mode="json") for event in page.events]
            pages += 1
            page = await page.get_next_page(client)
    say("pages", pages)
    return got


async def main():
    sent = [event.model_dump(mode="json") for event in emit_all()]
    await asyncio.to_thread(EventsWorker.instance().drain)
    say("sent", sent)
    say("read", await read())
    # Two of them are older than a subscriber asks for, one is told while it follows.
    say("followed", await follow(len(sent) - 2 + 1))
    async with get_client() as client:
        say("whole", (await client.read_events()).total)


asyncio.run(main())
